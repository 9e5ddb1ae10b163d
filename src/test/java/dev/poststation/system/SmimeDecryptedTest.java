package dev.poststation.system;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.content.Note;
import dev.poststation.content.Treatment;
import dev.poststation.content.Variant;
import dev.poststation.smtp.ContentReplies;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Mail that OpenSSL has encrypted is read by `smime-decrypt`, if it is for one of our keys.
@Tag("peer")
@Timeout(180)
final class SmimeDecryptedTest {
  private static final String DECRYPT = "{ use = smime-decrypt }";
  private static final String INNER =
      "Content-Type: text/plain; charset=utf-8\r\n"
          + "Content-Transfer-Encoding: 8bit\r\n\r\n"
          + "Gr\u00c3\u00bc\u00c3\u009fe\r\n";

  private static SmimeBench bench = new SmimeBench();

  @BeforeAll
  static void keys() {
    bench.person("anna", "anna@here.test", "rsa:2048", 20);
    bench.person("bert", "bert@here.test", "ec -pkeyopt ec_paramgen_curve:P-256", 20);
    bench.person("cleo", "cleo@there.test", "rsa:2048", 20);
    bench.own("anna");
    bench.own("bert");
    bench.person("gate", "gate@gate.test", "rsa:2048", 20);
    bench.own("gate", "--for", "@gate.test");
    bench.write("inner", INNER);
  }

  @AfterAll
  static void end() {
    bench.close();
  }

  /// A mail as OpenSSL encrypts it.
  private static String encrypted(String how) {
    bench.sh(
        "%1$s cms -encrypt -binary -in inner -out sent -from cleo@there.test -subject s " + how);
    return bench.text("sent").replaceAll("\r?\n", "\r\n");
  }

  @ParameterizedTest
  @CsvSource({
    "anna, '-aes-256-gcm -recip anna.pem -keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256',"
        + " aes-256-gcm",
    "anna, '-aes-128-gcm -recip anna.pem', aes-128-gcm",
    "anna, '-aes256 -recip anna.pem', aes-256-cbc",
    "anna, '-des3 -recip cleo.pem -recip anna.pem', 3des",
    "bert, '-aes-256-gcm -recip bert.pem', aes-256-gcm",
    "bert, '-aes128 -recip bert.pem', aes-128-cbc"
  })
  void whatOpenSslEncryptsForOurKeysIsRead(String who, String how, String cipher) {
    var opened = bench.passed(DECRYPT, "", encrypted(how), "cleo@there.test", who + "@here.test");
    String mail = bench.text("out");
    assertThat(mail)
        .startsWith("X-Smime-Decrypted: relay.here.test for " + who + "@here.test;\r\n key=")
        .contains("cipher=" + cipher + "\r\nReceived:", "Subject: s\r\n")
        .endsWith(INNER)
        .doesNotContain("pkcs7");
    assertThat(opened.notes().getFirst().reason()).contains("decrypted by the key of", who);
  }

  @Test
  void whatIsForSomebodyElseStaysClosedAndNobodyCanClaimThatItWasEncrypted() {
    String mail = encrypted("-aes256 -recip cleo.pem");
    var closed = bench.passed(DECRYPT, "", mail, "cleo@there.test", "anna@here.test");
    assertThat(closed.notes().getFirst().result()).isEqualTo(Note.Result.UNCHANGED);
    assertThat(closed.notes().getFirst().reason()).contains("for none of our keys");
    assertThat(bench.text("out")).endsWith(mail);

    bench.passed(
        DECRYPT,
        "",
        "X-Smime-Decrypted: relay.here.test for you\r\nSubject: s\r\n\r\nb\r\n",
        "cleo@there.test",
        "anna@here.test");
    assertThat(bench.text("out")).doesNotContain("Decrypted").endsWith("\r\n\r\nb\r\n");
  }

  private static List<Variant> variants(String mail, String... to) {
    var treatment = bench.treat(DECRYPT, "", mail.getBytes(ISO_8859_1), "cleo@there.test", to);
    return ((Treatment.Passed) treatment).variants();
  }

  private static String text(Variant variant) {
    return new String(SmimeBench.octets(variant), ISO_8859_1);
  }

