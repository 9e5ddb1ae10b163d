package dev.poststation.system;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.content.Treatment;
import dev.poststation.content.Variant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Certificates that come with mail which OpenSSL has signed, and mail that OpenSSL decrypts
/// because of them.
@Tag("peer")
@Timeout(180)
final class SmimeHarvestedTest {
  private static final String VERIFY = "{ use = smime-verify }";
  private static final String ENCRYPT = "{ use = smime-encrypt }";
  private static final String KEY = "ec -pkeyopt ec_paramgen_curve:P-256";
  private static final String INNER = "Content-Type: text/plain\r\n\r\nHello\r\n";

  private static SmimeBench bench = new SmimeBench();
  private static String on = "";

  @BeforeAll
  static void keys() {
    bench.person("cleo", "cleo@there.test", KEY, 20);
    bench.person("next", "cleo@there.test", KEY, 20);
    bench.extensions("keyUsage=digitalSignature");
    bench.person("signs", "dora@there.test", KEY, 20);
    bench.extensions("keyUsage=keyAgreement");
    bench.person("opens", "dora@there.test", KEY, 20);
    bench.extensions("");
    bench.sh(
        "%1$s req -x509 -newkey "
            + KEY
            + " -nodes -keyout self.key -out self.pem -days 9 -subj /CN=x"
            + " -addext subjectAltName=email:self@there.test -addext basicConstraints=CA:false");
    bench.write("inner", INNER);
    on = "authorities = \"" + bench.file("ca.pem") + "\", harvest = on";
  }

  @AfterAll
  static void end() {
    bench.close();
  }

  /// What is said of a mail that somebody signs.
  private static String said(String settings, String who, String from, String how) {
    bench.sh(
        "%1$s cms -sign -binary -crlfeol -in inner -signer WHO.pem -inkey WHO.key -subject s -from FROM -out sent HOW"
            .replace("WHO", who)
            .replace("FROM", from)
            .replace("HOW", how));
    String mail = bench.text("sent").replaceAll("\r?\n", "\r\n");
    var variant = bench.passed(VERIFY, settings, mail, from, "anna@here.test");
    return variant.notes().getFirst().reason();
  }

  private static Variant answered(String settings, String to) {
    String mail = "From: anna@here.test\r\nTo: " + to + "\r\nSubject: s\r\n\r\nHello\r\n";
    var treatment = bench.treat(ENCRYPT, settings, mail.getBytes(ISO_8859_1), "anna@here.test", to);
    assertThat(treatment).as(treatment.toString()).isInstanceOf(Treatment.Passed.class);
    return ((Treatment.Passed) treatment).variants().getFirst();
  }

  private static void opened(Variant variant, String who) {
    bench.write("mail", SmimeBench.octets(variant));
    bench.sh(
        "%1$s cms -decrypt -in mail -recip WHO.pem -inkey WHO.key -out inner2".replace("WHO", who));
    assertThat(bench.text("inner2")).contains("Hello");
  }

  @Test
  void theAnswerToASignedMailIsEncryptedUnlessItIsSwitchedOffOrAnotherOneWasImported() {
    assertThat(said(on.replace("harvest = on", "harvest = off"), "cleo", "cleo@there.test", ""))
        .isEqualTo("smime=pass: signed by the author (cleo@there.test)");
    assertThat(answered(on, "cleo@there.test").notes().getFirst().reason())
        .contains("not encrypted");
    assertThat(said(on, "cleo", "cleo@there.test", ""))
        .contains("(cleo@there.test); his certificate is kept: ");
    assertThat(said(on, "cleo", "cleo@there.test", "-nodetach")).doesNotContain("kept");
    var answer = answered(on, "Cleo@there.test");
    assertThat(answer.notes().getFirst().reason()).contains("(cleo@there.test, harvested)");
    opened(answer, "cleo");
    assertThat(bench.smime("list").out()).contains("cleo@there.test", "harvested");
    assertThat(bench.smime("show cleo@there.test").out()).contains("harvested");

    bench.partner("next");
    opened(answered(on + ", harvest-most = 50", "cleo@there.test"), "next");
    assertThat(bench.smime("list").out()).contains("imported", "harvested");
  }

  @Test
  void ofWhoHasAKeyForSigningAloneTheOtherOneThatCameWithItIsKept() {
    assertThat(said(on, "signs", "dora@there.test", "")).doesNotContain("kept");
    assertThat(said(on, "signs", "dora@there.test", "-certfile opens.pem")).contains("is kept: ");
    opened(answered(on, "dora@there.test"), "opens");
  }

  @Test
  void whomNobodyTrustsAndWhoIsSomebodyElseLeavesNothing() {
    assertThat(said(on, "self", "self@there.test", "")).endsWith("(self@there.test)");
    assertThat(said(on, "cleo", "boss@there.test", "")).doesNotContain("kept");
    assertThat(answered(on, "self@there.test").notes().getFirst().reason())
        .contains("not encrypted");
    assertThat(answered(on, "boss@there.test").notes().getFirst().reason())
        .contains("not encrypted");
  }
}
