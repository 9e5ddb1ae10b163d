package dev.poststation.delivery;

import static dev.poststation.delivery.Play.brief;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.Envelope;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.BodyType;
import dev.poststation.smtp.DsnNotify;
import dev.poststation.smtp.DsnReturn;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which parameters go with a mail, and what cannot go at all.
class PackingTest {
  private final Play play = new Play();
  private final Sample.Letter letter = new Sample.Letter();

  /// The commands for the letter, as they go over the wire.
  private List<String> commands(String offers) {
    List<String> script = new ArrayList<>(List.of("C: MAIL*", "S: 250 ok"));
    for (int i = 0; i < letter.to.size(); i++) {
      script.add("C: RCPT*");
      script.add("S: 550 no");
    }
    play.open(offers, script.toArray(String[]::new)).send(letter.order());
    return play.peer().said().subList(1, play.peer().said().size());
  }

  private Attempt.Result refused(String offers) {
    var conversation = play.open(offers);
    var result = conversation.send(letter.order());
    assertThat(play.peer().said()).hasSize(1);
    assertThat(result.reusable()).isTrue();
    assertThat(conversation.sent()).isZero();
    return result;
  }

  @Test
  void withoutExtensionsThereAreNoParameters() {
    letter.ret = DsnReturn.HDRS;
    letter.envid = "id";
    letter.notifyOn = Set.of(DsnNotify.NEVER);
    letter.orcpt = "rfc822;x@y";
    letter.body = BodyType.EIGHT_BIT_MIME;
    assertThat(commands(""))
        .containsExactly("MAIL FROM:<alice@example.com>", "RCPT TO:<bob@example.net>");
  }

  @Test
  void allParametersArePassedOnWhereTheyAreKnown() {
    letter.ret = DsnReturn.HDRS;
    letter.envid = "QQ314159";
    letter.notifyOn = Set.of(DsnNotify.DELAY, DsnNotify.SUCCESS);
    letter.orcpt = "rfc822;bob+2Bx@old.example";
    letter.body = BodyType.EIGHT_BIT_MIME;
    letter.content("Subject: x\r\n\r\nü\r\n");
    assertThat(commands("SIZE 0,8BITMIME,DSN,SMTPUTF8"))
        .containsExactly(
            "MAIL FROM:<alice@example.com> SIZE=46 BODY=8BITMIME RET=HDRS ENVID=QQ314159",
            "RCPT TO:<bob@example.net> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;bob+2Bx@old.example");
  }

  /// RFC 6710.
  @Test
  void thePriorityIsPassedOnWhereItIsKnownAndNotTheNormalOne() {
    letter.priority = -4;
    assertThat(commands("MT-PRIORITY MIXER"))
        .startsWith("MAIL FROM:<alice@example.com> MT-PRIORITY=-4");
    assertThat(commands("")).startsWith("MAIL FROM:<alice@example.com>");
    letter.priority = 0;
    assertThat(commands("MT-PRIORITY")).startsWith("MAIL FROM:<alice@example.com>");
  }

  /// RFC 2852 4.1.4.
  @Test
  void whatIsLeftOfTheTimeIsPassedOnAndWithoutThatNothingThatMustComeBack() {
    var at = play.time.now().plusSeconds(90);
    letter.deadline = new Envelope.Deadline(at, true, true);
    assertThat(commands("DELIVERBY 60")).startsWith("MAIL FROM:<alice@example.com> BY=90;RT");
    assertThat(refused("DSN").outcomes().getFirst().text())
        .startsWith("host mx.example[192.0.2.1]:25 does not offer DELIVERBY");
    letter.deadline = new Envelope.Deadline(at, false, false);
    assertThat(commands("DSN"))
        .containsExactly(
            "MAIL FROM:<alice@example.com>",
            "RCPT TO:<bob@example.net> NOTIFY=FAILURE,DELAY ORCPT=rfc822;bob@example.net");
  }

  @Test
  void aMissingOriginalRecipientIsMadeFromTheAddress() {
    letter.to("a+b=c@example.net", "Postmaster");
    assertThat(commands("DSN"))
        .containsExactly(
            "MAIL FROM:<alice@example.com>",
            "RCPT TO:<a+b=c@example.net> ORCPT=rfc822;a+2Bb+3Dc@example.net",
            "RCPT TO:<Postmaster> ORCPT=rfc822;Postmaster");
  }

