package dev.poststation.smime;

import dev.poststation.config.SmimeSettings;
import dev.poststation.dns.DomainName;
import dev.poststation.os.Os;
import dev.poststation.smtp.Address;
import java.io.IOException;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.bouncycastle.cert.X509CertificateHolder;
import org.jspecify.annotations.Nullable;

/// The certificates and keys on disk, as long as nothing has changed: commands change them while
/// the relay runs, which takes it over within ten seconds, without a reload. Safe for any thread.
public final class Keystore {
  private static final Duration BETWEEN_GLANCES = Duration.ofSeconds(10);
  private static final int SALT_OCTETS = 16;

  private final Os os;
  private final Shelf shelf;
  private final Supplier<SmimeSettings> settings;
  private final Map<String, PrivateKey> opened = new ConcurrentHashMap<>();

  /// Why keys could not be opened when it was last tried, by their fingerprint.
  private final Map<String, String> locked = new ConcurrentHashMap<>();

  private volatile @Nullable Seen seen;

  /// @param at when it was looked at
  private record Seen(Index index, String mark, long at) {}

  /// One of ours, as what it opens is compared with it.
  record Own(Entry entry, X509CertificateHolder holder) {}

  /// @param own by the names that they are for
  /// @param partners by the names that they are for
  private record Index(
      List<Entry> all,
      Map<String, List<Entry>> own,
      Map<String, List<Entry>> partners,
      List<Own> openers,
      List<String> flaws) {
    static Index of(Shelf.Content content) {
      Map<String, List<Entry>> own = new HashMap<>();
      Map<String, List<Entry>> partners = new HashMap<>();
      for (var entry : content.entries()) {
        for (String name : entry.names()) {
          (entry.isOwn() ? own : partners)
              .computeIfAbsent(name, _ -> new ArrayList<>(1))
              .add(entry);
        }
      }
      var openers =
          content.entries().stream()
              .filter(Entry::isOwn)
              .map(each -> new Own(each, Certificates.holder(each.certificate())))
              .toList();
      return new Index(content.entries(), own, partners, openers, content.flaws());
    }
  }

  /// @param data that of the relay
  /// @param settings `smime` of the configuration in force
  public Keystore(Os os, Path data, Supplier<SmimeSettings> settings) {
    this.os = os;
    this.shelf = new Shelf(os.disk(), data);
    this.settings = settings;
  }

  private Index index() {
    long now = os.time().nanos();
    var before = seen;
    if (before != null && now - before.at < BETWEEN_GLANCES.toNanos()) {
      return before.index;
    }
    if (before != null) {
      seen = new Seen(before.index, before.mark, now); // One looks; the others go on.
    }
    String mark = shelf.mark();
    // What could not be read may be mended without a mark, by chmod.
    if (before != null && before.mark.equals(mark) && before.index.flaws.isEmpty()) {
      return before.index;
    }
    var fresh = Index.of(shelf.read());
    seen = new Seen(fresh, mark, now);
    return fresh;
  }

  /// All that is kept.
  public List<Entry> all() {
    return index().all;
  }

  /// Those that have keys.
  List<Own> own() {
    return index().openers;
  }

  /// Whether a later one of ours is there for all its names; the old one still decrypts.
  boolean isReplaced(Entry entry) {
    var own = index().own;
    return entry.names().stream()
        .map(name -> own.getOrDefault(name, List.of()))
        .allMatch(its -> its.stream().anyMatch(each -> each.expires().isAfter(entry.expires())));
  }

  /// Where one stands.
  Path file(Entry entry) {
    return shelf.file(entry);
  }

  /// Whether this user may not see it.
  public boolean isHidden() {
    return shelf.isHidden();
  }

  /// What cannot be read, a sentence each.
  public List<String> flaws() {
    return index().flaws;
  }

  /// The name of an address by which certificates are found.
  public static String nameOf(Address address) {
    return address.local().toLowerCase(Locale.ROOT) + nameOfDomain(address);
  }

  private static String nameOfDomain(Address address) {
    return "@" + DomainName.ascii(address.domain()).orElse(address.domainKey());
  }

  /// The key that signs for an author: his own, else that of his domain.
  public Optional<Entry> signer(Address author) {
    Predicate<X509Certificate> may = Certificates::maySign;
    return best(index().own, nameOf(author), may)
        .or(() -> best(index().own, nameOfDomain(author), may));
  }

