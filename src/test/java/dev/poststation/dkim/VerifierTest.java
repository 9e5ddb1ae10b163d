package dev.poststation.dkim;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.sim.ScriptedResolver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which signatures of mail that comes in are good, and why the others are not.
final class VerifierTest {
  private static final SigningKey RSA =
      new SigningKey("example.com", "s1", KeyPairOf.make(Algorithm.RSA_SHA256, 1024));
  private static final SigningKey ED25519 =
      new SigningKey("example.com", "s2", KeyPairOf.make(Algorithm.ED25519_SHA256, 0));
  private static final Instant NOW = Instant.parse("2026-12-01T12:00:00Z");

  private final ScriptedResolver dns = new ScriptedResolver();

  VerifierTest() {
    for (var key : List.of(RSA, ED25519)) {
      dns.text(KeyRecord.of(key).name(), KeyRecord.of(key).text());
    }
  }

  private static byte[] signed(RandomMails.Mail mail, Terms terms) {
    try {
      return Signer.sign(
          mail.header(),
          () -> new ByteArrayInputStream(mail.body()),
          List.of(new Signer.Order(RSA, terms), new Signer.Order(ED25519, terms)),
          NOW);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private List<Verifier.Verdict> verdicts(byte[] mail) {
    int gap = new String(mail, ISO_8859_1).indexOf("\r\n\r\n");
    byte[] header = Arrays.copyOf(mail, gap + 2);
    byte[] body = Arrays.copyOfRange(mail, gap + 4, mail.length);
    try {
      return new Verifier(header, () -> new ByteArrayInputStream(body), dns, NOW, () -> false)
          .signatures();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Form form(int bit) {
    return bit % 2 == 0 ? Form.RELAXED : Form.SIMPLE;
  }

  @Test
  void allThatWeSignIsGoodInAllFormsAndAllThatSomebodyChangedIsBad() {
    var mails = new RandomMails(8617);
    for (int i = 0; i < 200; i++) {
      var mail = mails.next();
      var terms = new Terms(form(i), form(i / 2), Duration.ofDays(14), List.of("X-Mailer"), "");
      byte[] signature = signed(mail, terms);
      // Random mails have fields of that name by chance, too.
      assertThat(verdicts(mail.with(signature)).subList(0, 2))
          .allMatch(verdict -> verdict.result() == Verifier.Result.PASS);
      var changed = verdicts(mails.changed(mail, signature));
      assertThat(changed).noneMatch(verdict -> verdict.result() == Verifier.Result.PASS);
      assertThat(changed.stream().filter(verdict -> verdict.result() == Verifier.Result.FAIL))
          .hasSize(2);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "v=1;            | v=2;                | PERMERROR | its v= is not 1",
        "d=example.com;  | d=example.com; d=x; | PERMERROR | it is no list of tags",
        "d=example.com;  | d=example.net;      | PERMERROR | does not exist",
        "d=example.com;  | d=com;              | PERMERROR | it names no key",
        "d=example.com;  | d=example.com; i=@example.net; | PERMERROR | its i= is not of its d=",
        "d=example.com;  | d=example.com; l=4; | FAIL      | its l= lets anybody add to the mail",
        "d=example.com;  | d=example.com; x=1; | FAIL      | it has expired",
        "c=relaxed/relaxed | c=loose           | PERMERROR | its c= is not known",
        "a=rsa-sha256    | a=rsa-sha1          | PERMERROR | its a= is not known",
        "a=rsa-sha256    | a=ed25519-sha256    | PERMERROR | its key is not for its a=",
        "From:           | Reply-To:           | PERMERROR | it does not sign From",
        "bh=             | bh=!                | PERMERROR | its bh= is no base64",
        "d=example.com;  | d=example.com; q=x; | FAIL      | the header was changed",
      })
  void whatIsWrongWithASignatureIsToldApart(
      String was, String is, Verifier.Result result, String why) {
    var mail = new RandomMails.Mail("From: a@example.com\r\n".getBytes(ISO_8859_1), new byte[0]);
    var first = Signer.sign(mail.header(), bodies(), List.of(order()), NOW);
    String text = new String(first, ISO_8859_1);
    assertThat(text).contains(was);
    byte[] changed = text.replaceAll(was, is).getBytes(ISO_8859_1);
    var verdict = verdicts(mail.with(changed)).getFirst();
    assertThat(verdict.why()).contains(why);
    assertThat(verdict.result()).isEqualTo(result);
  }

  private static Signer.Order order() {
    return new Signer.Order(RSA, Terms.USUAL);
  }

  private static Map<Form, byte[]> bodies() {
    try {
      return BodyHash.of(() -> new ByteArrayInputStream(new byte[0]), List.of(Form.RELAXED));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "v=DKIM1; p=          | was taken back",
        "v=DKIM2; p=QUJD      | is no record of a key",
        "hello                | is no record of a key",
        "v=DKIM1; h=sha1; p=QUJD | is not for mail that is signed so",
        "v=DKIM1; s=tlsrpt; p=QUJD | is not for mail that is signed so",
        "v=DKIM1; k=rot13; p=QUJD | has a key of kind rot13",
        "v=DKIM1; p=QUJD      | has no key that can be read",
        "v=DKIM1;"
            + " p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAIWmlgix/84GJ+dfgjm7LTc9EPdfkftlgiPpCq4/kbDAZmU0VvYKDljjleJ1dfvS+CGy9U/kk1tG3EeEvb82xAcCAwEAAQ==|a"
            + " key of 512 bits",
      })
  void aRecordThatIsNoKeyForItIsToldApart(String record, String why) {
    dns.forget("s1._domainkey.example.com").text("s1._domainkey.example.com", record);
    var mail = new RandomMails.Mail("From: a@example.com\r\n".getBytes(ISO_8859_1), new byte[0]);
    var signature = Signer.sign(mail.header(), bodies(), List.of(order()), NOW);
    var verdict = verdicts(mail.with(signature)).getFirst();
    assertThat(verdict.result()).isEqualTo(Verifier.Result.PERMERROR);
    assertThat(verdict.why()).contains(why);
  }

  @Test
  void whileTheDnsIsSilentNobodyKnows() {
    dns.fail("s1._domainkey.example.com", "time-out");
    var mail = new RandomMails.Mail("From: a@example.com\r\n".getBytes(ISO_8859_1), new byte[0]);
    var signature = Signer.sign(mail.header(), bodies(), List.of(order()), NOW);
    assertThat(verdicts(mail.with(signature)).getFirst().result())
        .isEqualTo(Verifier.Result.TEMPERROR);
  }

  @Test
  void onlyTheFirstTenSignaturesAreLookedAt() {
    var mail = new RandomMails.Mail("From: a@example.com\r\n".getBytes(ISO_8859_1), new byte[0]);
    var signature = Signer.sign(mail.header(), bodies(), List.of(order()), NOW);
    byte[] many = new String(signature, ISO_8859_1).repeat(30).getBytes(ISO_8859_1);
    assertThat(verdicts(mail.with(many))).hasSize(10);
  }
}
