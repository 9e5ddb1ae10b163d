package dev.poststation.openpgp;

import dev.poststation.config.OpenPgpSettings;
import dev.poststation.os.Os;
import dev.poststation.seal.Cabinet;
import dev.poststation.seal.Kept;
import dev.poststation.seal.Names;
import dev.poststation.smtp.Address;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.PGPSecretKeyRing;
import org.jspecify.annotations.Nullable;
import org.pgpainless.PGPainless;

/// The keys of OpenPGP: `openpgp` in `data`. Safe for any thread.
public final class Keystore {
  private final Os os;
  private final Supplier<OpenPgpSettings> settings;
  private final Cabinet<Key, PGPSecretKeyRing, Map<Long, Key>> cabinet;
  private final HarvestedKeys harvested;

  /// @param data that of the relay
  /// @param settings `openpgp` of the configuration in force
  public Keystore(Os os, Path data, Supplier<OpenPgpSettings> settings) {
    this.os = os;
    this.settings = settings;
    this.cabinet = new Cabinet<>(os, data, new KeyForm(), this::open, Keystore::byId);
    this.harvested = new HarvestedKeys(os, data, () -> settings.get().harvest(), this);
  }

  private static Map<Long, Key> byId(List<Key> all) {
    Map<Long, Key> ids = new HashMap<>();
    for (var key : all) {
      for (PGPPublicKey each : key.ring()) {
        ids.putIfAbsent(each.getKeyID(), key);
      }
    }
    return ids;
  }

  private PGPSecretKeyRing open(Key key) throws IOException {
    var sealed = key.sealed().orElseThrow(() -> new IOException("it is somebody else's"));
    return Sealing.open(sealed, password(), "openpgp.password does not open it");
  }

  private String password() throws IOException {
    var secret = settings.get().password();
    if (secret == null) {
      throw new IOException("the configuration has no openpgp.password");
    }
    return secret.reveal();
  }

  /// All that is kept: those of ours, those of others, and what came with their mail.
  public List<Key> all() {
    return Stream.concat(cabinet.all().stream(), harvested.all().stream()).toList();
  }

  /// What came with mail of others.
  HarvestedKeys harvested() {
    return harvested;
  }

  /// Whether an administrator has brought a key of somebody that can be used now.
  boolean hasUsable(Address address) {
    String name = Names.of(address);
    return Stream.concat(cabinet.partners(name).stream(), cabinet.own(name).stream())
        .anyMatch(now(Keys::mayEncrypt));
  }

  /// Those that have private keys.
  List<Key> own() {
    return cabinet.own();
  }

  /// Whom a key or subkey belongs to.
  Optional<Key> byId(long id) {
    return Optional.ofNullable(cabinet.more().get(id));
  }

  /// Those of ours that are for an address or its domain.
  List<Key> own(Address address) {
    return Stream.of(Names.of(address), Names.ofDomain(address))
        .flatMap(name -> cabinet.own(name).stream())
        .toList();
  }

  /// Whether a later one of ours is there for all its names; the old one still decrypts.
  boolean isReplaced(Key key) {
    return key.names().stream()
        .map(cabinet::own)
        .allMatch(its -> its.stream().anyMatch(each -> each.begins().isAfter(key.begins())));
  }

  /// Where one stands.
  Path file(Key key) {
    return cabinet.file(key);
  }

  /// Whether this user may not see it.
  public boolean isHidden() {
    return cabinet.isHidden();
  }

  /// What cannot be read, a sentence each.
  public List<String> flaws() {
    return cabinet.flaws();
  }

  /// The key that signs for an author: his own, else that of his domain.
  public Optional<Key> signer(Address author) {
    return cabinet.signer(author, now(Keys::maySign));
  }

  /// What mail to somebody is encrypted for: his key, or that of his domain.
  ///
  /// @param domainFirst which of them where there are both
  /// @throws IOException when the disk does not say; the message is a clause
  public Optional<Key> recipient(Address address, boolean domainFirst) throws IOException {
    return cabinet.recipient(address, domainFirst, now(Keys::mayEncrypt));
  }

  private Predicate<Key> now(BiPredicate<Key, Instant> may) {
    Instant now = os.time().now();
    return each -> may.test(each, now);
  }

  /// Whether somebody has a key that cannot be used now, and why; empty: he has none.
  public Optional<String> unusable(Address address) {
    for (String name : List.of(Names.of(address), Names.ofDomain(address))) {
      for (var key : cabinet.partners(name)) {
        return Optional.of("the key of " + name + " " + Keys.unusable(key, os.time().now()));
      }
    }
    return Optional.empty();
  }