  @Test
  void theNullReversePathIsEmpty() {
    letter.from = Address.NULL;
    assertThat(commands("")).startsWith("MAIL FROM:<>");
  }

  @Test
  void eightBitIsDeclaredOnlyWhenItIsThere() {
    letter.body = BodyType.EIGHT_BIT_MIME;
    assertThat(commands("8BITMIME")).startsWith("MAIL FROM:<alice@example.com>");
    letter.body = BodyType.SEVEN_BIT;
    letter.content("\r\nä\r\n");
    assertThat(commands("8BITMIME")).startsWith("MAIL FROM:<alice@example.com> BODY=8BITMIME");
  }

  @Test
  void aMailThatIsTooLargeBouncesUnsent() {
    assertThat(brief(refused("SIZE 56"))).containsExactly("Bounced MAIL 5.3.4");
    assertThat(refused("SIZE 56").outcomes().getFirst().text())
        .isEqualTo("the mail has 57 octets, host mx.example[192.0.2.1]:25 takes 56 at most");
    assertThat(commands("SIZE 57")).startsWith("MAIL FROM:<alice@example.com> SIZE=57");
  }

  // International addresses (RFC 6531).

  @Test
  void internationalMailGoesAsSuchWhereItIsKnown() {
    letter.from = Sample.address("jörg@example.com");
    letter.to("用户@例子.example", "bob@example.net");
    letter.smtputf8 = true;
    assertThat(commands("8BITMIME,SMTPUTF8,DSN"))
        .containsExactly(
            "MAIL FROM:<jörg@example.com> SMTPUTF8",
            "RCPT TO:<用户@例子.example> ORCPT=utf-8;\\x{7528}\\x{6237}@\\x{4F8B}\\x{5B50}.example",
            "RCPT TO:<bob@example.net> ORCPT=rfc822;bob@example.net");
  }

  @Test
  void aDomainAloneIsNoObstacle() {
    letter.from = Sample.address("alice@bücher.example");
    letter.to("bob@例子.example");
    letter.smtputf8 = true;
    assertThat(commands("DSN"))
        .containsExactly(
            "MAIL FROM:<alice@xn--bcher-kva.example>",
            "RCPT TO:<bob@xn--fsqu00a.example> ORCPT=utf-8;bob@\\x{4F8B}\\x{5B50}.example");
  }

  /// RFC 5894 7.2: IDNA 2003 made strasse.example of it, which may belong to somebody else.
  @Test
  void aDomainIsSpelledAsItWasLookedUp() {
    letter.to("bob@straße.example");
    letter.smtputf8 = true;
    assertThat(commands("")).contains("RCPT TO:<bob@xn--strae-oqa.example>");
  }

  @Test
  void anInternationalSenderCannotGoWithoutSmtputf8() {
    letter.from = Sample.address("jörg@example.com");
    letter.to("a@x.example", "b@x.example");
    assertThat(brief(refused("8BITMIME")))
        .containsExactly("Bounced MAIL 5.6.7", "Bounced MAIL 5.6.7");
  }

  @Test
  void smtputf8WithoutEightBitMimeIsNotTrusted() {
    letter.to("jörg@example.com");
    assertThat(brief(refused("SMTPUTF8"))).containsExactly("Bounced RCPT 5.6.7");
  }

  @Test
  void anInternationalRecipientBouncesAndTheOthersGo() {
    letter.to("jörg@x.example", "bob@example.net");
    var conversation =
        play.open(
            "",
            "C: MAIL*",
            "S: 250 ok",
            "C: RCPT TO:<bob@example.net>",
            "S: 250 ok",
            "C: DATA",
            "S: 354 go",
            "C: <content>",
            "S: 250 ok");
    assertThat(brief(conversation.send(letter.order())))
        .containsExactly("Bounced RCPT 5.6.7", "Delivered 2.0.0");
    play.network.verify();
  }

