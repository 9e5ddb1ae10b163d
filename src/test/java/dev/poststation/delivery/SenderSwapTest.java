package dev.poststation.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Account;
import dev.poststation.config.Connector;
import dev.poststation.config.Origin;
import dev.poststation.config.SenderReplacement;
import dev.poststation.config.SenderReplacement.Keep;
import dev.poststation.config.SenderReplacement.Where;
import dev.poststation.config.SrsSettings;
import dev.poststation.message.Priority;
import dev.poststation.smtp.Address;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The account of a connector in the place of senders: which octets become others, and that no
/// other does.
@SuppressWarnings("StringConcatToTextBlock") // Line ends are what it is about.
class SenderSwapTest {
  private static final Address ACCOUNT = new Address("account", "provider.example");
  private static final String BODY = "\r\nFrom: not the header\r\n.\r\n";

  private final Sample.Letter letter = new Sample.Letter();
  private List<String> senders = List.of();
  private Where where = Where.BOTH;
  private Set<Keep> keep = Set.of(Keep.NONE);
  private Address by = ACCOUNT;
  private Account account;

  private Connector connector() {
    var via = new Sample.Via();
    via.account = account;
    via.replacing = new SenderReplacement(by, senders, where, keep, new Origin("x.conf", 7));
    return via.connector();
  }

  private SenderSwap.Result swapped() throws IOException {
    return SenderSwap.of(letter.order(), SenderThere.of(connector()));
  }

  private String sent() throws IOException {
    return sent(swapped());
  }

  private static String sent(SenderSwap.Result swap) throws IOException {
    var order = swap.order();
    var payload = Payload.plain(order.mail(), order.content());
    var out = new ByteArrayOutputStream();
    payload.send(out::write);
    assertThat(out.size()).isEqualTo(payload.size());
    String whole = out.toString(StandardCharsets.UTF_8);
    assertThat(whole).startsWith(Sample.TRACE);
    return whole.substring(Sample.TRACE.length());
  }

