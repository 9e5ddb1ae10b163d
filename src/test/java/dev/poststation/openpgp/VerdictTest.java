package dev.poststation.openpgp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.OpenPgpSettings;
import dev.poststation.config.WebKeyDirectories;
import dev.poststation.os.Os;
import dev.poststation.smtp.Address;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.SignatureSubpacketTags;
import org.bouncycastle.openpgp.PGPLiteralData;
import org.bouncycastle.openpgp.PGPLiteralDataGenerator;
import org.bouncycastle.openpgp.PGPSecretKeyRing;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureGenerator;
import org.bouncycastle.openpgp.PGPSignatureSubpacketGenerator;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentSignerBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgpainless.PGPainless;
import org.pgpainless.algorithm.KeyFlag;
import org.pgpainless.key.generation.KeySpec;
import org.pgpainless.key.generation.type.KeyType;
import org.pgpainless.key.generation.type.eddsa_legacy.EdDSALegacyCurve;

/// Signatures that no program makes by itself.
class VerdictTest {
  private static final byte[] TEXT = "Hello\r\n".getBytes(US_ASCII);
  private static final Address ANNA = new Address("anna", "here.test");

  @TempDir Path data;

  private Instant signed;
  private Instant now;
  private Keystore keys;
  private PGPSecretKeyRing key;

  @BeforeEach
  void begin() throws Exception {
    keys =
        new Keystore(
            Os.real(),
            data,
            () ->
                new OpenPgpSettings(
                    null, Duration.ofDays(30), WebKeyDirectories.OFF, OpenPgpSettings.Harvest.OFF));
    key =
        PGPainless.buildKeyRing()
            .setPrimaryKey(
                KeySpec.getBuilder(
                    KeyType.EDDSA_LEGACY(EdDSALegacyCurve._Ed25519),
                    KeyFlag.CERTIFY_OTHER,
                    KeyFlag.SIGN_DATA))
            .addUserId("Anna <anna@here.test>")
            .build();
    signed = Os.real().time().now().truncatedTo(ChronoUnit.SECONDS);
    now = signed.plusSeconds(600);
    var shown = PGPainless.extractCertificate(key).getEncoded();
    keys.keep(List.of("anna@here.test"), KeyFile.read(shown).getFirst(), null);
  }

  private PGPSignatureGenerator generator(
      int type, int digest, Consumer<PGPSignatureSubpacketGenerator> more) throws Exception {
    var signing = Keys.signing(key, now).orElseThrow();
    var generator =
        new PGPSignatureGenerator(
            new BcPGPContentSignerBuilder(signing.getAlgorithm(), digest), signing);
    generator.init(type, key.getSecretKey(signing.getKeyID()).extractPrivateKey(null));
    var packets = new PGPSignatureSubpacketGenerator();
    packets.setIssuerKeyID(false, signing.getKeyID());
    packets.setSignatureCreationTime(false, Date.from(signed));
    more.accept(packets);
    generator.setHashedSubpackets(packets.generate());
    return generator;
  }

  private PGPSignature signature(
      int type, int digest, Consumer<PGPSignatureSubpacketGenerator> more) throws Exception {
    var generator = generator(type, digest, more);
    generator.update(TEXT);
    return generator.generate();
  }

  private Verdict around(byte[] message) throws Exception {
    var stream =
        PGPainless.decryptAndOrVerify()
            .onInputStream(new ByteArrayInputStream(message))
            .withOptions(Opener.options(keys, now));
    try (stream) {
      stream.transferTo(OutputStream.nullOutputStream());
    }
    return Verdict.of(stream.getMetadata(), keys, Optional.of(ANNA), now).orElseThrow();
  }

  private Verdict verdict(PGPSignature detached) throws Exception {
    var text = new ByteArrayInputStream(TEXT);
    return Verifier.detached(text, detached.getEncoded(), keys, Optional.of(ANNA), now);
  }

  @Test
  void aSignatureOfSomethingElseThanADocumentIsNone() throws Exception {
    int sha256 = HashAlgorithmTags.SHA256;
    assertThat(verdict(signature(PGPSignature.BINARY_DOCUMENT, sha256, _ -> {})).outcome())
        .isEqualTo(Verdict.Outcome.GOOD);
    for (int type : new int[] {PGPSignature.STAND_ALONE, PGPSignature.DIRECT_KEY}) {
      assertThat(verdict(signature(type, sha256, _ -> {})))
          .returns(Verdict.Outcome.UNREADABLE, Verdict::outcome)
          .returns("it is no signature of a mail", Verdict::why);
    }
  }

  @Test
  void aSignatureThatHasEndedOrWhoseDigestIsWeakVouchesForNothing() throws Exception {
    int type = PGPSignature.BINARY_DOCUMENT;
    assertThat(
            verdict(
                signature(
                    type,
                    HashAlgorithmTags.SHA256,
                    packets -> packets.setSignatureExpirationTime(true, 60))))
        .returns(Verdict.Outcome.BAD_KEY, Verdict::outcome)
        .returns("it was valid until " + signed.plusSeconds(60), Verdict::why);
    assertThat(verdict(signature(type, HashAlgorithmTags.SHA1, _ -> {})))
        .returns(Verdict.Outcome.BAD_KEY, Verdict::outcome)
        .returns("its digest is too weak", Verdict::why);
    var critical =
        signature(
            type,
            HashAlgorithmTags.SHA256,
            packets -> packets.addNotationData(true, true, "must@here.test", "correct"));
    assertThat(verdict(critical).why()).contains("nobody here understands");
    var early =
        signature(
            type,
            HashAlgorithmTags.SHA256,
            packets -> {
              packets.removePacketsOfType(SignatureSubpacketTags.CREATION_TIME);
              packets.setSignatureCreationTime(false, Date.from(now.plusSeconds(7200)));
            });
    assertThat(verdict(early).why()).endsWith(", which is not yet");
  }

  @Test
  void aSignatureAroundAMessageThatWasChangedIsBroken() throws Exception {
    var generator = generator(PGPSignature.BINARY_DOCUMENT, HashAlgorithmTags.SHA256, _ -> {});
    var out = new ByteArrayOutputStream();
    generator.generateOnePassVersion(false).encode(out);
    var literal = new PGPLiteralDataGenerator();
    literal
        .open(out, PGPLiteralData.BINARY, "", TEXT.length, Date.from(now))
        .write("Hullo\r\n".getBytes(US_ASCII));
    literal.close();
    generator.update(TEXT);
    generator.generate().encode(out);
    assertThat(around(out.toByteArray()).outcome()).isEqualTo(Verdict.Outcome.BROKEN);
    var whole = new String(out.toByteArray(), ISO_8859_1);
    byte[] mended = whole.replace("Hullo", "Hello").getBytes(ISO_8859_1);
    assertThat(around(mended).outcome()).isEqualTo(Verdict.Outcome.GOOD);
  }
}
