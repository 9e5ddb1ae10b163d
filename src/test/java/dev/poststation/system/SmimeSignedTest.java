package dev.poststation.system;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.content.Note;
import dev.poststation.content.Treatment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Mail that `smime-sign` has signed is good to OpenSSL, and to the octet what was signed.
@Tag("peer")
@Timeout(180)
final class SmimeSignedTest {
  private static final String SIGN = "{ use = smime-sign }";
  private static final String PLAIN =
      "From: Anna <Anna@here.test>\r\nTo: b@there.test\r\nSubject: s\r\n\r\nHello\r\n";

  private static SmimeBench bench = new SmimeBench();

  @BeforeAll
  static void keys() {
    bench.person("anna", "anna@here.test", "rsa:2048", 20);
    bench.person("bert", "bert@here.test", "ec -pkeyopt ec_paramgen_curve:P-256", 20);
    bench.person("house", "house@x.test", "rsa:2048", 20);
    bench.person("late", "late@here.test", "rsa:2048", -1);
    for (String name : new String[] {"anna", "bert", "late"}) {
      bench.own(name);
    }
    bench.own("house", "--for", "@x.test");
  }

  @AfterAll
  static void end() {
    bench.close();
  }

  /// What OpenSSL says was signed.
  private static String verified() {
    bench.sh("%1$s cms -verify -in out -CAfile ca.pem -out inner");
    return bench.text("inner");
  }

  @ParameterizedTest
  @CsvSource({
    "anna, 'padding = pss', sha-256, rsassaPss",
    "anna, 'padding = pkcs1, digest = sha512', sha-512, rsaEncryption",
    "bert, 'digest = sha384', sha-384, ecdsa-with-SHA384"
  })
  void openSslVerifiesWhatIsSignedByEachKindOfKey(
      String who, String how, String micalg, String algorithm) {
    var signed =
        bench.passed(
            "{ use = smime-sign, " + how + " }",
            "",
            PLAIN.replace("Anna@", who + "@"),
            "a@x.test",
            "b@there.test");
    assertThat(verified()).isEqualTo("Content-Type: text/plain\r\n\r\nHello\r\n");
    String mail = bench.text("out");
    assertThat(mail)
        .startsWith("Received: from here")
        .contains("\r\nSubject: s\r\n", "micalg=" + micalg, "MIME-Version: 1.0\r\n");
    assertThat(bench.sh("%1$s cms -cmsout -print -noout -in out")).contains(algorithm);
    assertThat(signed.notes().getFirst().reason()).contains("signed by", who + "@here.test");
  }

  @Test
  void aMailInUtf8IsEncodedBeforeItIsSignedAndItsPartsStayWhatTheyAre() {
    String mail =
        "From: anna@here.test\r\n"
            + "MIME-Version: 1.0\r\n"
            + "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
            + "--b\r\n"
            + "Content-Type: text/plain; charset=utf-8\r\n"
            + "Content-Transfer-Encoding: 8bit\r\n\r\n"
            + "Gr\u00c3\u00bc\u00c3\u009fe\r\n"
            + "--b\r\n"
            + "Content-Type: image/gif\r\n"
            + "Content-Transfer-Encoding: base64\r\n\r\n"
            + "R0lGODlhAQABAAAAACw=\r\n"
            + "--b--\r\n";
    bench.passed(SIGN, "", mail, "a@x.test", "b@there.test");
    assertThat(verified())
        .startsWith("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n")
        .contains("Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe\r\n")
        .contains("\r\nR0lGODlhAQABAAAAACw=\r\n--b--\r\n");
    assertThat(bench.text("out").chars()).allMatch(c -> c < 128);
  }

  @Test
  void theKeyOfTheDomainSignsForThoseWithoutOneAndAnExpiredOneDoesNotSign() {
    var house =
        bench.passed(SIGN, "", PLAIN.replace("Anna@here", "who@x"), "a@x.test", "b@there.test");
    assertThat(house.notes().getFirst().reason()).contains("@x.test");
    verified();

    var late = bench.passed(SIGN, "", PLAIN.replace("Anna@", "late@"), "a@x.test", "b@there.test");
    assertThat(late.notes().getFirst().result()).isEqualTo(Note.Result.UNCHANGED);
    assertThat(late.notes().getFirst().reason())
        .isEqualTo("not signed: there is no valid key of late@here.test");
  }

  @Test
  void mailThatMustBeSignedAndCannotIsRefusedWithAReplyThatNamesItsAuthor() {
    var refused =
        (Treatment.Refused)
            bench.treat(
                "{ use = smime-sign, policy = always }",
                "",
                PLAIN.replace("Anna@", "nobody@").getBytes(ISO_8859_1),
                "a@x.test",
                "b@there.test");
    assertThat(refused.reply().toString())
        .contains("550", "5.7.5", "there is no valid key of nobody@here.test");
  }

  @Test
  void withPolicyNeverOnlyMailWhoseSubjectHasTheTagIsSignedAndTheTagIsTakenOut() {
    String tagged = "{ use = smime-sign, policy = never, tag = \"[secure]\" }";
    var plain = bench.passed(tagged, "", PLAIN, "a@x.test", "b@there.test");
    assertThat(plain.notes().getFirst().result()).isEqualTo(Note.Result.UNCHANGED);

    String subject = "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe_[Secure]_an_alle?=";
    bench.passed(tagged, "", PLAIN.replace("Subject: s", subject), "a@x.test", "b@there.test");
    assertThat(bench.text("out"))
        .contains("Subject: =?UTF-8?B?R3LDvMOfZSBhbiBhbGxl?=\r\n")
        .doesNotContain("ecure]");
    verified();
  }

  @Test
  void mailThatIsSignedAlreadyIsLeftAlone() {
    bench.passed(SIGN, "", PLAIN, "a@x.test", "b@there.test");
    String once =
        bench.text("out").substring("Received: from here by relay.here.test; now\r\n".length());
    bench.passed(SIGN, "", once, "a@x.test", "b@there.test");
    assertThat(bench.text("out")).endsWith(once);
  }

  @Test
  void aLargeMailIsSigned() {
    String mail = PLAIN + "a line of text\r\n".repeat(400_000);
    bench.passed(SIGN, "", mail, "a@x.test", "b@there.test");
    assertThat(verified()).hasSize(6_400_000 + 35);
  }
}
