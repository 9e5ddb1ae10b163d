package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.cli.Ran;
import dev.poststation.content.Note;
import dev.poststation.content.Treatment;
import dev.poststation.content.Variant;
import dev.poststation.smtp.ContentReplies;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Mail that GnuPG has encrypted or signed, read by `openpgp-decrypt` and `openpgp-verify`.
@Tag("peer")
@Timeout(300)
final class OpenPgpReadTest {
  private static final String DECRYPT = "{ use = openpgp-decrypt }";
  private static final String VERIFY = "{ use = openpgp-verify }";
  private static final String INNER =
      "Content-Type: text/plain; charset=utf-8\r\n"
          + "Content-Transfer-Encoding: 8bit\r\n\r\n"
          + "Gr\u00c3\u00bc\u00c3\u009fe\r\n";

  private static PgpBench pgp = new PgpBench();

  @BeforeAll
  static void keys() {
    pgp.person("anna", "anna@here.test", PgpBench.RSA);
    pgp.person("bert", "bert@here.test", PgpBench.CURVE);
    pgp.person("cleo", "cleo@there.test", PgpBench.CURVE);
    pgp.person("eve", "eve@there.test", PgpBench.CURVE);
    String then = "--faked-system-time 20240101T000000!";
    pgp.person("late", "late@there.test", PgpBench.CURVE, "1d", then);
    pgp.person("gone", "gone@there.test", PgpBench.CURVE);
    pgp.own("anna");
    pgp.own("bert");
    pgp.partner("cleo");
    pgp.partner("late");
  }

  @AfterAll
  static void end() {
    pgp.close();
  }

  /// A mail as programs make it of what GnuPG encrypts.
  private static String encrypted(String how, String inner) {
    pgp.bench.write("inner", inner);
    pgp.gpg("--armor --output closed " + how + " --encrypt inner");
    return head("cleo@there.test")
        + "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\";"
        + " boundary=\"b\"\r\n\r\n"
        + "--b\r\n"
        + "Content-Type: application/pgp-encrypted\r\n\r\n"
        + "Version: 1\r\n\r\n"
        + "--b\r\n"
        + "Content-Type: application/octet-stream\r\n\r\n"
        + crlf("closed")
        + "\r\n--b--\r\n";
  }

  private static String head(String from) {
    return "From: " + from + "\r\nSubject: s\r\nMIME-Version: 1.0\r\n";
  }

  private static String crlf(String name) {
    return pgp.bench.text(name).replaceAll("\r?\n", "\r\n");
  }

  private static Variant passed(String services, String mail, String to) {
    var variant = pgp.variants(services, mail, "cleo@there.test", to).getFirst();
    pgp.bench.write("out", SmimeBench.octets(variant));
    return variant;
  }

  @ParameterizedTest
  @CsvSource({
    "anna, '-r anna@here.test', RSA",
    "bert, '-r bert@here.test -r cleo@there.test', curves",
    "bert, '-R bert@here.test', hidden",
    "bert, '-z 9 --compress-algo zlib -r bert@here.test', compressed"
  })
  void whatGnupgEncryptsForOurKeysIsRead(String who, String how, String name) {
    String to = who + "@here.test";
    var opened = passed(DECRYPT, encrypted(how, INNER), to);
    assertThat(pgp.bench.text("out"))
        .as(name)
        .startsWith("X-Openpgp-Decrypted: relay.here.test for " + to + ";\r\n key=")
        .contains("cipher=aes-256", "Subject: s\r\n")
        .endsWith(INNER)
        .doesNotContain("signature=", "pgp-encrypted");
    assertThat(opened.notes().getFirst().reason()).startsWith("decrypted by the key of ");
  }

  @ParameterizedTest
  @CsvSource({"'-r anna@here.test'", "'-R anna@here.test'"})
  void whatIsForSomebodyIsReadByNobodyElseAndNothingOfItGoesBack(String how) {
    String annas = encrypted(how, INNER);
    var closed = passed(DECRYPT, annas, "bert@here.test");
    assertThat(closed.notes().getFirst().reason()).contains("for none of our keys that are for");
    assertThat(pgp.bench.text("out")).endsWith(annas);

    var both = pgp.variants(DECRYPT, annas, "cleo@there.test", "bert@here.test", "anna@here.test");
    assertThat(both).hasSize(2);
    assertThat(both.getFirst().recipients().getFirst().address().local()).isEqualTo("anna");
    assertThat(PgpBench.text(both.getFirst())).endsWith(INNER);
    assertThat(both.getFirst().headersOnly()).isTrue();
    assertThat(PgpBench.text(both.getLast())).endsWith(annas);
    assertThat(both.getLast().headersOnly()).isFalse();
  }

  /// Those of RSA are numbers, now and then too large for another key that is tried first.
  @Test
  void hiddenSessionKeysAreReadWhateverNumbersTheyAre() {
    for (int i = 0; i < 10; i++) {
      passed(DECRYPT, encrypted("-R anna@here.test", INNER), "anna@here.test");
      assertThat(pgp.bench.text("out")).endsWith(INNER);
    }
  }

