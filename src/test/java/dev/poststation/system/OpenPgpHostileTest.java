package dev.poststation.system;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Base64;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.bouncycastle.bcpg.BCPGInputStream;
import org.bouncycastle.bcpg.BCPGOutputStream;
import org.bouncycastle.bcpg.PublicKeyEncSessionPacket;
import org.bouncycastle.bcpg.SymmetricKeyAlgorithmTags;
import org.bouncycastle.openpgp.PGPEncryptedDataGenerator;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPUtil;
import org.bouncycastle.openpgp.operator.bc.BcPGPDataEncryptorBuilder;
import org.bouncycastle.openpgp.operator.bc.BcPublicKeyKeyEncryptionMethodGenerator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgpainless.PGPainless;

/// Mail of OpenPGP that strangers have made so that it costs much, or shows what nobody signed.
@Tag("peer")
@Timeout(300)
final class OpenPgpHostileTest {
  private static final String VERIFY = "{ use = openpgp-verify }";
  private static final String ENTITY = "Content-Type: text/plain\r\n\r\nHello\r\n";

  private static PgpBench pgp = new PgpBench();

  @BeforeAll
  static void keys() {
    pgp.person("bert", "bert@here.test", PgpBench.CURVE);
    pgp.person("cleo", "cleo@there.test", PgpBench.CURVE);
    pgp.own("bert");
    pgp.partner("cleo");
  }

  @AfterAll
  static void end() {
    pgp.close();
  }

  private static String head(String subject) {
    return "From: cleo@there.test\r\nSubject: " + subject + "\r\nMIME-Version: 1.0\r\n";
  }

  private static String note(String services, String mail) {
    var variant = pgp.variants(services, mail, "cleo@there.test", "bert@here.test").getFirst();
    pgp.bench.write("out", SmimeBench.octets(variant));
    return variant.notes().getFirst().reason();
  }

  /// A mail around what is encrypted.
  private static String encrypted(String subject, byte[] message) {
    return head(subject)
        + "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\";"
        + " boundary=\"b\"\r\n\r\n"
        + "--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n"
        + "--b\r\nContent-Type: application/octet-stream\r\n"
        + "Content-Transfer-Encoding: base64\r\n\r\n"
        + Base64.getMimeEncoder().encodeToString(message)
        + "\r\n--b--\r\n";
  }

  private static byte[] byGnupg(String how, String inner) {
    pgp.bench.write("inner", inner);
    pgp.gpg("--output closed " + how + " --encrypt inner");
    return pgp.bench.octets("closed");
  }

  private static String opened(byte[] message) {
    return note("{ use = openpgp-decrypt }", encrypted("s", message));
  }

  /// Why a mail for us goes on closed; who sends it is not told.
  private static String damaged(byte[] message) {
    String reason = note("{ use = openpgp-decrypt, on-error = reject }", encrypted("s", message));
    assertThat(pgp.bench.text("out")).startsWith("X-Openpgp-Not-Decrypted: ");
    return reason;
  }

  /// Writes packets that are encrypted.
  private interface Writing {
    void to(OutputStream out) throws IOException;
  }

  private static byte[] encrypted(boolean showsChanges, Writing writing) throws Exception {
    var ring = PGPainless.readKeyRing().publicKeyRing(pgp.bench.octets("bert.asc"));
    PGPPublicKey key = null;
    for (PGPPublicKey each : ring) {
      key = each.isEncryptionKey() ? each : key;
    }
    var generator =
        new PGPEncryptedDataGenerator(
            new BcPGPDataEncryptorBuilder(SymmetricKeyAlgorithmTags.AES_256)
                .setWithIntegrityPacket(showsChanges));
    generator.addMethod(new BcPublicKeyKeyEncryptionMethodGenerator(key));
    var out = new ByteArrayOutputStream();
    try (var packets = generator.open(out, new byte[1 << 16])) {
      writing.to(packets);
    }
    return out.toByteArray();
  }