  /// All of a key, open. Slow when it is used for the first time.
  ///
  /// @throws IOException when it cannot be had; the message is a clause that says why
  PGPSecretKeyRing key(Key key) throws IOException {
    return cabinet.key(key);
  }

  /// Opens all keys that are not open yet. Slow.
  void openAll() {
    cabinet.openAll();
  }

  /// Tries keys that are not open in the background.
  void openSoon() {
    cabinet.openSoon();
  }

  /// The names of keys that could not be opened, by the reason: a clause.
  Map<String, List<String>> locked() {
    return cabinet.locked();
  }

  /// The names that have a key which may sign now.
  Set<String> signing() {
    return cabinet.names(now(Keys::maySign));
  }

  /// What an administrator has brought of a key already.
  public Optional<Key> kept(KeyFile.Found found) {
    return cabinet.all().stream()
        .filter(each -> each.fingerprint().equals(found.fingerprint()))
        .findFirst();
  }

  /// Whom a key from a file is for where nobody says it: still those that somebody has said before,
  /// else the addresses in its names; empty: there are none.
  ///
  /// @throws IOException when it is damaged; the message is a clause
  public List<String> names(KeyFile.Found found) throws IOException {
    Instant now = os.time().now();
    var before = kept(found);
    if (before.isEmpty()) {
      return Keys.addresses(found.ring(), now);
    }
    var names = before.get().names();
    boolean said = !Set.copyOf(names).equals(Set.copyOf(Keys.addresses(before.get().ring(), now)));
    var own = Keys.addresses(merged(before.get().ring(), found.ring()), now);
    return said || own.isEmpty() ? names : own;
  }

  /// Keeps a key that came from a file. What is known of it already stays: nobody can take back
  /// that it was revoked, and private parts that the file lacks are still there.
  ///
  /// @param password of the file; null: none is needed
  /// @throws IOException when it cannot be kept; the message is a clause
  public Key keep(List<String> names, KeyFile.Found found, @Nullable String password)
      throws IOException {
    var before = kept(found);
    var ring = before.isPresent() ? merged(before.get().ring(), found.ring()) : found.ring();
    Keys.bound(ring);
    PGPSecretKeyRing secret = secret(before.map(Key::secret).orElse(null), found, password);
    if (secret != null) {
      var all = secret;
      secret = Hostile.read("it is damaged", () -> Sealing.with(all, ring));
    }
    var key =
        new Key(
            names,
            Kept.Origin.IMPORTED,
            os.time().now().truncatedTo(ChronoUnit.SECONDS),
            ring,
            secret);
    cabinet.put(key);
    if (before.isPresent() && before.get().isOwn() != key.isOwn()) {
      cabinet.remove(before.get());
    }
    return key;
  }

  private @Nullable PGPSecretKeyRing secret(
      @Nullable PGPSecretKeyRing before, KeyFile.Found found, @Nullable String password)
      throws IOException {
    var came = found.secret();
    if (came == null) {
      return before;
    }
    var open =
        password == null ? came : Sealing.open(came, password, "the password does not open it");
    if (before != null && !Sealing.hasAll(open, before)) {
      String fails = "the file lacks private parts, and openpgp.password does not open those here";
      open = Sealing.completed(open, Sealing.open(before, password(), fails));
    }
    if (!Sealing.isAny(open)) {
      throw new IOException("its private parts are elsewhere, such as on a card");
    }
    return Sealing.seal(open, password());
  }

  /// A key that came from elsewhere, with what is kept of it here: nobody can take back that it was
  /// revoked.
  ///
  /// @throws IOException when it is damaged; the message is a clause
  PGPPublicKeyRing joined(KeyFile.Found found) throws IOException {
    var before = kept(found);
    return before.isPresent() ? merged(before.get().ring(), found.ring()) : found.ring();
  }

  /// The time.
  Instant now() {
    return os.time().now();
  }

  static PGPPublicKeyRing merged(PGPPublicKeyRing before, PGPPublicKeyRing came)
      throws IOException {
    return Hostile.read("it is damaged", () -> PGPainless.mergeCertificate(before, came));
  }

  /// Forgets one.
  public void remove(Key key) throws IOException {
    if (key.origin() == Kept.Origin.HARVESTED) {
      harvested.remove(key);
    } else {
      cabinet.remove(key);
    }
  }
}
