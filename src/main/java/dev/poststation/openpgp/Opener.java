package dev.poststation.openpgp;

import dev.poststation.smtp.Address;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.bouncycastle.bcpg.BCPGInputStream;
import org.bouncycastle.bcpg.BCPGOutputStream;
import org.bouncycastle.bcpg.PacketTags;
import org.bouncycastle.bcpg.PublicKeyEncSessionPacket;
import org.bouncycastle.openpgp.PGPEncryptedDataList;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPublicKeyEncryptedData;
import org.bouncycastle.openpgp.PGPSecretKey;
import org.bouncycastle.openpgp.PGPSecretKeyRing;
import org.bouncycastle.openpgp.PGPUtil;
import org.bouncycastle.openpgp.operator.bc.BcPublicKeyDataDecryptorFactory;
import org.pgpainless.PGPainless;
import org.pgpainless.decryption_verification.ConsumerOptions;
import org.pgpainless.decryption_verification.MessageMetadata;
import org.pgpainless.key.protection.SecretKeyRingProtector;

/// Decrypts what is for one of our keys, and looks at the signatures in it. All of the content is
/// in memory. Stateless.
public final class Opener {
  /// Keys that are tried where a mail does not say for which one it is, and session keys that are
  /// tried: each is work with a private key.
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
    var letter = Hostile.read("it is no OpenPGP that can be read", () -> letter(message, keys));
    boolean named = !letter.named.isEmpty();
    for (var each : named ? letter.named : letter.hidden) {
      byte[] alone = letter.alone(each);
      for (var key : named ? keys.byId(each.getKeyID()).stream().toList() : hidden(keys, of)) {
        var ring = keys.key(key);
        var opened =
            Hostile.read("it cannot be decrypted", () -> opened(alone, key, ring, keys, of));
        if (opened.isPresent()) {
          return opened;
        }
      }
    }
    if (named) {
      throw new IOException("it cannot be decrypted: it is for another key than it says");
    }
    return Optional.empty();
  }

  private static List<Key> hidden(Keystore keys, Case of) {
    return of.recipients().stream()
        .flatMap(each -> keys.own(each).stream())
        .distinct()
        .limit(TRIED_MAX)
        .toList();
  }

  /// What stands in front of what is encrypted, and that.
  ///
  /// @param named session keys that say they are for one of our keys
  /// @param hidden those that do not say for whom they are
  private record Letter(
      List<PublicKeyEncSessionPacket> named, List<PublicKeyEncSessionPacket> hidden, byte[] rest) {
    /// The message with a single session key.
    byte[] alone(PublicKeyEncSessionPacket session) throws IOException {
      var out = new ByteArrayOutputStream(rest.length);
      session.encode(new BCPGOutputStream(out));
      out.write(rest);
      return out.toByteArray();
    }
  }

  private static Letter letter(byte[] message, Keystore keys) throws IOException {
    List<PublicKeyEncSessionPacket> named = new ArrayList<>();
    List<PublicKeyEncSessionPacket> hidden = new ArrayList<>();
    var in = new BCPGInputStream(decoded(message));
    while (true) {
      switch (in.nextPacketTag()) {
        case PacketTags.PUBLIC_KEY_ENC_SESSION -> {
          var session = (PublicKeyEncSessionPacket) in.readPacket();
          long id = session.getKeyID();
          var among = id == 0 ? hidden : named;
          if (among.size() < TRIED_MAX
              && (id == 0 || keys.byId(id).filter(Key::isOwn).isPresent())) {
            among.add(session);
          }
        }
        case PacketTags.SYMMETRIC_KEY_ENC_SESSION, PacketTags.MARKER -> in.readPacket();
        default -> {
          return new Letter(named, hidden, in.readAll());
        }
      }
    }
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

  /// Opens it by any part of a key; empty: none is for it.
  private static Optional<Opened> opened(
      byte[] message, Key key, PGPSecretKeyRing ring, Keystore keys, Case of) throws Exception {
    for (PGPSecretKey each : ring) {
      if (fits(message, each, of.most())) {
        return Optional.of(decrypted(message, key, ring, keys, of));
      }
    }
    return Optional.empty();
  }

  private static boolean fits(byte[] message, PGPSecretKey key, long most) throws Exception {
    var encrypted = (PGPPublicKeyEncryptedData) new PGPEncryptedDataList(message).get(0);
    var own = key.getPublicKey();
    boolean meant =
        encrypted.getKeyIdentifier().getKeyId() == 0
            ? own.isEncryptionKey() && own.getAlgorithm() == encrypted.getAlgorithm()
            : own.getKeyID() == encrypted.getKeyIdentifier().getKeyId();
    if (!meant || key.isPrivateKeyEmpty()) {
      return false;
    }
    InputStream packets;
    try {
      var by = new BcPublicKeyDataDecryptorFactory(key.extractPrivateKey(null));
      packets = encrypted.getDataStream(by);
    } catch (PGPException e) { // The session key is not one.
      return false;
    }
    new Survey(most).look(packets);
    return true;
  }

  private static Opened decrypted(
      byte[] message, Key by, PGPSecretKeyRing ring, Keystore keys, Case of) throws Exception {
    var out = new ByteArrayOutputStream(message.length);
    var options = options(keys, of.now());
    options.addDecryptionKey(ring, SecretKeyRingProtector.unprotectedKeys());
    var stream =
        PGPainless.decryptAndOrVerify()
            .onInputStream(new ByteArrayInputStream(message))
            .withOptions(options);
    try (stream) {
      copy(stream, out, of.most());
    }
    MessageMetadata found = stream.getMetadata();
    String cipher =
        String.valueOf(found.getEncryptionAlgorithm()).toLowerCase(Locale.ROOT).replace('_', '-');
    return new Opened(
        out.toByteArray(), by, cipher, Verdict.of(found, keys, of.author(), of.now()));
  }

  /// What was compressed may become anything.
  private static void copy(InputStream in, ByteArrayOutputStream out, long most)
      throws IOException {
    byte[] buffer = new byte[8192];
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      if (out.size() + read > most) {
        throw new IOException("it is too complex: there is more than " + most + " octets in it");
      }
      out.write(buffer, 0, read);
    }
  }
}
