package dev.poststation.system;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.content.Note;
import dev.poststation.content.Seals;
import dev.poststation.content.Treatment;
import dev.poststation.message.Envelope;
import dev.poststation.os.Os;
import dev.poststation.sim.ScriptedResolver;
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
            who + "@HERE.test",
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
    bench.passed(SIGN, "", mail, "anna@here.test", "b@there.test");
    assertThat(verified())
        .startsWith("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n")
        .contains("Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe\r\n")
        .contains("\r\nR0lGODlhAQABAAAAACw=\r\n--b--\r\n");
    assertThat(bench.text("out").chars()).allMatch(c -> c < 128);
  }

  @Test
  void theKeyOfTheDomainSignsForThoseWithoutOneAndAnExpiredOneDoesNotSign() {
    var house =
        bench.passed(SIGN, "", PLAIN.replace("Anna@here", "who@x"), "who@x.test", "b@there.test");
    assertThat(house.notes().getFirst().reason()).contains("@x.test");
    verified();

    var late =
        bench.passed(SIGN, "", PLAIN.replace("Anna@", "late@"), "late@here.test", "b@there.test");
    assertThat(late.notes().getFirst().result()).isEqualTo(Note.Result.UNCHANGED);
    assertThat(late.notes().getFirst().reason())
        .isEqualTo("not signed: there is no valid key of late@here.test");
  }

  @Test
  void mailFromOutsideIsNotSignedThoughSenderAndAuthorAreOurs() {
    var edge = new Envelope.Source("edge", "mx", "192.0.2.1", "there.test", "ESMTP", "");
    byte[] forged = PLAIN.getBytes(ISO_8859_1);
    var passed =
        (Treatment.Passed) bench.treat(edge, SIGN, "", forged, "anna@here.test", "b@here.test");
    assertThat(passed.variants().getFirst().notes().getFirst().reason())
        .startsWith("not signed: it came from outside, by client rule \"edge\"");
    var refused =
        bench.treat(
            edge,
            "{ use = smime-sign, policy = always }",
            "",
            forged,
            "anna@here.test",
            "b@here.test");
    assertThat(((Treatment.Refused) refused).reply().toString()).contains("came from outside");
  }

  @Test
  void mailThatMustBeSignedAndCannotIsRefusedWithAReplyThatNamesItsAuthor() {
    var refused =
        (Treatment.Refused)
            bench.treat(
                "{ use = smime-sign, policy = always }",
                "",
                PLAIN.replace("Anna@", "nobody@").getBytes(ISO_8859_1),
                "nobody@here.test",
                "b@there.test");
    assertThat(refused.reply().toString())
        .contains("550", "5.7.5", "there is no valid key of nobody@here.test");
  }

  @Test
  void withPolicyNeverOnlyMailWhoseSubjectHasTheTagIsSignedAndTheTagIsTakenOut() {
    String tagged = "{ use = smime-sign, policy = never, tag = \"[secure]\" }";
    var plain = bench.passed(tagged, "", PLAIN, "anna@here.test", "b@there.test");
    assertThat(plain.notes().getFirst().result()).isEqualTo(Note.Result.UNCHANGED);

    String subject = "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe_[Secure]_an_alle?=";
    bench.passed(
        tagged, "", PLAIN.replace("Subject: s", subject), "anna@here.test", "b@there.test");
    assertThat(bench.text("out"))
        .contains("Subject: =?ISO-8859-1?Q?Gr=FC=DFe_an_alle?=\r\n")
        .doesNotContain("ecure]");
    verified();
  }

  @Test
  void mailThatIsSignedAlreadyIsLeftAlone() {
    bench.passed(SIGN, "", PLAIN, "anna@here.test", "b@there.test");
    String once =
        bench.text("out").substring("Received: from here by relay.here.test; now\r\n".length());
    bench.passed(SIGN, "", once, "anna@here.test", "b@there.test");
    assertThat(bench.text("out")).endsWith(once);
  }

  @Test
  void aLargeMailIsSigned() {
    String mail = PLAIN + "a line of text\r\n".repeat(400_000);
    bench.passed(SIGN, "", mail, "anna@here.test", "b@there.test");
    assertThat(verified()).hasSize(6_400_000 + 35);
  }

  private static String refused(String services, String mail, String from) {
    var treatment = bench.treat(services, "", mail.getBytes(ISO_8859_1), from, "b@there.test");
    assertThat(treatment).isInstanceOf(Treatment.Refused.class);
    return ((Treatment.Refused) treatment).reply().toString();
  }

  private static String reason(String services, String mail, String from) {
    var note = bench.passed(services, "", mail, from, "b@there.test").notes().getFirst();
    assertThat(note.result()).isEqualTo(Note.Result.UNCHANGED);
    return note.reason();
  }

  @ParameterizedTest
  @CsvSource({
    "mallory@here.test, 'its sender mallory@here.test is not its author Anna@here.test'",
    "@, 'its sender <> is not its author Anna@here.test'"
  })
  void nobodySignsByTheKeyOfSomebodyElse(String sender, String why) {
    assertThat(reason(SIGN, PLAIN, sender)).isEqualTo("not signed: " + why);
    assertThat(refused("{ use = smime-sign, policy = always }", PLAIN, sender))
        .contains("550", "5.7.5", "must be signed, and " + why);
    var signed =
        bench.passed("{ use = smime-sign, any-author = on }", "", PLAIN, sender, "b@there.test");
    assertThat(signed.notes().getFirst().reason()).startsWith("signed by ");
  }

  @ParameterizedTest
  @CsvSource({
    "'From: Eve <eve@else.test>\r\n', '', it has 2 fields From",
    "'', ', eve@else.test', From names 2 authors",
    "'', ' <', the address in From cannot be understood"
  })
  void aMailThatMayShowAnotherAuthorToItsReadersIsNotSigned(
      String field, String address, String why) {
    String front = field.replace("\\r\\n", "\r\n");
    String mail = front + PLAIN.replace("<Anna@here.test>", "<Anna@here.test>" + address);
    for (String also : new String[] {"", ", any-author = on"}) {
      String sign = "{ use = smime-sign" + also + " }";
      assertThat(reason(sign, mail, "anna@here.test")).isEqualTo("not signed: " + why);
    }
    assertThat(refused("{ use = smime-sign, policy = always }", mail, "anna@here.test"))
        .contains("550", "5.7.5", why);
  }

  @Test
  void aMailThatCanNeverBeSignedIsSentUnsignedOrRefusedForGood() {
    String unknown =
        PLAIN.replace("\r\n\r\n", "\r\nContent-Transfer-Encoding: x-odd\r\n\r\n\u00c3\u00bc");
    String forwarded =
        PLAIN.replace(
            "\r\n\r\n",
            "\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n"
                + "Content-Type: multipart/signed; boundary=i\r\n\r\n--i\r\n\r\n\u00c3\u00bc\r\n"
                + "--i--\r\n--o--\r\n");
    String large = PLAIN + "\u00c3\u00bc" + "a line of text\r\n".repeat(3_200_000);
    for (String mail : new String[] {unknown, forwarded, large}) {
      assertThat(reason(SIGN, mail, "anna@here.test"))
          .startsWith("not signed: it ")
          .contains("7bit");
      assertThat(refused("{ use = smime-sign, policy = always }", mail, "anna@here.test"))
          .contains("550", "5.7.5", "must be signed, and it ", "7bit");
    }
  }

  @Test
  void whenOurCertificatesEndIsMeasuredUntilALaterOneReplacesThem() {
    var configuration = bench.configuration("", "");
    var before =
        Seals.of(Os.real(), configuration.data(), new ScriptedResolver(), () -> configuration)
            .expiries();
    assertThat(before.keySet()).allMatch(each -> each.contains("/smime/own/"));

    bench.person("later", "house@x.test", "ec -pkeyopt ec_paramgen_curve:P-256", 25);
    bench.own("later", "--for", "@x.test");
    var after =
        Seals.of(Os.real(), configuration.data(), new ScriptedResolver(), () -> configuration)
            .expiries();
    assertThat(after).hasSameSizeAs(before).isNotEqualTo(before);
  }
}
