package dev.poststation.system;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.content.Note;
import dev.poststation.content.Treatment;
import dev.poststation.content.Variant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Mail that `smime-encrypt` has encrypted is read by OpenSSL, by those who may and by nobody else.
@Tag("peer")
@Timeout(180)
final class SmimeEncryptedTest {
  private static final String ENCRYPT = "{ use = smime-encrypt }";
  private static final String MAIL =
      "From: anna@here.test\r\n"
          + "To: bert@there.test\r\n"
          + "Cc: cleo@there.test\r\n"
          + "Subject: [secure] s\r\n\r\n"
          + "Hello\r\n";
  private static final String INNER = "Content-Type: text/plain\r\n\r\nHello\r\n";

  private static SmimeBench bench = new SmimeBench();

  @BeforeAll
  static void certificates() {
    bench.person("anna", "anna@here.test", "rsa:2048", 20);
    bench.person("bert", "bert@there.test", "rsa:2048", 20);
    bench.person("cleo", "cleo@there.test", "ec -pkeyopt ec_paramgen_curve:P-256", 20);
    bench.person("gate", "gate@gate.test", "rsa:2048", 20);
    bench.person("late", "late@there.test", "rsa:2048", -1);
    bench.own("anna");
    for (String name : List.of("bert", "cleo", "late")) {
      bench.partner(name);
    }
    bench.partner("gate", "--for", "@gate.test", "--for", "@there.test");
  }

  @AfterAll
  static void end() {
    bench.close();
  }

  private static String read(Variant variant, String who) {
    bench.write("mail", SmimeBench.octets(variant));
    bench.sh(
        "%1$s cms -decrypt -in mail -recip WHO.pem -inkey WHO.key -out inner".replace("WHO", who));
    return bench.text("inner");
  }

  private static List<Variant> variants(String services, String... to) {
    var treatment = bench.treat(services, "", MAIL.getBytes(ISO_8859_1), "anna@here.test", to);
    assertThat(treatment).as(treatment.toString()).isInstanceOf(Treatment.Passed.class);
    return ((Treatment.Passed) treatment).variants();
  }

  @ParameterizedTest
  @CsvSource({
    "'', authEnveloped-data",
    "'cipher = aes-128-gcm', authEnveloped-data",
    "'cipher = aes-256-cbc, key-transport = pkcs1', enveloped-data"
  })
  void openSslReadsWhatIsEncryptedForRsaAndForEllipticCurves(String how, String type) {
    var all =
        variants("{ use = smime-encrypt, " + how + " }", "bert@there.test", "cleo@there.test");
    assertThat(all).hasSize(1);
    assertThat(read(all.getFirst(), "bert")).isEqualTo(INNER);
    assertThat(read(all.getFirst(), "cleo")).isEqualTo(INNER);
    assertThat(bench.text("mail"))
        .contains("smime-type=" + type + ";", "\r\nSubject: [secure] s\r\n")
        .doesNotContain("Hello");
  }

  @Test
  void whoIsNamedInNoFieldHasAnEnvelopeOfHisOwn() {
    var all = variants(ENCRYPT, "bert@there.test", "somebody@gate.test");
    assertThat(all).hasSize(2);
    assertThat(read(all.getFirst(), "bert")).isEqualTo(INNER);
    assertThat(bench.sh("%1$s cms -cmsout -print -noout -in mail").split("d.ktri")).hasSize(2);
    assertThat(all.getLast().recipients().getFirst().address()).hasToString("somebody@gate.test");
    assertThat(read(all.getLast(), "gate")).isEqualTo(INNER);
  }

  @Test
  void whoHasNoCertificateGetsTheMailAsItIsWhereThatIsAllowed() {
    var all = variants(ENCRYPT, "bert@there.test", "nobody@else.test");
    assertThat(all).hasSize(2);
    assertThat(read(all.getFirst(), "bert")).isEqualTo(INNER);
    assertThat(new String(SmimeBench.octets(all.getLast()), ISO_8859_1)).endsWith(MAIL);
    var note = all.getLast().notes().getFirst();
    assertThat(note.result()).isEqualTo(Note.Result.UNCHANGED);
    assertThat(note.reason())
        .isEqualTo("not encrypted: there is no valid certificate of nobody@else.test");
  }

  @Test
  void theCertificateOfADomainIsForThoseWithoutOneOrForAllAsConfigured() {
    assertThat(read(variants(ENCRYPT, "late@there.test").getFirst(), "gate")).isEqualTo(INNER);
    var all = variants("{ use = smime-encrypt, prefer = domain }", "bert@there.test");
    assertThat(read(all.getFirst(), "gate")).isEqualTo(INNER);
  }

  private static Treatment.Refused refused(String services, String... to) {
    return (Treatment.Refused)
        bench.treat(services, "", MAIL.getBytes(ISO_8859_1), "anna@here.test", to);
  }

  @Test
  void whatMustBeEncryptedAndCannotIsRefusedWithAReplyThatNamesWhoHasNoCertificate() {
    String always = "{ use = smime-encrypt, policy = always }";
    assertThat(refused(always, "bert@there.test", "nobody@else.test").reply().toString())
        .contains("550", "5.7.5", "no valid certificate of nobody@else.test");
    String tagged = "{ use = smime-encrypt, policy = never, tag = \"[secure]\" }";
    assertThat(refused(tagged, "nobody@else.test").rule()).contains("it must be encrypted");
    var held =
        variants("{ use = smime-encrypt, policy = always, on-missing = hold }", "nobody@else.test");
    assertThat(held.getFirst().hold().reason())
        .startsWith("on-missing = hold: unencrypted: ")
        .contains("nobody@else.test");
  }

  @Test
  void theSameTagSignsAndEncryptsAndIsGoneAfterwards() {
    var all =
        variants(
            """
            { use = smime-sign, policy = never, tag = "[secure]" }
            { use = smime-encrypt, policy = never, tag = "[secure]" }
            """,
            "bert@there.test");
    assertThat(read(all.getFirst(), "bert")).startsWith("Content-Type: multipart/signed;");
    bench.sh("%1$s cms -verify -in inner -CAfile ca.pem -out signed");
    assertThat(bench.text("signed")).isEqualTo(INNER);
    assertThat(bench.text("mail")).contains("\r\nSubject: s\r\n");
  }
}
