package dev.poststation.content;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.Octets;
import dev.poststation.os.Os;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ListUnsubscribingTest {
  private static final String SECRET = "0123456789abcdef";
  private static final String BOTH =
      "url = \"https://www.example.com/u/{token}?x=1\", mailto = \"stop+me@example.com\"";

  private static MadeUpServices bench(String more) {
    return new MadeUpServices(
        "{ use = list-unsubscribe, secrets = [\"env:SECRET\", \"env:OTHER\"], " + more + " }");
  }

  private static Message mail(String header) throws IOException {
    var octets = Octets.of((header + "\r\nBody\r\n").getBytes(US_ASCII));
    return Message.of("Received: x\r\n".getBytes(US_ASCII), octets, 10_000);
  }

  private static String header(Variant variant) {
    return new String(variant.message().header(), US_ASCII);
  }

  private static UnsubscribeToken token(Variant variant) {
    var found = Pattern.compile("/u/([A-Za-z0-9_-]+)\\?x=1").matcher(header(variant));
    assertThat(found.find()).as(header(variant)).isTrue();
    return UnsubscribeToken.read(found.group(1), SECRET).orElseThrow();
  }

  @Test
  void aMailWithoutItGetsOneFieldWithBothWaysAndTheOneForOneClick() throws IOException {
    String header = header(bench(BOTH).one(mail("Subject: s\r\n")));
    assertThat(header)
        .matches(
            "List-Unsubscribe: <https://www\\.example\\.com/u/([A-Za-z0-9_-]+)\\?x=1>,\r\n"
                + "\t<mailto:stop\\+me@example\\.com\\?subject=unsubscribe%20\\1>\r\n"
                + "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
                + "Received: x\r\nSubject: s\r\n");
    assertThat(header.lines()).allMatch(line -> line.length() < 998);
    assertThat(header(bench("mailto = \"a@example.com\"").one(mail("A: 1\r\n"))))
        .matches("List-Unsubscribe: <mailto:a@example\\.com\\?[^\r]*>\r\nReceived: x\r\nA: 1\r\n");
  }

  @Test
  void eachRecipientHasAMailAndATokenOfHisOwn() throws IOException {
    var variants = bench(BOTH).passed(mail("A: 1\r\n"), "a@there.test", "b@there.test", "c@x.test");
    assertThat(variants)
        .hasSize(3)
        .allSatisfy(
            variant -> {
              assertThat(variant.recipients()).hasSize(1);
              var token = token(variant);
              assertThat(token.recipient())
                  .isEqualTo(variant.recipients().getFirst().address().toString());
              assertThat(token.sender()).isEqualTo("a@here.test");
              assertThat(variant.notes()).hasSize(1);
            });
  }

  @Test
  void whoIsNotMeantSharesAMailThatHasNone() throws IOException {
    var variants =
        bench(BOTH + ", for { to = [\"there.test\"] }")
            .passed(mail("A: 1\r\n"), "a@x.test", "b@there.test", "c@x.test", "d@there.test");
    assertThat(variants).hasSize(3);
    assertThat(header(variants.getLast())).startsWith("Received: x");
    assertThat(variants.getLast().recipients()).hasSize(2);
  }

  @Test
  void aMailThatHasOneStaysOneMailAsItIs() throws IOException {
    var mail = mail("list-unsubscribe: <mailto:x@y.test>\r\n");
    var variants = bench(BOTH).passed(mail, "a@there.test", "b@there.test");
    assertThat(variants).hasSize(1);
    assertThat(variants.getFirst().message()).isSameAs(mail);
    assertThat(variants.getFirst().notes())
        .singleElement()
        .extracting(Note::reason)
        .isEqualTo("it has List-Unsubscribe already");
  }

  @Test
  void aMailToVeryManyDoesNotBecomeAsMany() throws IOException {
    String[] many =
        IntStream.range(0, ListUnsubscribing.RECIPIENTS_MOST + 1)
            .mapToObj(i -> "r" + i + "@there.test")
            .toArray(String[]::new);
    var variants = bench(BOTH).passed(mail("A: 1\r\n"), many);
    assertThat(variants).hasSize(1);
    assertThat(variants.getFirst().notes().getFirst().reason()).contains("more than 50 recipients");
  }

  @Test
  void aTokenTellsNothingWithoutTheSecretAndCannotBeChanged() {
    var token =
        new UnsubscribeToken(
            "06A1B2C3D4E5F",
            "news@example.com",
            "ü@there.test",
            Instant.ofEpochSecond(1_764_586_000));
    String text = token.text(SECRET, Os.real().chance());
    assertThat(text).matches("[A-Za-z0-9_-]+").doesNotContain("there");
    assertThat(UnsubscribeToken.read(text, SECRET)).contains(token);
    assertThat(token.text(SECRET, Os.real().chance())).as("never the same").isNotEqualTo(text);
    assertThat(UnsubscribeToken.read(text, "fedcba9876543210")).isEmpty();
    // The last character may have bits that mean nothing.
    for (int i = 0; i < text.length() - 1; i++) {
      char other = text.charAt(i) == 'A' ? 'g' : 'A';
      String changed = text.substring(0, i) + other + text.substring(i + 1);
      assertThat(UnsubscribeToken.read(changed, SECRET)).as(changed).isEmpty();
    }
    for (String garbage : List.of("", "A", "####", "AAAA", "A".repeat(40))) {
      assertThat(UnsubscribeToken.read(garbage, SECRET)).as(garbage).isEmpty();
    }
  }
}