  /// The header of a packet (RFC 9580 4.2.1.4).
  private static void packet(OutputStream out, int tag, int length) throws IOException {
    out.write(0xc0 | tag);
    out.write(0xff);
    out.write(new byte[] {(byte) (length >> 24), (byte) (length >> 16), (byte) (length >> 8)});
    out.write(length);
  }

  private static void literal(OutputStream out) throws IOException {
    packet(out, 11, ENTITY.length() + 6);
    out.write(new byte[] {'b', 0, 0, 0, 0, 0});
    out.write(ENTITY.getBytes(ISO_8859_1));
  }

  @Test
  void whatShowsNoChangesIsNotRead() throws Exception {
    assertThat(opened(encrypted(true, OpenPgpHostileTest::literal)))
        .startsWith("decrypted by the key of ");
    assertThat(damaged(encrypted(false, OpenPgpHostileTest::literal)))
        .contains("it cannot be decrypted");

    var in =
        new BCPGInputStream(new ByteArrayInputStream(encrypted(true, OpenPgpHostileTest::literal)));
    var session = (PublicKeyEncSessionPacket) in.readPacket();
    in.nextPacketTag();
    byte[] body =
        ((org.bouncycastle.bcpg.InputStreamPacket) in.readPacket()).getInputStream().readAllBytes();
    var cut = new ByteArrayOutputStream();
    session.encode(new BCPGOutputStream(cut));
    packet(cut, 18, body.length + 1 - 22);
    cut.write(1);
    cut.write(body, 0, body.length - 22);
    assertThat(damaged(cut.toByteArray())).contains("it cannot be decrypted");
  }

  /// A packet that is read whole and of which nothing is told: padding.
  @Test
  void paddingThatIsCompressedDoesNotFillTheMemory() throws Exception {
    int much = (int) (Runtime.getRuntime().maxMemory() / 16) + 1_000_000;
    byte[] bomb =
        encrypted(
            true,
            out -> {
              var packed = new ByteArrayOutputStream();
              packed.write(2); // ZLIB
              var deflater = new Deflater(9);
              try (var packets = new DeflaterOutputStream(packed, deflater)) {
                packet(packets, 21, much);
                byte[] some = new byte[1000];
                for (int done = 0; done < much; done += some.length) {
                  packets.write(some, 0, Math.min(some.length, much - done));
                }
                literal(packets);
              }
              deflater.end();
              packet(out, 8, packed.size());
              packed.writeTo(out);
            });
    assertThat(bomb.length).isLessThan(much / 100);
    assertThat(damaged(bomb)).contains("too complex");
  }