  private Address envelope() throws IOException {
    return swapped().order().mail().envelope().sender();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "anna@example.com                          | account@provider.example",
        "Anna B. <anna@example.com>                | Anna B. <account@provider.example>",
        "\"B., <x@y>\" <anna@example.com>          | \"B., <x@y>\" <account@provider.example>",
        "=?utf-8?q?J=C3=B6rg?= <joerg@example.com> | =?utf-8?q?J=C3=B6rg?="
            + " <account@provider.example>",
        "Jörg <joerg@example.com>                  | Jörg <account@provider.example>",
        "anna@example.com (Anna (Sales))           | account@provider.example (Anna (Sales))",
        "(x@y) <@a.example:anna@example.com> (z)   | (x@y) <account@provider.example> (z)",
        "Team: Anna <anna@example.com>;            | Team: Anna <account@provider.example>;",
        "Anna <anna@example.com>, Bob <b@x.example> | <account@provider.example>",
        "Anna anna@example.com                     | <account@provider.example>",
        "undisclosed:;                             | <account@provider.example>"
      })
  void theAddressIsReplacedAndWhatStandsAroundItStays(String old, String fresh) throws IOException {
    letter.content("Subject: x\r\nFrom: " + old + "\r\nTo: b@example.net\r\n" + BODY);
    assertThat(sent())
        .isEqualTo("Subject: x\r\nFrom: " + fresh + "\r\nTo: b@example.net\r\n" + BODY);
    assertThat(envelope()).isEqualTo(ACCOUNT);
  }

  @Test
  void foldsAndOddSpellingsOfTheFieldStay() throws IOException {
    letter.content("from\t :\r\n =?utf-8?q?J?=\r\n\t<joerg\r\n @example.com>\r\n (x)\r\n" + BODY);
    assertThat(sent())
        .isEqualTo("from\t :\r\n =?utf-8?q?J?=\r\n\t<account@provider.example>\r\n (x)\r\n" + BODY);
  }

  @Test
  void theAuthorBecomesReplyToUnlessTheMailHasOne() throws IOException {
    keep = Set.of(Keep.REPLY_TO);
    letter.content("From: Anna\r\n <anna@example.com>\r\n" + BODY);
    assertThat(sent())
        .isEqualTo(
            "Reply-To: Anna\r\n <anna@example.com>\r\nFrom: Anna\r\n <account@provider.example>\r\n"
                + BODY);
    letter.content("From: anna@example.com\r\nreply-to: c@example.com\r\n" + BODY);
    assertThat(sent())
        .isEqualTo("From: account@provider.example\r\nreply-to: c@example.com\r\n" + BODY);
    letter.content("From: anna@example.com, Bob <b@example.com>\r\n" + BODY);
    assertThat(sent())
        .isEqualTo(
            "Reply-To: anna@example.com, Bob <b@example.com>\r\n"
                + "From: <account@provider.example>\r\n"
                + BODY);
  }

  @Test
  void whatCannotBeUnderstoodBecomesNoReplyToButIsKeptAsItWas() throws IOException {
    keep = Set.of(Keep.REPLY_TO, Keep.X_ORIGINAL_FROM);
    letter.content("From: Anna <anna\r\n" + BODY);
    assertThat(sent())
        .isEqualTo("X-Original-From: Anna <anna\r\nFrom: <account@provider.example>\r\n" + BODY);
  }

  @Test
  void aSenderFieldThatNamesAnotherIsLeftOut() throws IOException {
    keep = Set.of(Keep.X_ORIGINAL_FROM);
    letter.content(
        "Sender: office@example.com\r\nFrom: Anna <anna@example.com>\r\nTo: b@example.net\r\n"
            + BODY);
    assertThat(sent())
        .isEqualTo(
            "X-Original-From: Anna <anna@example.com>\r\n"
                + "X-Original-Sender: office@example.com\r\n"
                + "From: Anna <account@provider.example>\r\nTo: b@example.net\r\n"
                + BODY);
    letter.content("Sender: ACCOUNT@provider.example\r\nFrom: anna@example.com\r\n" + BODY);
    assertThat(sent())
        .startsWith("Sender: ACCOUNT@provider.example\r\n")
        .doesNotContain("X-Original-Sender");
  }

  @Test
  void aMailWithoutFromGetsOneAndOfSeveralOneIsLeft() throws IOException {
    letter.content("Subject: x\r\n" + BODY);
    assertThat(sent()).isEqualTo("From: <account@provider.example>\r\nSubject: x\r\n" + BODY);
    letter.content("");
    assertThat(sent()).isEqualTo("From: <account@provider.example>\r\n");
    letter.content("From: a@example.com\r\nSubject: x\r\nFrom: b@example.com\r\n" + BODY);
    assertThat(sent()).isEqualTo("From: <account@provider.example>\r\nSubject: x\r\n" + BODY);
  }

  @Test
  void aFromFieldThatStandsAmongOurTraceFieldsIsReplacedThere() throws IOException {
    letter.trace = Sample.TRACE + "From: Anna <noreply@example.com>\r\n";
    letter.content("Subject: x\r\n" + BODY);
    assertThat(sent()).isEqualTo("From: Anna <account@provider.example>\r\nSubject: x\r\n" + BODY);
  }

  @Test
  void aMailThatEndsInItsFromFieldStaysWhole() throws IOException {
    keep = Set.of(Keep.REPLY_TO);
    letter.content("Subject: x\r\nFrom: anna@example.com");
    assertThat(sent())
        .isEqualTo("Subject: x\r\nReply-To: anna@example.com\r\nFrom: account@provider.example");
  }

  @Test
  void sendersThatTheNextHopTakesStay() throws IOException {
    senders = List.of("@example.com");
    letter.content("From: Anna <anna@EXAMPLE.com>\r\n" + BODY);
    var order = letter.order();
    var swap = SenderSwap.of(order, SenderThere.of(connector()));
    assertThat(swap.order()).isSameAs(order);
    assertThat(swap.notes()).isEmpty();
  }

  @Test
  void theNullSenderStaysNullButTheAuthorOfANoticeIsReplaced() throws IOException {
    letter.from = Address.NULL;
    letter.content("From: MAILER-DAEMON@relay.example\r\n" + BODY);
    assertThat(envelope()).isEqualTo(Address.NULL);
    assertThat(sent()).startsWith("From: account@provider.example\r\n");
  }

  @Test
  void envelopeAndHeaderCanBeReplacedApart() throws IOException {
    letter.content("From: anna@example.com\r\n" + BODY);
    where = Where.ENVELOPE;
    assertThat(envelope()).isEqualTo(ACCOUNT);
    assertThat(sent()).startsWith("From: anna@example.com\r\n");
    assertThat(swapped().notes())
        .contains(
            "replace-sender: MAIL FROM is of provider.example and From of example.com: to DMARC"
                + " only a DKIM signature of the latter counts");
    where = Where.HEADER;
    assertThat(envelope()).isEqualTo(letter.from);
    assertThat(sent()).startsWith("From: account@provider.example\r\n");
    where = Where.BOTH;
    assertThat(swapped().notes()).noneMatch(note -> note.contains("DMARC"));
  }

  @Test
  void theAccountOfTheMailIsTheSender() throws IOException {
    by = null;
    account = Sample.account("sales@provider.example", "secret");
    letter.content("From: anna@example.com\r\n" + BODY);
    assertThat(envelope()).hasToString("sales@provider.example");
    assertThat(sent()).startsWith("From: sales@provider.example\r\n");
  }

  /// RFC 5321 4.5.3.1.6: what stands behind the address counts as well.
  @Test
  void aLineThatTheLongerAddressMakesTooLongIsKnownToBe() throws IOException {
    for (int octets : List.of(960, 981)) {
      letter.content("From: <a@b.de> (" + "x".repeat(octets) + ")\r\n" + BODY);
      assertThat(swapped().order().mail().envelope().traits().longLines()).isEqualTo(octets > 970);
    }
  }

  @Test
  void aBrokenSignatureIsNoted() throws IOException {
    letter.content("DKIM-Signature: v=1\r\nFrom: anna@example.com\r\n" + BODY);
    assertThat(swapped().notes()).anyMatch(note -> note.contains("DKIM signature of the mail"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"CHUNKING,SIZE,PIPELINING", "CHUNKING,SIZE"})
  void sizeAndChunkAreThoseOfWhatIsSent(String offers) throws IOException {
    letter.content("From: anna@example.com\r\n" + BODY);
    var play = new Play();
    play.via.replacing = connector().replacing();
    long size = swapped().order().mail().size();
    var result =
        play.open(
                offers,
                "C: MAIL FROM:<account@provider.example> SIZE=" + size,
                "S: 250 ok",
                "C: RCPT*",
                "S: 250 ok",
                "C: BDAT " + size + " LAST",
                "S: 250 ok")
            .send(letter.order());
    assertThat(Play.brief(result)).containsExactly("Delivered 2.0.0");
    assertThat(result.dialogue())
        .contains(
            "* replace-sender: MAIL FROM is account@provider.example in place of"
                + " alice@example.com");
  }

  @Test
  void whateverElseTheClientSaidStays() throws IOException {
    letter.priority = Priority.LOWEST;
    letter.envid = "abc";
    var before = letter.order().mail().envelope();
    assertThat(swapped().order().mail().envelope())
        .isEqualTo(before.withSender(ACCOUNT, swapped().order().mail().envelope().traits()));
  }

  @Test
  void theSenderOfForwardedMailIsSignedAtTheConnectorAndNothingElseChanges() {
    letter.content("From: Alice <alice@example.com>\r\n" + BODY);
    var play = new Play();
    play.via.forwarding = srs("secret");
    var result =
        play.open("SIZE", "C: MAIL FROM:<SRS0=*", "S: 250 ok", "C: RCPT*", "S: 550 no")
            .send(letter.order());
    assertThat(result.dialogue())
        .anyMatch(
            line ->
                line.matches(
                    "C: MAIL FROM:<SRS0=\\w{8}=\\w\\w=example\\.com=alice@srs\\.example>"
                        + " SIZE=\\d+"))
        .anyMatch(line -> line.startsWith("* srs: MAIL FROM is SRS0="))
        .contains(
            "* srs: MAIL FROM is of srs.example and From of example.com: to DMARC only a DKIM"
                + " signature of the latter counts");
  }

  @Test
  void aSenderThatCannotBeSignedNowWaits() {
    var play = new Play();
    play.via.forwarding = srs(null);
    var result = play.open("SIZE").send(letter.order());
    assertThat(Play.brief(result)).containsExactly("Deferred MAIL 4.3.5");
    assertThat(result.outcomes().getFirst().text()).startsWith("srs.secrets: ");
  }

  private static SrsSettings srs(String secret) {
    var origin = new Origin("x.conf", 7);
    return new SrsSettings(
        "srs.example", List.of(Sample.secret(secret)), Duration.ofDays(21), List.of(), origin);
  }

  /// Any header: taken back where it was put, the address of the author makes the mail what it was,
  /// whatever the size of chunks.
  @Property(tries = 400)
  void noOtherOctetIsChanged(@ForAll long seed) throws IOException {
    var random = new Random(seed);
    var before = new StringBuilder();
    randomFields(random, before);
    var after = new StringBuilder();
    randomFields(random, after);
    byte[] noise = new byte[random.nextInt(200)];
    random.nextBytes(noise);
    String start = before + "From: =?utf-8?q?A?= \"x, y\" (c)\r\n <";
    String end =
        ">(d)\r\n" + after + "\r\nFrom: body\r\n" + new String(noise, StandardCharsets.ISO_8859_1);
    letter.content((start + "anna@example.com" + end).getBytes(StandardCharsets.ISO_8859_1));
    letter.chunkSize = 1 + random.nextInt(400);
    var order = swapped().order();
    var out = new ByteArrayOutputStream();
    Payload.plain(order.mail(), order.content()).send(out::write);
    assertThat(out.toString(StandardCharsets.ISO_8859_1))
        .isEqualTo(Sample.TRACE + start + ACCOUNT + end);
  }

  private static void randomFields(Random random, StringBuilder into) {
    for (int i = random.nextInt(6); i > 0; i--) {
      switch (random.nextInt(5)) {
        case 0 -> into.append("X-From: ").append("y".repeat(random.nextInt(1200))).append("\r\n");
        case 1 -> into.append("Fro: anna@example.com\r\n\tFrom: folded\r\n");
        case 2 -> into.append("Subject:\u00c3\u00a4\r\n \r\n");
        case 3 -> into.append("To : <From: x>\r\n");
        default -> into.append("From-: a\rb\r\n");
      }
    }
  }
}