  @Test
  void aSignatureInWhatIsEncryptedIsToldWithIt() {
    String how = "-r bert@here.test --sign -u ";
    passed(DECRYPT, encrypted(how + "cleo@there.test", INNER), "bert@here.test");
    assertThat(pgp.bench.text("out"))
        .contains("signature=pass (signed by the author);\r\n signed-by=")
        .endsWith(INNER);
    passed(DECRYPT, encrypted(how + "eve@there.test", INNER), "bert@here.test");
    assertThat(pgp.bench.text("out")).contains("signature=neutral (it is by key ");
    passed(DECRYPT, encrypted(how + "anna@here.test", INNER), "bert@here.test");
    assertThat(pgp.bench.text("out")).contains("signature=policy (the key is not of the author)");
  }

  @Test
  void whatIsEncryptedInTheTextIsReadAndWhatStandsAroundItHinders() {
    pgp.bench.write("inner", "Gr\u00c3\u00bc\u00c3\u009fe\n");
    pgp.gpg("--armor --output closed -r bert@here.test --encrypt inner");
    String inline = head("cleo@there.test") + "\r\n" + crlf("closed");
    passed(DECRYPT, inline, "bert@here.test");
    assertThat(pgp.bench.text("out"))
        .contains("text/plain; charset=utf-8\r\n")
        .endsWith("\r\n\r\nGr=C3=BC=C3=9Fe\r\n");
    var note =
        passed(DECRYPT, inline + "Your mailing list\r\n", "bert@here.test").notes().getFirst();
    assertThat(note.reason()).startsWith("not decrypted: its text is not what is encrypted");
    assertThat(pgp.bench.text("out")).endsWith("Your mailing list\r\n");
  }

  @Test
  void whatIsForSomebodyElseStaysClosedAndNobodyCanClaimThatItWasEncrypted() {
    String mail = encrypted("-r eve@there.test", INNER);
    var closed = passed(DECRYPT, mail, "bert@here.test").notes().getFirst();
    assertThat(closed.result()).isEqualTo(Note.Result.UNCHANGED);
    assertThat(closed.reason()).contains("for none of our keys");
    passed(
        DECRYPT,
        "X-OpenPGP-Decrypted: relay.here.test\r\nSubject: s\r\n\r\nb\r\n",
        "bert@here.test");
    assertThat(pgp.bench.text("out")).doesNotContain("ecrypted").endsWith("\r\n\r\nb\r\n");
  }

  /// Why a mail for us goes on closed; who sends it is not told.
  private static String damaged(String mail) {
    var closed = passed("{ use = openpgp-decrypt, on-error = reject }", mail, "bert@here.test");
    assertThat(pgp.bench.text("out"))
        .startsWith("X-Openpgp-Not-Decrypted: relay.here.test; it is damaged\r\nReceived:")
        .endsWith(mail);
    assertThat(closed.headersOnly()).isTrue();
    return closed.notes().getFirst().reason();
  }

  @Test
  void whatWasChangedIsDamagedOrWouldFillTheMemoryIsNotRead() {
    String mail = encrypted("-r bert@here.test", INNER.repeat(50));
    var lines = new java.util.ArrayList<>(mail.lines().toList());
    int middle = lines.indexOf("-----END PGP MESSAGE-----") - 3; // In front of the checksum.
    String old = lines.get(middle);
    lines.set(middle, (old.startsWith("A") ? "B" : "A") + old.substring(1));
    lines.removeIf(line -> line.matches("=[A-Za-z0-9+/]{4}")); // Nobody else has to see it.
    assertThat(damaged(String.join("\r\n", lines) + "\r\n")).contains("it cannot be decrypted");
    String junk =
        mail.replaceAll("(?s)(BEGIN PGP MESSAGE-----).*", "$1\r\n\r\nAAAA\r\n\r\n--b--\r\n");
    assertThat(passed(DECRYPT, junk, "bert@here.test").notes().getFirst().reason())
        .isEqualTo("not decrypted: it is for none of our keys that are for its recipients");
    String bomb =
        encrypted("-r bert@here.test", "x")
            .replaceAll("(?s)-----BEGIN.*END PGP MESSAGE-----", "%%");
    pgp.bench.sh("head -c 300000000 /dev/zero > inner");
    pgp.gpg("--armor --output closed -z 1 -r bert@here.test --encrypt inner");
    assertThat(damaged(bomb.replace("%%", crlf("closed")))).contains("too complex");
  }

  /// A mail as programs make it of what GnuPG signs.
  private static String signed(String by, String how, String from) {
    pgp.bench.write("entity", INNER.replace("8bit", "7bit").replaceAll("[^\\r\\n -~]", "x"));
    pgp.gpg("--armor --output signature " + how + " -u " + by + " --detach-sign entity");
    return head(from)
        + "Content-Type: multipart/signed; protocol=\"application/pgp-signature\";"
        + " micalg=pgp-sha512; boundary=\"b\"\r\n\r\n"
        + "--b\r\n"
        + pgp.bench.text("entity")
        + "\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\n"
        + crlf("signature")
        + "\r\n--b--\r\n";
  }