  @Test
  void aHeaderThatIsInternationalCannotGoEither() {
    letter.smtputf8 = true;
    letter.content("Subject: Grüße\r\n\r\nhello\r\n");
    assertThat(brief(refused("8BITMIME"))).containsExactly("Bounced MAIL 5.6.9");
    letter.content("Subject: hello\r\n\r\nGrüße\r\n");
    assertThat(commands("8BITMIME")).startsWith("MAIL FROM:<alice@example.com> BODY=8BITMIME");
    letter.trace = "Received: for <jörg@example.com>\r\n";
    assertThat(brief(refused("8BITMIME"))).containsExactly("Bounced MAIL 5.6.9");
  }

  @Test
  void whatWasDeclaredInternationalAndIsNotGoesWithout() {
    letter.smtputf8 = true;
    assertThat(commands("")).startsWith("MAIL FROM:<alice@example.com>");
    assertThat(commands("8BITMIME,SMTPUTF8")).startsWith("MAIL FROM:<alice@example.com> SMTPUTF8");
  }

  @ParameterizedTest
  @CsvSource({
    "rfc822;a+2Bb@x, rfc822;a+2Bb@x, true",
    "utf-8;jörg@x, utf-8;jörg@x, true",
    "utf-8;jörg@x, utf-8;j\\x{F6}rg@x, false",
    "utf-8;j\\x{F6}rg@x, utf-8;j\\x{F6}rg@x, false",
    "UTF-8;ü\\x{3D}@x, utf-8;\\x{FC}\\x{3D}@x, false",
    "utf-8;ü=@x, rfc822;fallback@x, false",
  })
  void originalRecipientsAreWrittenForTheNextHop(String given, String expected, boolean smtputf8) {
    assertThat(WireAddress.originalRecipient(given, "fallback@x", smtputf8)).isEqualTo(expected);
  }

  // BINARYMIME (RFC 3030).

  private static final byte[] BINARY =
      "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\na\nb\rc\0\r\n.\r\n"
          .getBytes(StandardCharsets.US_ASCII);

  @Test
  void binaryMailGoesAsItIsWhereItIsKnown() {
    letter.body = BodyType.BINARY_MIME;
    letter.content(BINARY);
    var conversation =
        play.open(
            "PIPELINING,CHUNKING,BINARYMIME,8BITMIME",
            "C: MAIL FROM:<alice@example.com> BODY=BINARYMIME",
            "C: RCPT*",
            "C: BDAT*",
            "C: <chunk>",
            "S: 250 ok",
            "S: 250 ok",
            "S: 250 ok");
    assertThat(brief(conversation.send(letter.order()))).containsExactly("Delivered 2.0.0");
    assertThat(play.peer().contents().getFirst()).endsWith(BINARY);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "PIPELINING,8BITMIME",
        "PIPELINING,8BITMIME,CHUNKING",
        "PIPELINING,BINARYMIME",
        "''"
      })
  void binaryMailIsEncodedWhereItIsNot(String offers) {
    letter.body = BodyType.BINARY_MIME;
    letter.content(BINARY);
    boolean pipelining = offers.contains("PIPELINING");
    String[] script =
        offers.contains("CHUNKING")
            ? new String[] {
              "C: MAIL FROM:<alice@example.com>",
              "C: RCPT*",
              "C: BDAT*",
              "C: <chunk>",
              "S: 250 ok",
              "S: 250 ok",
              "S: 250 ok"
            }
            : pipelining
                ? new String[] {
                  "C: MAIL FROM:<alice@example.com>",
                  "C: RCPT*",
                  "C: DATA",
                  "S: 250 ok",
                  "S: 250 ok",
                  "S: 354 go",
                  "C: <content>",
                  "S: 250 ok"
                }
                : new String[] {
                  "C: MAIL FROM:<alice@example.com>",
                  "S: 250 ok",
                  "C: RCPT*",
                  "S: 250 ok",
                  "C: DATA",
                  "S: 354 go",
                  "C: <content>",
                  "S: 250 ok"
                };
    assertThat(brief(play.open(offers, script).send(letter.order())))
        .containsExactly("Delivered 2.0.0");
    String sent = new String(play.peer().contents().getFirst(), StandardCharsets.US_ASCII);
    assertThat(sent)
        .contains("Content-Transfer-Encoding: base64\r\n\r\nYQpiDWMADQouDQo=\r\n")
        .doesNotContain("\0");
    assertThat(sent.replace("\r\n", "")).doesNotContain("\r", "\n");
    play.network.verify();
  }
}