  @Test
  void manySignaturesInWhatIsEncryptedAreNotLookedAt() throws Exception {
    byte[] many =
        encrypted(
            true,
            out -> {
              for (int i = 0; i < 21; i++) {
                packet(out, 4, 13);
                out.write(new byte[] {3, 0, 8, 22, 1, 2, 3, 4, 5, 6, 7, 8, 1});
              }
              literal(out);
            });
    assertThat(damaged(many)).contains("it has more than 10 signatures");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-r", "-R"})
  void manySessionKeysThatAreNoneAreNotTried(String how) throws Exception {
    byte[] good = byGnupg(how + " bert@here.test", ENTITY);
    var in = new BCPGInputStream(PGPUtil.getDecoderStream(new ByteArrayInputStream(good)));
    var out = new ByteArrayOutputStream();
    var session = (PublicKeyEncSessionPacket) in.readPacket();
    byte[][] other = session.getEncSessionKey().clone();
    other[0] = other[0].clone();
    other[0][other[0].length - 1] ^= 1;
    var bad =
        PublicKeyEncSessionPacket.createV3PKESKPacket(
            session.getKeyID(), session.getAlgorithm(), other);
    for (int i = 0; i < 5; i++) {
      bad.encode(new BCPGOutputStream(out));
    }
    session.encode(new BCPGOutputStream(out));
    in.transferTo(out);
    if (how.equals("-r")) {
      assertThat(damaged(out.toByteArray())).contains("it cannot be decrypted");
    } else {
      assertThat(opened(out.toByteArray())).startsWith("not decrypted: it is for none of our keys");
    }
  }

  @Test
  void aThirdPartBesideWhatIsEncryptedLeavesTheMailAsItIs() {
    String mail = encrypted("s", byGnupg("-r bert@here.test", ENTITY));
    String third = mail.replace("--b--", "--b\r\n\r\nP.S.\r\n--b--");
    assertThat(note("{ use = openpgp-decrypt }", third)).startsWith("not decrypted: ");
    assertThat(pgp.bench.text("out")).endsWith("P.S.\r\n--b--\r\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"...", "Encrypted Message"})
  void theSubjectThatIsEncryptedReplacesWhatStandsInItsPlace(String outside) {
    String inner = ENTITY.replace("plain", "plain; protected-headers=\"v1\"\r\nSubject: real");
    byte[] message = byGnupg("-r bert@here.test", inner);
    note("{ use = openpgp-decrypt }", encrypted(outside, message));
    assertThat(pgp.bench.text("out"))
        .contains("From: cleo@there.test\r\nSubject: real\r\nMIME")
        .endsWith("\r\n\r\nHello\r\n");
    note("{ use = openpgp-decrypt }", encrypted("another", message));
    assertThat(pgp.bench.text("out")).contains("Subject: another\r\n").doesNotContain("real");
    note("{ use = openpgp-decrypt }", encrypted(outside, byGnupg("-r bert@here.test", ENTITY)));
    assertThat(pgp.bench.text("out")).contains("Subject: " + outside + "\r\n");
  }

  @Test
  void aPartThatNobodySignedBesideOneThatWasSignedSpoilsTheVerdict() {
    pgp.bench.write("entity", ENTITY);
    pgp.gpg("--armor --output signature -u cleo@there.test --detach-sign entity");
    String mail =
        head("s")
            + "Content-Type: multipart/signed; protocol=\"application/pgp-signature\";"
            + " micalg=pgp-sha512; boundary=\"b\"\r\n\r\n--b\r\n"
            + ENTITY
            + "\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\n"
            + pgp.bench.text("signature").replaceAll("\r?\n", "\r\n")
            + "\r\n--b--\r\n";
    assertThat(note(VERIFY, mail)).startsWith("openpgp=pass");
    String html = "--b\r\nContent-Type: text/html\r\n\r\n<b>Pay</b>\r\n--b--";
    assertThat(note(VERIFY, mail.replace("--b--", html)))
        .startsWith("openpgp=permerror: its parts");
    assertThat(note(VERIFY, mail.replace("Type: application/pgp-signature", "Type: text/html")))
        .startsWith("openpgp=permerror: its parts");
    assertThat(note(VERIFY, mail.replaceAll("(?s)Hello.*", "Hello\r\n--b--\r\n")))
        .startsWith("openpgp=permerror: its parts");
  }

  @Test
  void aTextBehindTheEndOfASignatureIsNotSignedEvenWhereASecondEndFollows() {
    pgp.bench.write("text", "Hello\n- dash\nend  \n");
    pgp.gpg("--output signed -u cleo@there.test --clear-sign text");
    String mail = head("s") + "\r\n" + pgp.bench.text("signed").replaceAll("\r?\n", "\r\n");
    assertThat(note(VERIFY, mail)).startsWith("openpgp=pass");
    String not = "not verified: its text is not signed as a whole";
    assertThat(note(VERIFY, mail + "Pay\r\n-----END PGP SIGNATURE-----\r\n")).isEqualTo(not);
    assertThat(note(VERIFY, mail.replace("Hash:", "Comment: please pay\r\nHash:"))).isEqualTo(not);
  }
}