  private static String verified(String mail) {
    String reason = passed(VERIFY, mail, "bert@here.test").notes().getFirst().reason();
    assertThat(pgp.bench.text("out")).endsWith(mail.substring(mail.indexOf("From:")));
    return reason;
  }

  @ParameterizedTest
  @CsvSource({"cleo@there.test, ''", "cleo@there.test, --textmode", "anna@here.test, ''"})
  void whatGnupgSignsIsVerified(String by, String how) {
    assertThat(verified(signed(by, how, by)))
        .startsWith("openpgp=pass: signed by the author (key ");
    assertThat(pgp.bench.text("out"))
        .startsWith(
            "Authentication-Results: relay.here.test;\r\n openpgp=pass (signed by the author)");
  }

  @Test
  void signaturesOfOthersOfWhatWasChangedAndOfWhatIsNoneAreToldApart() {
    String mail = signed("cleo@there.test", "", "cleo@there.test");
    assertThat(verified(mail.replace("Grxxxxe", "Grxxxxt"))).startsWith("openpgp=fail:");
    String reject = "{ use = openpgp-verify, on-broken = reject }";
    var broken =
        (Treatment.Refused)
            pgp.treat(reject, mail.replace("Grxxxxe", "x"), "cleo@there.test", "bert@here.test");
    assertThat(broken.reply()).isEqualTo(ContentReplies.BROKEN_SIGNATURE);
    assertThat(verified(mail.replace("From: cleo@", "From: dora@")))
        .startsWith("openpgp=policy: the key is not of the author");
    assertThat(verified(signed("eve@there.test", "", "eve@there.test")))
        .startsWith("openpgp=neutral: it is by key ")
        .endsWith(", which is not known here");
    assertThat(
            verified(mail.replaceAll("(?s)(PGP SIGNATURE-----).*(\r\n--b--)", "$1\r\n\r\nAAAA$2")))
        .startsWith("openpgp=permerror:")
        .doesNotContain("Exception");
    String forged = "Authentication-Results: relay.here.test; openpgp=pass\r\n";
    assertThat(verified(forged + mail)).startsWith("openpgp=pass");
    assertThat(pgp.bench.text("out")).doesNotContain("relay.here.test; openpgp");
  }

  @Test
  void keysThatHaveEndedOrWereRevokedVouchForNothing() {
    String late = "--faked-system-time 20240101T120000!";
    assertThat(verified(signed("late@there.test", late, "late@there.test")))
        .startsWith("openpgp=pass"); // It was good when it signed.
    String mail = signed("gone@there.test", "", "gone@there.test");
    pgp.revoke("gone", "gone@there.test");
    Ran ran = pgp.partner("gone");
    assertThat(ran.out()).contains("revoked: not for mail any more");
    var fresh =
        pgp.bench.treat(
            VERIFY,
            "warn-before = 31 days",
            mail.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1),
            "gone@there.test",
            "bert@here.test");
    var notes = ((Treatment.Passed) fresh).variants().getFirst().notes();
    assertThat(notes.getFirst().reason()).startsWith("openpgp=policy: the key was revoked");
  }

  @Test
  void aTextWithASignatureAroundItIsVerifiedWhereNothingStandsBesideIt() {
    pgp.bench.write("text", "Hello\n- dash\nend  \n");
    pgp.gpg("--output signed -u cleo@there.test --clear-sign text");
    String mail = head("cleo@there.test") + "\r\n" + crlf("signed");
    assertThat(verified(mail)).startsWith("openpgp=pass");
    assertThat(verified(mail.replace("Hello", "Hallo"))).startsWith("openpgp=fail");
    assertThat(verified(mail + "P.S. more\r\n"))
        .isEqualTo("not verified: its text is not signed as a whole");
  }

  @Test
  void theShelfIsReadByGnupgTooAndHasNoOpenKey() {
    pgp.bench.sh("mkdir -m 700 shelf");
    pgp.bench.sh("cat data/openpgp/own/*.asc > kept");
    assertThat(pgp.bench.text("kept")).contains("names = anna@here.test", "PRIVATE KEY BLOCK");
    pgp.gpg("--homedir shelf --passphrase-file password --import kept");
    assertThat(pgp.gpg("--homedir shelf --list-secret-keys")).contains("bert@here.test");
    pgp.bench.write("inner", INNER);
    pgp.gpg("--armor --output closed -r anna@here.test --encrypt inner");
    assertThat(pgp.gpg("--homedir shelf --passphrase-file password --decrypt closed"))
        .contains("text/plain");
    pgp.bench.sh(Peers.program("gpgconf") + " --homedir shelf --kill all");
  }
}
