package dev.poststation.system;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.content.Treatment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Keys of GnuPG that have ended, were extended, or are not whole.
@Tag("peer")
@Timeout(180)
final class OpenPgpKeysTest {
  private static final String ENTITY = "Content-Type: text/plain\r\n\r\nHello\r\n";
  private static final String BEGIN = "--faked-system-time 20240101T000000!";

  private static PgpBench pgp = new PgpBench();
  private static int days = 31;

  @AfterAll
  static void end() {
    pgp.close();
  }

  /// What services make of a mail that know the keys as they are now.
  private static Treatment treat(String services, String mail, String from, String to) {
    String settings = "warn-before = " + days++ + " days";
    return pgp.bench.treat(services, settings, mail.getBytes(US_ASCII), from, to);
  }

  /// What `openpgp-verify` says of a mail that GnuPG signs.
  private static String verified(String address, String how) {
    pgp.bench.write("entity", ENTITY);
    pgp.gpg("--armor --output signature -u " + address + " " + how + " --detach-sign entity");
    String mail =
        "From: "
            + address
            + "\r\nSubject: s\r\nMIME-Version: 1.0\r\n"
            + "Content-Type: multipart/signed; protocol=\"application/pgp-signature\";"
            + " micalg=pgp-sha512; boundary=\"b\"\r\n\r\n--b\r\n"
            + ENTITY
            + "\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\n"
            + pgp.bench.text("signature").replaceAll("\r?\n", "\r\n")
            + "\r\n--b--\r\n";
    return reason(treat("{ use = openpgp-verify }", mail, address, "bert@here.test"));
  }

  private static String reason(Treatment treatment) {
    return ((Treatment.Passed) treatment).variants().getFirst().notes().getFirst().reason();
  }

  @ParameterizedTest
  @CsvSource({
    "over, --faked-system-time 20240105T000000!, the key was valid until 2024-01-03T",
    "once, --faked-system-time 20240102T000000! --default-sig-expire 1d, it was valid until 2024-",
    "weak, --digest-algo SHA1, its digest is too weak",
    "good, --digest-algo SHA384, signed by the author"
  })
  void aSignatureThatHasEndedOrIsByAKeyThatHadVouchesForNothing(
      String name, String how, String why) {
    String address = name + "@there.test";
    pgp.person(name, address, PgpBench.CURVE, PgpBench.NO_END, BEGIN);
    if (name.equals("over")) {
      // It signs as if nobody had said yet that it has ended.
      pgp.bench.sh("cp -a gpg before");
      String then = "--faked-system-time 20240102T000000! --quick-set-expire ";
      pgp.gpg(then + pgp.print(address) + " 1d");
      pgp.gpg("--armor --output over.asc --export " + address);
    }
    pgp.partner(name);
    if (name.equals("over")) {
      pgp.bench.sh("rm -r gpg/pubring.kbx && cp before/pubring.kbx gpg/");
    }
    String result = name.equals("good") ? "openpgp=pass: " : "openpgp=policy: ";
    assertThat(verified(address, how)).startsWith(result + why);
  }

  @Test
  void aKeyWhoseEndWasPutOffIsKeptAndUsedAndOneThatHasEndedDoesNotSign() {
    for (String name : new String[] {"more", "late"}) {
      pgp.person(name, name + "@here.test", PgpBench.CURVE, "1d", BEGIN);
    }
    assertThat(pgp.own("late").out()).contains("until 2024-01-02", "decrypts old mail alone");
    String always = "{ use = openpgp-sign, policy = always }";
    var mail = "From: late@here.test\r\nSubject: s\r\n\r\nb\r\n";
    assertThat(treat(always, mail, "late@here.test", "x@y.test"))
        .isInstanceOf(Treatment.Refused.class);

    String print = pgp.print("more@here.test");
    pgp.gpg("--quick-set-expire " + print + " 10y");
    String sub =
        pgp.gpg("--with-colons --list-keys " + print)
            .lines()
            .filter(each -> each.startsWith("fpr:"))
            .skip(1)
            .findFirst()
            .orElseThrow()
            .split(":")[9];
    pgp.gpg("--quick-set-expire " + print + " 10y " + sub);
    pgp.gpg("--armor --output more.key --export-secret-keys more@here.test");
    assertThat(pgp.own("more").out()).contains("until 20", ": signs, decrypts");
    assertThat(pgp.bench.done("pgp list").out()).contains("more@here.test");
  }

  @Test
  void aKeyWithoutANameOfItsOwnIsKeptAndNotUsed() {
    pgp.person("bare", "bare@there.test", PgpBench.CURVE);
    pgp.gpg(
        "--armor --output bare.asc --export-filter keep-uid=uid=~nobody --export bare@there.test");
    assertThat(pgp.partner("bare", "--for", "bare@there.test").out())
        .contains("without end: not for mail any more");
    assertThat(pgp.bench.done("pgp show bare@there.test").out()).contains("never");
    String always = "{ use = openpgp-encrypt, policy = always }";
    var mail = "From: anna@here.test\r\nSubject: s\r\n\r\nb\r\n";
    assertThat(treat(always, mail, "anna@here.test", "bare@there.test"))
        .isInstanceOf(Treatment.Refused.class);
  }

  private static String signed(String address) {
    var mail = "From: " + address + "\r\nSubject: s\r\nMIME-Version: 1.0\r\n\r\nb\r\n";
    var passed = (Treatment.Passed) treat("{ use = openpgp-sign }", mail, address, "x@y.test");
    var parts = PgpBench.parts(PgpBench.text(passed.variants().getFirst()));
    pgp.bench.write("entity", parts.get(0));
    pgp.bench.write("signature", PgpBench.body(parts.get(1)));
    pgp.gpg("--verify signature entity");
    return pgp.bench.text("said");
  }

  @Test
  void whereThePrimaryKeyIsElsewhereASubkeySigns() {
    pgp.person("shop", "shop@here.test", PgpBench.CURVE);
    pgp.gpg("--quick-add-key " + pgp.print("shop@here.test") + " ed25519 sign 0");
    pgp.gpg("--armor --output shop.key --export-secret-subkeys shop@here.test");
    assertThat(pgp.own("shop").out()).contains(": signs, decrypts");
    assertThat(signed("shop@here.test")).contains("Good signature", "using EDDSA key");
  }

  @Test
  void anExportWithoutThePrimaryKeyDoesNotTakeItAway() {
    pgp.person("full", "full@here.test", PgpBench.RSA);
    pgp.own("full");
    pgp.gpg("--armor --output full.key --export-secret-subkeys full@here.test");
    assertThat(pgp.own("full").out()).contains(": signs, decrypts");
    assertThat(signed("full@here.test")).contains("Good signature");
    String kept = "data/openpgp/own/" + pgp.print("full@here.test") + ".asc";
    String packets = pgp.gpg("--list-packets " + kept);
    assertThat(packets.split("algo: 9, SHA1 protection, hash: 8")).hasSize(3);
    pgp.bench.sh("mkdir -m 700 shelf");
    pgp.gpg("--homedir shelf --passphrase-file password --import " + kept);
    pgp.gpg("--homedir shelf --passphrase-file password --detach-sign entity");
    pgp.bench.sh(Peers.program("gpgconf") + " --homedir shelf --kill all");
  }
}
