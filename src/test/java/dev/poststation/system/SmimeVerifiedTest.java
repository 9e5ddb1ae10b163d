package dev.poststation.system;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.content.Treatment;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What `smime-verify` says of mail that OpenSSL has signed.
@Tag("peer")
@Timeout(180)
final class SmimeVerifiedTest {
  private static final String VERIFY = "{ use = smime-verify }";
  private static final String INNER = "Content-Type: text/plain\r\n\r\nHello\r\n";

  private static SmimeBench bench = new SmimeBench();
  private static String trusting = "";

  @BeforeAll
  static void keys() {
    bench.person("cleo", "cleo@there.test", "rsa:2048", 20);
    bench.person("dora", "dora@there.test", "ec -pkeyopt ec_paramgen_curve:P-256", 20);
    bench.person("tiny", "tiny@there.test", "rsa:768", 20);
    bench.person("late", "late@there.test", "rsa:2048", -1);
    bench.sh(
        "%1$s req -x509 -newkey rsa:2048 -nodes -keyout self.key -out self.pem -days 9 -subj /CN=x"
            + " -addext subjectAltName=email:self@there.test -addext basicConstraints=CA:false");
    bench.write("inner", INNER);
    trusting = "authorities = \"" + bench.file("ca.pem") + "\"";
  }

  @AfterAll
  static void end() {
    bench.close();
  }

  private static String signed(String who, String from, String how) {
    bench.sh(
        "%1$s cms -sign -binary -crlfeol -in inner -signer WHO.pem -inkey WHO.key -subject s -from FROM -out sent HOW"
            .replace("WHO", who)
            .replace("FROM", from)
            .replace("HOW", how));
    return bench.text("sent").replaceAll("\r?\n", "\r\n");
  }

  private static String result(String mail) {
    bench.passed(VERIFY, trusting, mail, "cleo@there.test", "anna@here.test");
    String out = bench.text("out");
    assertThat(out).endsWith(mail.substring(mail.indexOf("MIME-Version")));
    return out;
  }

  @ParameterizedTest
  @CsvSource({
    "cleo, cleo@there.test, '', pass, signed by the author",
    "cleo, cleo@there.test, '-keyopt rsa_padding_mode:pss', pass, signed by the author",
    "cleo, cleo@there.test, '-nodetach', pass, signed by the author",
    "dora, Dora@there.test, '', pass, signed by the author",
    "cleo, boss@there.test, '', policy, its certificate does not name the author",
    "cleo, cleo@there.test, '-md sha1', policy, its digest is too weak",
    "cleo, cleo@there.test, '-md sha1 -keyopt rsa_padding_mode:pss', policy, its digest is too"
        + " weak",
    "cleo, cleo@there.test, '-md md5', policy, its digest is too weak",
    "tiny, tiny@there.test, '', policy, its key is too weak",
    "late, late@there.test, '', policy, its certificate is valid until",
    "self, self@there.test, '', policy, nobody who is trusted has issued its certificate"
  })
  void eachSignatureIsToldApart(String who, String from, String how, String result, String why) {
    assertThat(result(signed(who, from, how)))
        .startsWith("Authentication-Results: relay.here.test;\r\n smime=" + result + " (" + why);
  }

  @Test
  void theBoundaryOfAPartMayBeginLikeThatOfTheSignature() {
    bench.write(
        "inner",
        """
        Content-Type: multipart/mixed; boundary="b-inner"\r
        \r
        --b-inner\r
        \r
        Hello\r
        --b-inner--\r
        """);
    String mail = signed("cleo", "cleo@there.test", "");
    bench.write("inner", INNER);
    var outer = Pattern.compile("; boundary=\"(----[^\"]+)\"").matcher(mail);
    assertThat(outer.find()).isTrue();
    assertThat(result(mail.replace(outer.group(1), "b")))
        .contains("smime=pass (signed by the author");
  }

  @Test
  void aMailThatWasChangedIsToldAsBrokenOrRefused() {
    String changed = signed("cleo", "cleo@there.test", "").replace("Hello", "Hallo");
    assertThat(result(changed)).contains("smime=fail (the signature is");
    var refused =
        (Treatment.Refused)
            bench.treat(
                "{ use = smime-verify, on-broken = reject }",
                trusting,
                changed.getBytes(ISO_8859_1),
                "cleo@there.test",
                "anna@here.test");
    assertThat(refused.reply().toString()).contains("550", "5.7.7");
  }

  @Test
  void aPartThatNobodySignedBesideOneThatWasSignedSpoilsTheVerdict() {
    String mail = signed("cleo", "cleo@there.test", "");
    String end = mail.replaceAll("(?s).*\r\n(--\\S+)--\\s*$", "$1");
    String html = end + "\r\nContent-Type: text/html\r\n\r\n<b>Pay</b>\r\n" + end + "--";
    assertThat(result(mail.replace(end + "--", html))).contains("smime=permerror (its parts ");
    assertThat(result(mail.replaceFirst("application/pkcs7-signature; name", "text/html; name")))
        .contains("smime=permerror (its parts ");
  }

  @Test
  void nobodyElseSaysInOurNameWhatASignatureIsWorth() {
    String forged = "Authentication-Results: relay.here.test; smime=pass\r\n";
    bench.passed(
        VERIFY,
        trusting,
        forged + "From: cleo@there.test\r\n\r\nHello\r\n",
        "cleo@there.test",
        "anna@here.test");
    assertThat(bench.text("out")).doesNotContain("smime=pass");
  }
}