  /// What mail to somebody is encrypted for: his certificate, or that of his domain.
  ///
  /// @param domainFirst which of them where there are both
  public Optional<Entry> recipient(Address address, boolean domainFirst) {
    String one = domainFirst ? nameOfDomain(address) : nameOf(address);
    String other = domainFirst ? nameOf(address) : nameOfDomain(address);
    return encrypting(one).or(() -> encrypting(other));
  }

  private Optional<Entry> encrypting(String name) {
    Predicate<X509Certificate> may = Certificates::mayEncrypt;
    // Mail between our own users may be encrypted, too.
    return best(index().partners, name, may).or(() -> best(index().own, name, may));
  }

  /// The one that is valid now and came last.
  private Optional<Entry> best(
      Map<String, List<Entry>> among, String name, Predicate<X509Certificate> may) {
    Instant now = os.time().now();
    return among.getOrDefault(name, List.of()).stream()
        .filter(each -> each.isValidAt(now) && may.test(each.certificate()))
        .max(
            Comparator.comparing((Entry each) -> each.certificate().getNotBefore())
                .thenComparing(Entry::added));
  }

  /// Whether somebody has a certificate that cannot be used now, and why; empty: he has none.
  public Optional<String> unusable(Address address) {
    Instant now = os.time().now();
    for (String name : List.of(nameOf(address), nameOfDomain(address))) {
      for (var entry : index().partners.getOrDefault(name, List.of())) {
        return Optional.of(
            entry.isValidAt(now)
                ? "the certificate of " + name + " is not for encryption of mail"
                : "the certificate of " + name + " is valid until " + entry.expires());
      }
    }
    return Optional.empty();
  }

  /// A private key. Slow when it is used for the first time.
  ///
  /// @throws IOException when it cannot be had; the message is a clause that says why
  public PrivateKey key(Entry entry) throws IOException {
    String print = entry.fingerprint();
    var known = opened.get(print);
    if (known != null) {
      return known;
    }
    byte[] secret = entry.secret();
    if (secret == null) {
      throw new IOException("there is no private key of " + entry);
    }
    try {
      var key = Sealing.open(secret, password());
      opened.put(print, key);
      locked.remove(print);
      return key;
    } catch (IOException e) {
      locked.put(print, String.valueOf(e.getMessage()));
      throw new IOException("the key of " + entry + " cannot be used: " + e.getMessage(), e);
    }
  }

  /// Opens all keys that are not open yet. Slow.
  void openAll() {
    for (var each : own()) {
      try {
        key(each.entry());
      } catch (IOException _) {
        // It is noted.
      }
    }
  }

  /// Whether some keys are not open.
  boolean isAnyShut() {
    return own().stream().anyMatch(each -> !opened.containsKey(each.entry().fingerprint()));
  }

  /// The names of keys that could not be opened, by the reason: a clause.
  Map<String, List<String>> locked() {
    Map<String, List<String>> all = new TreeMap<>();
    for (var each : own()) {
      String why = locked.get(each.entry().fingerprint());
      if (why != null) {
        all.computeIfAbsent(why, _ -> new ArrayList<>()).addAll(each.entry().names());
      }
    }
    return all;
  }

  /// The names that have a key which may sign now.
  Set<String> signing() {
    Instant now = os.time().now();
    return own().stream()
        .map(Own::entry)
        .filter(each -> each.isValidAt(now) && Certificates.maySign(each.certificate()))
        .flatMap(each -> each.names().stream())
        .collect(Collectors.toSet());
  }

  private String password() throws IOException {
    var secret = settings.get().password();
    if (secret == null) {
      throw new IOException("the configuration has no smime.password");
    }
    return secret.reveal();
  }

  /// Keeps one.
  public void put(Entry entry) throws IOException {
    shelf.put(entry);
    seen = null;
  }

  /// Keeps one with its key, which is encrypted.
  public Entry put(Entry entry, PrivateKey key) throws IOException {
    byte[] salt = new byte[SALT_OCTETS];
    os.chance().fill(salt);
    var sealed =
        new Entry(
            entry.names(),
            entry.origin(),
            entry.added(),
            entry.certificate(),
            entry.chain(),
            Sealing.seal(key, password(), salt));
    put(sealed);
    return sealed;
  }

  /// Forgets one.
  public void remove(Entry entry) throws IOException {
    shelf.remove(entry);
    opened.remove(entry.fingerprint());
    locked.remove(entry.fingerprint());
    seen = null;
  }
}
