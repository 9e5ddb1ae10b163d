package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.content.Treatment;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Mail that `openpgp-sign` signs and `openpgp-encrypt` encrypts, in the hands of GnuPG.
@Tag("peer")
@Timeout(180)
final class OpenPgpSignedTest {
  private static final String SIGN = "{ use = openpgp-sign }";
  private static final String ENCRYPT = "{ use = openpgp-encrypt }";

  private static PgpBench pgp = new PgpBench();

  @BeforeAll
  static void keys() {
    pgp.person("anna", "anna@here.test", PgpBench.RSA);
    pgp.person("bert", "bert@here.test", PgpBench.CURVE);
    pgp.person("cleo", "cleo@there.test", PgpBench.CURVE);
    pgp.person("dora", "dora@there.test", PgpBench.RSA);
    pgp.person("gate", "gate@gate.test", PgpBench.CURVE);
    pgp.person(
        "late", "late@alone.test", PgpBench.CURVE, "1d", "--faked-system-time 20240101T000000!");
    pgp.person("gone", "gone@alone.test", PgpBench.CURVE);
    pgp.revoke("gone", "gone@alone.test");
    pgp.own("anna");
    pgp.own("bert");
    for (String name : List.of("cleo", "dora", "late", "gone")) {
      pgp.partner(name);
    }
    pgp.partner("gate", "--for", "@gate.test", "--for", "@there.test");
  }

  @AfterAll
  static void end() {
    pgp.close();
  }

  private static String mail(String from) {
    return "From: "
        + from
        + "\r\nTo: cleo@there.test\r\nCc: dora@there.test\r\nSubject: [secure] s\r\n"
        + "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        + "From Gr\u00c3\u00bc\u00c3\u009fe \r\nend  \r\n";
  }

  @ParameterizedTest
  @CsvSource({"anna@here.test", "bert@here.test"})
  void whatIsSignedIsGoodToGnupg(String from) {
    String out = PgpBench.text(pgp.variants(SIGN, mail(from), from, "cleo@there.test").getFirst());
    assertThat(out)
        .contains("protocol=\"application/pgp-signature\";\r\n micalg=pgp-sha256;")
        .doesNotContain("\nVersion:", "PGPainless");
    var parts = PgpBench.parts(out);
    pgp.bench.write("entity", parts.get(0));
    pgp.bench.write("signature", PgpBench.body(parts.get(1)));
    pgp.gpg("--verify signature entity");
    assertThat(pgp.bench.text("said")).contains("Good signature", from);
    assertThat(parts.get(0).chars()).allMatch(c -> c < 128);

    pgp.bench.write("entity", parts.get(0).replace("end", "End"));
    assertThat(pgp.refused("--verify signature entity")).contains("BAD signature");
  }

  @Test
  void nobodysKeySignsButTheSendersAndWhatMustBeSignedAndCannotIsRefused() {
    String mail = mail("cleo@there.test");
    var passed = pgp.variants(SIGN, mail, "cleo@there.test", "dora@there.test").getFirst();
    assertThat(PgpBench.text(passed)).endsWith(mail);
    assertThat(passed.notes().getFirst().reason())
        .isEqualTo("not signed: there is no valid key of cleo@there.test");
    var refused =
        (Treatment.Refused)
            pgp.treat(
                "{ use = openpgp-sign, policy = always }", mail, "cleo@there.test", "x@y.test");
    assertThat(refused.reply().toString())
        .contains("550", "5.7.5", "there is no valid key of cleo@there.test");
  }

  private static String decrypted(String mail) {
    var parts = PgpBench.parts(mail);
    assertThat(PgpBench.body(parts.get(0))).isEqualTo("Version: 1\r\n");
    pgp.bench.write("closed", PgpBench.body(parts.get(1)));
    pgp.gpg("--output inner --decrypt closed");
    return pgp.bench.text("inner");
  }

  private static String encrypted(String services, String... to) {
    var all = pgp.variants(services, mail("anna@here.test"), "anna@here.test", to);
    return PgpBench.text(all.getFirst());
  }

  @Test
  void whatIsEncryptedIsReadByGnupgForRsaAndForCurves() {
    String out = encrypted(ENCRYPT, "cleo@there.test", "dora@there.test");
    assertThat(out)
        .contains("protocol=\"application/pgp-encrypted\"", "Subject: [secure] s\r\n")
        .doesNotContain("end  ");
    assertThat(decrypted(out)).endsWith("From Gr\u00c3\u00bc\u00c3\u009fe \r\nend  \r\n");
    String said = pgp.gpg("--list-packets closed");
    assertThat(said).contains(":encrypted data packet:", "mdc_method: 2");
    assertThat(said.split(":pubkey enc packet:")).hasSize(3);
    for (String who : List.of("cleo", "dora")) {
      pgp.bench.sh("mkdir -m 700 -p of-" + who);
      pgp.gpg("--homedir of-" + who + " --import " + who + ".key");
      pgp.gpg("--homedir of-" + who + " --decrypt closed");
      pgp.bench.sh(Peers.program("gpgconf") + " --homedir of-" + who + " --kill all");
    }
    assertThat(pgp.gpg("--verbose --show-session-key --decrypt closed")).isNotEmpty();
    assertThat(pgp.bench.text("said")).contains("AES256");
  }

  @Test
  void whoIsNamedInNoFieldHasAMailOfHisOwn() {
    var all =
        pgp.variants(
            ENCRYPT, mail("anna@here.test"), "anna@here.test", "cleo@there.test", "x@gate.test");
    assertThat(all).hasSize(2);
    for (var each : all) {
      decrypted(PgpBench.text(each));
      assertThat(pgp.gpg("--list-packets closed").split(":pubkey enc packet:")).hasSize(2);
    }
  }

  @Test
  void aKeyThatHasEndedOrWasRevokedIsNotUsedAndTheSenderIsTold() {
    String always = "{ use = openpgp-encrypt, policy = always }";
    var ended =
        (Treatment.Refused)
            pgp.treat(always, mail("anna@here.test"), "anna@here.test", "late@alone.test");
    assertThat(ended.reply().toString())
        .contains("550", "5.7.5", "there is no valid key of late@alone.test");
    assertThat(ended.rule()).contains("the key of late@alone.test was valid until 2024-01-02");
    var revoked =
        (Treatment.Refused)
            pgp.treat(always, mail("anna@here.test"), "anna@here.test", "gone@alone.test");
    assertThat(revoked.rule()).contains("the key of gone@alone.test was revoked");
  }

  @Test
  void theSameTagSignsAndEncryptsAndIsGoneAfterwards() {
    String out =
        encrypted(
            """
            { use = openpgp-sign, policy = never, tag = "[secure]" }
            { use = openpgp-encrypt, policy = never, tag = "[secure]" }
            """,
            "cleo@there.test");
    assertThat(out).contains("\r\nSubject: s\r\n");
    String inner = decrypted(out);
    var parts = PgpBench.parts(inner);
    pgp.bench.write("entity", parts.get(0));
    pgp.bench.write("signature", PgpBench.body(parts.get(1)));
    pgp.gpg("--verify signature entity");
    assertThat(pgp.bench.text("said")).contains("Good signature");
  }
}
