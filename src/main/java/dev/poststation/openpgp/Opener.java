package dev.poststation.openpgp;

import dev.poststation.seal.Attempt;
import dev.poststation.smtp.Address;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.bcpg.BCPGInputStream;
import org.bouncycastle.bcpg.BCPGOutputStream;
import org.bouncycastle.bcpg.PacketTags;
import org.bouncycastle.bcpg.PublicKeyEncSessionPacket;
import org.bouncycastle.openpgp.PGPEncryptedDataList;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPublicKeyEncryptedData;
import org.bouncycastle.openpgp.PGPSecretKey;
import org.bouncycastle.openpgp.PGPSecretKeyRing;
import org.bouncycastle.openpgp.PGPSessionKey;
import org.bouncycastle.openpgp.PGPUtil;
import org.bouncycastle.openpgp.operator.bc.BcPublicKeyDataDecryptorFactory;
import org.bouncycastle.openpgp.operator.bc.BcSessionKeyDataDecryptorFactory;
import org.pgpainless.PGPainless;
import org.pgpainless.decryption_verification.ConsumerOptions;
import org.pgpainless.decryption_verification.MessageMetadata;
import org.pgpainless.util.SessionKey;

/// A message that is encrypted, read up to where a key is needed; with what is to be thought of the
/// signatures in it. All of the content is in memory. Immutable.
public final class Opener {
  /// Keys that are tried where a mail does not say for which one it is, and session keys that are
  /// tried by one: each is work with a private key.
  private static final int TRIED_MAX = 5;

  /// Session keys for somebody of which a mail may have so many that are looked at.
  private static final int SESSIONS_MAX = 1000;

  /// Session keys that say for whom they are.
  private final List<PublicKeyEncSessionPacket> named;

  /// Session keys that do not.
  private final List<PublicKeyEncSessionPacket> hidden;

  /// What is encrypted.
  private final byte[] rest;

  private Opener(
      List<PublicKeyEncSessionPacket> named, List<PublicKeyEncSessionPacket> hidden, byte[] rest) {
    this.named = named;
    this.hidden = hidden;
    this.rest = rest;
  }

  /// What was in a message.
  ///
  /// @param cipher for people
  /// @param verdict of the signatures in it; empty: there are none
  public record Opened(byte[] content, String cipher, Optional<Verdict> verdict) {}

  /// Who is concerned, and when.
  ///
  /// @param author whom From names; empty: nobody, or several
  /// @param most octets of the content
  public record Case(Optional<Address> author, Instant now, long most) {}

  /// Reads a message.
  ///
  /// @param message in armor or without
  /// @throws IOException when it is no OpenPGP; the message is a clause
  public static Opener of(byte[] message) throws IOException {
    return Hostile.read("it is no OpenPGP that can be read", () -> read(message));
  }

  private static Opener read(byte[] message) throws IOException {
    List<PublicKeyEncSessionPacket> named = new ArrayList<>();
    List<PublicKeyEncSessionPacket> hidden = new ArrayList<>();
    var in = new BCPGInputStream(decoded(message));
    while (true) {
      switch (in.nextPacketTag()) {
        case PacketTags.PUBLIC_KEY_ENC_SESSION -> {
          var session = (PublicKeyEncSessionPacket) in.readPacket();
          boolean hides = session.getKeyID() == 0;
          var among = hides ? hidden : named;
          if (among.size() < (hides ? TRIED_MAX : SESSIONS_MAX)) {
            among.add(session);
          }
        }
        case PacketTags.SYMMETRIC_KEY_ENC_SESSION, PacketTags.MARKER -> in.readPacket();
        default -> {
          return new Opener(named, hidden, in.readAll());
        }
      }
    }
  }

