package dev.poststation.dkim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What a signature says, and what it holds for.
final class SignerTest {
  private static final SigningKey RSA =
      new SigningKey("example.com", "s1", KeyPairOf.make(Algorithm.RSA_SHA256, 1024));
  private static final SigningKey ED25519 =
      new SigningKey("example.com", "s2", KeyPairOf.make(Algorithm.ED25519_SHA256, 0));
  private static final Instant NOW = Instant.ofEpochSecond(1_796_000_000);

  private static String sign(String header, String body, Terms terms, SigningKey... keys) {
    return sign(
        new RandomMails.Mail(
            header.getBytes(StandardCharsets.UTF_8), body.getBytes(StandardCharsets.UTF_8)),
        terms,
        keys);
  }

  private static String sign(RandomMails.Mail mail, Terms terms, SigningKey... keys) {
    var orders = Arrays.stream(keys).map(key -> new Signer.Order(key, terms)).toList();
    try {
      return new String(
          Signer.sign(mail.header(), () -> new ByteArrayInputStream(mail.body()), orders, NOW),
          StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Form form(int bit) {
    return bit % 2 == 0 ? Form.SIMPLE : Form.RELAXED;
  }

  private static Map<String, String> tags(String field) {
    return StrictVerifier.tags(field.substring(field.indexOf(':') + 1));
  }

  private static String names(String field) {
    return String.valueOf(tags(field).get("h")).replaceAll("\\s", "");
  }

  @Test
  void whatIsShownIsProtectedAgainstASecondField() {
    String field = sign("From: a@example.com\r\nSubject: x\r\n", "x\r\n", Terms.USUAL, ED25519);
    assertThat(names(field))
        .isEqualTo(
            "From:From:To:Cc:Subject:Subject:Date:Message-ID:Reply-To:MIME-Version:Content-Type"
                + ":Content-Transfer-Encoding");
  }

  @Test
  void repeatedFieldsAreNamedOnceForEachAndOnceMore() {
    String header =
        "To: b@example.com\r\nList-ID: <l.example.com>\r\nTo: c@example.com\r\n"
            + "From: a@example.com\r\nX-Own: 1\r\n";
    var terms = new Terms(Form.RELAXED, Form.RELAXED, null, List.of("X-Own", "X-Other"), "");
    assertThat(names(sign(header, "", terms, ED25519)))
        .contains(":To:To:To:")
        .endsWith(":List-ID:List-ID:X-Own:X-Own");
  }

  @Test
  void repeatedFieldsAreHashedFromTheBottom() {
    var mail =
        new RandomMails.Mail(
            "To: b@example.com\r\nTo: c@example.com\r\nFrom: a@example.com\r\n"
                .getBytes(StandardCharsets.US_ASCII),
            new byte[0]);
    byte[] signature = sign(mail, Terms.USUAL, ED25519).getBytes(StandardCharsets.US_ASCII);
    assertThat(StrictVerifier.verify(mail.with(signature), KeyRecord.of(ED25519))).isEmpty();
    var turned =
        new RandomMails.Mail(
            "To: c@example.com\r\nTo: b@example.com\r\nFrom: a@example.com\r\n"
                .getBytes(StandardCharsets.US_ASCII),
            new byte[0]);
    assertThat(StrictVerifier.verify(turned.with(signature), KeyRecord.of(ED25519)))
        .isEqualTo("signature");
  }

  @Test
  void itSaysWhenItWasMadeAndOnWishWhenItEnds() {
    String header = "From: a@example.com\r\n";
    var usual = tags(sign(header, "", Terms.USUAL, ED25519));
    assertThat(usual).containsOnlyKeys("v", "a", "c", "d", "s", "t", "h", "bh", "b");
    assertThat(usual).containsEntry("t", "1796000000").containsEntry("c", "relaxed/relaxed");
    var terms = new Terms(Form.SIMPLE, Form.RELAXED, Duration.ofDays(14), List.of(), "");
    assertThat(tags(sign(header, "", terms.by("@sub.example.com"), ED25519)))
        .containsEntry("t", "1796000000")
        .containsEntry("x", "1797209600")
        .containsEntry("i", "@sub.example.com")
        .containsEntry("c", "simple/relaxed");
  }

  @Test
  void bothKeysSignAndEachSignatureStandsForItself() {
    String fields = sign("From: a@example.com\r\n", "x\r\n", Terms.USUAL, RSA, ED25519);
    assertThat(fields.split("DKIM-Signature: ", -1)).hasSize(3);
    assertThat(fields.indexOf("a=rsa-sha256")).isLessThan(fields.indexOf("a=ed25519-sha256"));
    assertThat(fields).endsWith("\r\n").doesNotContain("\r\n\r\n");
  }

  @Test
  void noLineIsLongerThanMailProgramsLike() {
    var mails = new RandomMails(1);
    for (int i = 0; i < 50; i++) {
      var mail = mails.next();
      assertThat(sign(mail, Terms.USUAL, RSA, ED25519).split("\r\n", -1))
          .allMatch(line -> line.length() <= 78);
    }
  }

  @Test
  void aMailWithoutExactlyOneFromIsNotSigned() {
    assertThatThrownBy(() -> sign("To: a@example.com\r\n", "", Terms.USUAL, ED25519))
        .hasMessage("the mail has no From");
    assertThatThrownBy(() -> sign("From: a@b\r\nFROM: c@d\r\n", "", Terms.USUAL, ED25519))
        .hasMessage("the mail has 2 fields From");
  }

  @Test
  void aHeaderOfAThousandFieldsOfAKindIsNotSigned() {
    String header = "From: a@example.com\r\n" + "To: b@example.com\r\n".repeat(1000);
    assertThatThrownBy(() -> sign(header, "", Terms.USUAL, ED25519))
        .hasMessage("the mail has 1000 fields To");
  }

  @Test
  void theBodyIsReadOnceForAllSignatures() throws IOException {
    List<String> opened = new ArrayList<>();
    Octets body =
        () -> {
          opened.add("once");
          return new ByteArrayInputStream(new byte[100_000]);
        };
    var simple = new Terms(Form.SIMPLE, Form.SIMPLE, null, List.of(), "");
    Signer.sign(
        "From: a@example.com\r\n".getBytes(StandardCharsets.US_ASCII),
        body,
        List.of(
            new Signer.Order(RSA, Terms.USUAL),
            new Signer.Order(ED25519, simple),
            new Signer.Order(ED25519, Terms.USUAL)),
        NOW);
    assertThat(opened).hasSize(1);
  }

  @Test
  void strictVerifierTakesAllMailsAndNoneThatWasChanged() {
    var mails = new RandomMails(42);
    var chance = new Random(42);
    for (int i = 0; i < 400; i++) {
      var mail = mails.next();
      var key = i % 2 == 0 ? RSA : ED25519;
      var terms = new Terms(form(i / 2), form(i / 4), null, List.of("X-Mailer"), "");
      byte[] signature = sign(mail, terms, key).getBytes(StandardCharsets.US_ASCII);
      byte[] whole = mail.with(signature);
      assertThat(StrictVerifier.verify(whole, KeyRecord.of(key))).as("mail %s", i).isEmpty();
      assertThat(StrictVerifier.verify(mails.changed(mail, signature), KeyRecord.of(key)))
          .as("changed mail %s", i)
          .isNotEmpty();
      int at = whole.length - mail.body().length + chance.nextInt(mail.body().length + 1);
      if (at < whole.length && whole[at] > ' ') {
        byte[] flipped = StrictVerifier.flipped(whole, at, (byte) (whole[at] ^ 1));
        assertThat(StrictVerifier.verify(flipped, KeyRecord.of(key)))
            .as("mail %s with another octet at %s", i, at)
            .isNotEmpty();
      }
    }
  }

  @Test
  void aSignatureOfAnotherKeyDoesNotHold() {
    var mail = new RandomMails(3).next();
    byte[] signature = sign(mail, Terms.USUAL, ED25519).getBytes(StandardCharsets.US_ASCII);
    var other = new SigningKey("example.com", "s2", KeyPairOf.make(Algorithm.ED25519_SHA256, 0));
    assertThat(StrictVerifier.verify(mail.with(signature), KeyRecord.of(other)))
        .isEqualTo("signature");
  }
}