  @Test
  void whatIsForSomebodyIsReadByNobodyElseAndNothingOfItGoesBack() {
    String annas = encrypted("-aes256 -recip anna.pem");
    var stolen = variants(annas, "bert@here.test", "nosuch@here.test");
    assertThat(stolen).hasSize(1);
    assertThat(text(stolen.getFirst())).endsWith(annas);
    assertThat(stolen.getFirst().notes().getFirst().reason())
        .isEqualTo("not decrypted: it is for none of our keys that are for its recipients");

    var both = variants(annas, "bert@here.test", "Anna@HERE.test");
    assertThat(both).hasSize(2);
    assertThat(both.getFirst().recipients()).hasSize(1);
    assertThat(both.getFirst().recipients().getFirst().address().local()).isEqualTo("Anna");
    assertThat(text(both.getFirst())).endsWith(INNER);
    assertThat(both.getFirst().headersOnly()).isTrue();
    assertThat(text(both.getLast())).endsWith(annas);
    assertThat(both.getLast().headersOnly()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-aes-256-gcm", "-aes256"})
  void eachReadsWhatIsForSeveralByHisOwnKeyOrThatOfHisDomain(String cipher) {
    String all = encrypted(cipher + " -recip anna.pem -recip bert.pem -recip gate.pem");
    var three = variants(all, "anna@here.test", "x@gate.test", "bert@here.test", "y@gate.test");
    assertThat(three).hasSize(3).allMatch(each -> text(each).endsWith(INNER));
    assertThat(three.get(0).notes().getFirst().reason()).contains("(anna@here.test)");
    assertThat(three.get(1).notes().getFirst().reason()).contains("(@gate.test)");
    assertThat(three.get(1).recipients()).hasSize(2);
  }

  @Test
  void aRemarkBehindTheEncodingDoesNotMatter() {
    String mail = encrypted("-aes256 -recip anna.pem");
    String remarked = mail.replace("Encoding: base64", "Encoding: base64 (as usual)");
    assertThat(remarked).isNotEqualTo(mail);
    bench.passed(DECRYPT, "", remarked, "cleo@there.test", "anna@here.test");
    assertThat(bench.text("out")).endsWith(INNER);
  }

  /// RFC 8551 6: who sends it again and again, each time a bit changed, must not be told which of
  /// them have good padding.
  @ParameterizedTest
  @ValueSource(strings = {"-aes-256-gcm", "-aes256"})
  void aMailThatWasChangedOnItsWayGoesOnClosedAndNobodyIsTold(String cipher) {
    String mail = encrypted(cipher + " -recip anna.pem");
    String body = mail.substring(mail.indexOf("\r\n\r\n") + 4);
    byte[] cms = Base64.getMimeDecoder().decode(body);
    cms[cms.length - (cipher.contains("gcm") ? 1 : 17)] ^= 1; // What authenticates, or the padding.
    String head = mail.substring(0, mail.indexOf("\r\n\r\n") + 4);
    String changed = head + Base64.getMimeEncoder().encodeToString(cms) + "\r\n";
    var closed =
        bench.passed(
            "{ use = smime-decrypt, on-error = reject }",
            "",
            "X-Smime-Not-Decrypted: relay.here.test; forged\r\n" + changed,
            "cleo@there.test",
            "anna@here.test");
    assertThat(closed.notes().getFirst().reason())
        .startsWith("not decrypted: it cannot be decrypted");
    assertThat(bench.text("out"))
        .startsWith("X-Smime-Not-Decrypted: relay.here.test; it is damaged\r\nReceived:")
        .endsWith(changed)
        .doesNotContain("forged", "X-Smime-Decrypted");
    assertThat(closed.headersOnly()).isTrue();
  }

  @Test
  void aKeyThatCannotBeOpenedIsNoFaultOfTheMail() {
    bench.write("other", "not the password\n");
    bench.sh("chmod 600 other");
    var refused =
        (Treatment.Refused)
            bench.treat(
                "{ use = smime-decrypt, on-error = reject }",
                "password = \"file:" + bench.file("other") + "\"",
                encrypted("-aes256 -recip anna.pem").getBytes(ISO_8859_1),
                "cleo@there.test",
                "anna@here.test");
    assertThat(refused.reply()).isEqualTo(ContentReplies.NOT_EXAMINED);
    assertThat(refused.rule()).contains("cannot be used");

    var held =
        bench.passed(
            "{ use = smime-decrypt, on-error = hold }",
            "password = \"file:" + bench.file("other") + "\"",
            "X-Smime-Decrypted: relay.here.test for you\r\n" + encrypted("-aes256 -recip anna.pem"),
            "cleo@there.test",
            "anna@here.test");
    assertThat(held.hold().reason()).contains("cannot be used");
    assertThat(bench.text("out")).doesNotContain("X-Smime-Decrypted");
  }

  @Test
  void theShelfIsReadByOpenSslToo() {
    bench.sh("cat data/smime/own/*.pem > shelf");
    assertThat(bench.text("shelf")).contains("names = anna@here.test", "ENCRYPTED PRIVATE KEY");
    bench.sh(
        "for f in data/smime/own/*.pem; do %1$s pkey -in $f -passin file:password -noout; done");
  }

  @Test
  void whatWeEncryptWeRead() {
    String both =
        """
        { use = smime-decrypt }
        { use = smime-encrypt, name = out }
        """;
    bench.passed(
        both,
        "",
        "From: anna@here.test\r\nTo: bert@here.test\r\n\r\nHello\r\n",
        "anna@here.test",
        "bert@here.test");
    String sent =
        bench.text("out").substring("Received: from here by relay.here.test; now\r\n".length());
    assertThat(sent).contains("authEnveloped-data");
    bench.passed(DECRYPT, "", sent, "anna@here.test", "bert@here.test");
    assertThat(bench.text("out")).endsWith("Content-Type: text/plain\r\n\r\nHello\r\n");
  }
}
