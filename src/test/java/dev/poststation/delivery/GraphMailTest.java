package dev.poststation.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.HeaderAddresses;
import dev.poststation.message.HeaderFields;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// A mail goes to whom its envelope names, though Graph looks at the header alone.
class GraphMailTest {
  private static GraphMail of(String mail, String... recipients) {
    return GraphMail.of(
        mail.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8),
        Arrays.stream(recipients).map(Sample::address).toList());
  }

  private static String text(GraphMail mail) {
    return new String(mail.octets(), StandardCharsets.UTF_8).replace("\r\n", "\n");
  }

  /// To whom Graph would send it.
  private static Set<String> reached(GraphMail mail) {
    Set<String> reached = new TreeSet<>();
    for (var field : HeaderFields.of(mail.octets(), true).fields()) {
      if (Set.of("to", "cc", "bcc").contains(field.name())) {
        String value =
            new String(
                mail.octets(),
                field.value(),
                field.end() - field.value(),
                StandardCharsets.ISO_8859_1);
        HeaderAddresses.mailboxes(value)
            .orElseThrow()
            .forEach(each -> reached.add(each.address().toString().toLowerCase(Locale.ROOT)));
      }
    }
    return reached;
  }

  @Test
  void oneWhoseHeaderNamesAllAndNobodyElseStaysAsItIs() {
    String mail = "To: Bob <Bob@x.example>\nCc: c@x.example\nSubject: a\n\nTo: b\n";
    var made = of(mail, "bob@X.example", "c@x.example");
    assertThat(text(made)).isEqualTo(mail);
    assertThat(made.notes()).isEmpty();
  }

  @Test
  void whoIsNotNamedGetsABlindCopy() {
    var made = of("To: a@x.example\nSubject: s\n\nbody\n", "a@x.example", "b@y.example");
    assertThat(text(made)).isEqualTo("To: a@x.example\nSubject: s\nBcc: <b@y.example>\n\nbody\n");
    assertThat(reached(made)).containsExactly("a@x.example", "b@y.example");
    assertThat(made.notes()).singleElement().asString().startsWith("1 recipient is not named");
  }

  @Test
  void whoIsNamedAndIsNoRecipientGetsNothing() {
    var made =
        of("To: list@x.example,\n  a@x.example\nCc: Boss <boss@x.example>\n\nb\n", "a@x.example");
    assertThat(reached(made)).containsExactly("a@x.example");
    assertThat(text(made))
        .isEqualTo(
            "X-Original-To: list@x.example,\n  a@x.example\nTo: <a@x.example>\n"
                + "X-Original-Cc: Boss <boss@x.example>\n\nb\n");
    assertThat(made.notes()).hasSize(2);
  }

  @Test
  void aBlindCopyThatAProgramLeftInTheHeaderReachesNobodyElse() {
    var made = of("Bcc: secret@x.example\nTo: a@x.example\n\nb\n", "a@x.example");
    assertThat(text(made)).isEqualTo("To: a@x.example\n\nb\n");
  }

  @Test
  void aFieldThatNobodyUnderstandsNamesNobody() {
    var made = of("To: undisclosed-recipients:;\nCc: <<>\n\nb\n", "a@x.example");
    assertThat(reached(made)).containsExactly("a@x.example");
    assertThat(text(made)).contains("X-Original-To: undisclosed", "X-Original-Cc: <<>");
  }

  @Test
  void aMailWithoutAHeaderHasOneThen() {
    assertThat(text(of("\nb\n", "a@x.example"))).isEqualTo("Bcc: <a@x.example>\n\nb\n");
  }

  /// Whoever reads more kindly than we do would find recipients behind it.
  @Test
  void aLineThatIsNoFieldEndsTheHeaderForWhoeverReadsIt() {
    var made =
        of("To: a@x.example\nSubject: s\ngarbage\nTo: victim@y.example\n\nb\n", "a@x.example");
    assertThat(text(made))
        .isEqualTo("To: a@x.example\nSubject: s\n\ngarbage\nTo: victim@y.example\n\nb\n");
    assertThat(made.notes()).singleElement().asString().contains("empty line");
  }

  @Test
  void aBareLineEndInTheHeaderHidesNoRecipient() {
    var made = of("To: a@x.example\nSubject: s\rCc: victim@y.example\n\nb\rc\n", "a@x.example");
    assertThat(text(made))
        .isEqualTo("To: a@x.example\nSubject: s\nX-Original-Cc: victim@y.example\n\nb\rc\n");
  }

  @Test
  void aMailThatBeginsWithNoFieldGetsAHeaderThatEnds() {
    var folded = of(" folded\nCc: victim@y.example\n\nb\n", "a@x.example");
    assertThat(text(folded))
        .isEqualTo("Bcc: <a@x.example>\n\n folded\nCc: victim@y.example\n\nb\n");
    var garbage = of("garbage\nBcc: victim@y.example\n", "a@x.example");
    assertThat(text(garbage)).isEqualTo("Bcc: <a@x.example>\n\ngarbage\nBcc: victim@y.example\n");
  }

  @Test
  void aBlindCopyStandsInALineOfItsOwnAlsoWhereTheLastFieldHasNoEnd() {
    assertThat(text(of("To: a@x.example\nSubject: s", "a@x.example", "b@y.example")))
        .isEqualTo("To: a@x.example\nSubject: s\nBcc: <b@y.example>\n\n");
    assertThat(text(of("Subject: s\nTo: other@x.example", "a@x.example")))
        .isEqualTo("Subject: s\nX-Original-To: other@x.example\nBcc: <a@x.example>\n\n");
  }
}
