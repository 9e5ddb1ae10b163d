package dev.poststation.openpgp;

import dev.poststation.smtp.Address;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.bcpg.BCPGInputStream;
import org.bouncycastle.bcpg.PacketTags;
import org.bouncycastle.bcpg.PublicKeyEncSessionPacket;
import org.bouncycastle.openpgp.PGPUtil;
import org.pgpainless.PGPainless;
import org.pgpainless.decryption_verification.ConsumerOptions;
import org.pgpainless.decryption_verification.MessageMetadata;
import org.pgpainless.key.protection.SecretKeyRingProtector;

/// Decrypts what is for one of our keys, and looks at the signatures in it. All of the content is
/// in memory. Stateless.
public final class Opener {
  private static final int RECIPIENTS_MAX = 1000;

  /// Keys that are tried where a mail does not say for which one it is.
  private static final int TRIED_MAX = 5;

  private Opener() {}

  /// What was in a message.
  ///
  /// @param by whose key opened it
  /// @param cipher for people
  /// @param verdict of the signatures in it; empty: there are none
  public record Opened(byte[] content, Key by, String cipher, Optional<Verdict> verdict) {}

  /// Who is concerned, and when.
  ///
  /// @param author whom From names; empty: nobody, or several
  /// @param recipients of the mail: their keys are tried where it names none
  /// @param most octets of the content
  public record Case(Optional<Address> author, List<Address> recipients, Instant now, long most) {}

  /// Decrypts; empty: it is for none of the keys.
  ///
  /// @param message in armor or without
  /// @throws IOException when it is damaged or too complex, was changed, or the key cannot be had;
  ///   the message is a clause
  public static Optional<Opened> open(byte[] message, Keystore keys, Case of) throws IOException {
    var ids = Hostile.read("it is no OpenPGP that can be read", () -> recipients(message));
    Set<Key> candidates = new LinkedHashSet<>();
    for (long id : ids) {
      if (id != 0) {
        keys.byId(id).filter(Key::isOwn).ifPresent(candidates::add);
      }
    }
    if (candidates.isEmpty() && ids.contains(0L)) {
      of.recipients().stream()
          .flatMap(each -> keys.own(each).stream())
          .limit(TRIED_MAX)
          .forEach(candidates::add);
    }
    if (candidates.isEmpty()) {
      return Optional.empty();
    }
    var options = options(keys, of.now());
    for (var key : candidates) {
      options.addDecryptionKey(keys.key(key), SecretKeyRingProtector.unprotectedKeys());
    }
    return Hostile.read("it cannot be decrypted", () -> decrypted(message, options, keys, of));
  }

  /// The keys that it says it is for; 0: it does not say.
  private static List<Long> recipients(byte[] message) throws IOException {
    List<Long> ids = new ArrayList<>();
    var in = new BCPGInputStream(decoded(message));
    for (int seen = 0; seen <= RECIPIENTS_MAX; seen++) {
      switch (in.nextPacketTag()) {
        case PacketTags.PUBLIC_KEY_ENC_SESSION ->
            ids.add(((PublicKeyEncSessionPacket) in.readPacket()).getKeyID());
        case PacketTags.SYMMETRIC_KEY_ENC_SESSION, PacketTags.MARKER -> in.readPacket();
        default -> {
          return ids;
        }
      }
    }
    throw new IOException("it is for more than " + RECIPIENTS_MAX + " recipients");
  }

  private static InputStream decoded(byte[] message) throws IOException {
    return PGPUtil.getDecoderStream(new ByteArrayInputStream(message));
  }

  /// What a message may be read with, besides keys of ours.
  static ConsumerOptions options(Keystore keys, Instant now) {
    return ConsumerOptions.get()
        .verifyNotAfter(Date.from(now.plus(Verifier.CLOCKS_DIFFER)))
        .setMissingCertificateCallback(id -> keys.byId(id).map(Key::ring).orElse(null));
  }

  private static Optional<Opened> decrypted(
      byte[] message, ConsumerOptions options, Keystore keys, Case of) throws Exception {
    var out = new ByteArrayOutputStream(message.length);
    var stream =
        PGPainless.decryptAndOrVerify()
            .onInputStream(new ByteArrayInputStream(message))
            .withOptions(options);
    try (stream) {
      copy(stream, out, of.most());
    }
    MessageMetadata found = stream.getMetadata();
    var id = found.getDecryptionKey();
    if (id == null) {
      return Optional.empty();
    }
    var by = keys.byId(id.getPrimaryKeyId());
    String cipher =
        String.valueOf(found.getEncryptionAlgorithm())
            .toLowerCase(java.util.Locale.ROOT)
            .replace('_', '-');
    return by.map(
        key ->
            new Opened(
                out.toByteArray(), key, cipher, Verdict.of(found, keys, of.author(), of.now())));
  }

  /// What was compressed may become anything.
  static void copy(InputStream in, ByteArrayOutputStream out, long most) throws IOException {
    byte[] buffer = new byte[8192];
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      if (out.size() + read > most) {
        throw new IOException("it is too complex: there is more than " + most + " octets in it");
      }
      out.write(buffer, 0, read);
    }
  }
}