  /// The keys of ours of these recipients for which it says that it is, else those for which it may
  /// be; by who may read it by them.
  public Map<Address, List<Key>> keys(Keystore keys, List<Address> recipients) {
    Map<Address, List<Key>> found = new LinkedHashMap<>();
    Set<String> guessed = new HashSet<>();
    for (var recipient : recipients) {
      List<Key> his = new ArrayList<>(1);
      for (var key : keys.own(recipient)) {
        boolean says = !sessions(key).isEmpty();
        String print = key.fingerprint();
        boolean may = !hidden.isEmpty() && (guessed.contains(print) || guessed.size() < TRIED_MAX);
        if (!says && may) {
          guessed.add(print);
        }
        if (says || may) {
          his.add(key);
        }
      }
      found.put(recipient, his);
    }
    return found;
  }

  /// Those that say they are for a key or one of its subkeys.
  private List<PublicKeyEncSessionPacket> sessions(Key key) {
    return named.stream()
        .filter(each -> key.ring().getPublicKey(each.getKeyID()) != null)
        .limit(TRIED_MAX)
        .toList();
  }

  /// Decrypts it.
  ///
  /// @throws IOException when the key cannot be had; the message is a clause
  public Attempt<Opened> open(Key key, Keystore keys, Case of) throws IOException {
    var ring = keys.key(key);
    var named = sessions(key);
    var survey = new Survey(of.most());
    try {
      for (var each : named.isEmpty() ? hidden : named) {
        byte[] alone = alone(each);
        var opened =
            Hostile.read("it cannot be decrypted", () -> opened(alone, ring, keys, survey, of));
        if (opened.isPresent()) {
          return new Attempt.Opened<>(opened.get());
        }
      }
    } catch (IOException e) { // All that it needs is in memory.
      return new Attempt.Damaged<>(String.valueOf(e.getMessage()), survey.octets());
    }
    return named.isEmpty()
        ? new Attempt.Foreign<>()
        : new Attempt.Damaged<>("it cannot be decrypted: it is for another key than it says");
  }

  /// The message with a single session key.
  private byte[] alone(PublicKeyEncSessionPacket session) throws IOException {
    var out = new ByteArrayOutputStream(rest.length);
    session.encode(new BCPGOutputStream(out));
    out.write(rest);
    return out.toByteArray();
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
      byte[] message, PGPSecretKeyRing ring, Keystore keys, Survey survey, Case of)
      throws Exception {
    for (PGPSecretKey each : ring) {
      var session = session(message, each, survey);
      if (session.isPresent()) {
        return Optional.of(decrypted(message, session.get(), keys, of));
      }
    }
    return Optional.empty();
  }

  /// The session key, if it is for this part of a key, of a message whose packets are not too many.
  private static Optional<PGPSessionKey> session(byte[] message, PGPSecretKey key, Survey survey)
      throws Exception {
    var list = new PGPEncryptedDataList(message);
    var encrypted = (PGPPublicKeyEncryptedData) list.get(0);
    var own = key.getPublicKey();
    boolean meant =
        encrypted.getKeyIdentifier().getKeyId() == 0
            ? own.isEncryptionKey() && own.getAlgorithm() == encrypted.getAlgorithm()
            : own.getKeyID() == encrypted.getKeyIdentifier().getKeyId();
    if (!meant || key.isPrivateKeyEmpty()) {
      return Optional.empty();
    }
    PGPSessionKey session;
    InputStream packets;
    try {
      session =
          encrypted.getSessionKey(new BcPublicKeyDataDecryptorFactory(key.extractPrivateKey(null)));
      packets =
          list.extractSessionKeyEncryptedData()
              .getDataStream(new BcSessionKeyDataDecryptorFactory(session));
    } catch (PGPException | RuntimeException e) {
      return Optional.empty(); // It is not one, or a number that is too large for this key.
    }
    survey.look(packets);
    return Optional.of(session);
  }

  /// Told the session key: it would try each part of a key itself, and stumble over what is too
  /// large a number for one of them.
  private static Opened decrypted(byte[] message, PGPSessionKey session, Keystore keys, Case of)
      throws Exception {
    var out = new ByteArrayOutputStream(message.length);
    var options = options(keys, of.now()).setSessionKey(new SessionKey(session));
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
    return new Opened(out.toByteArray(), cipher, Verdict.of(found, keys, of.author(), of.now()));
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
