package dev.poststation.smime;

import dev.poststation.config.SmimeSettings;
import dev.poststation.os.FileFault;
import dev.poststation.os.Os;
import dev.poststation.seal.Cabinet;
import dev.poststation.seal.Harvest;
import dev.poststation.seal.Kept;
import dev.poststation.seal.Names;
import dev.poststation.smtp.Address;
import java.io.IOException;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.bouncycastle.cert.X509CertificateHolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The certificates and keys of S/MIME: `smime` in `data`. Safe for any thread.
public final class Keystore {
  private static final Logger LOG = LoggerFactory.getLogger(Keystore.class);
  private static final int SALT_OCTETS = 16;

  private final Os os;
  private final Supplier<SmimeSettings> settings;
  private final Cabinet<Entry, PrivateKey, Map<String, List<Own>>> cabinet;
  private final Harvest<Entry> harvest;

  /// One of ours, as what it opens is compared with it.
  record Own(Entry entry, X509CertificateHolder holder) {}

  /// @param data that of the relay
  /// @param settings `smime` of the configuration in force
  public Keystore(Os os, Path data, Supplier<SmimeSettings> settings) {
    this.os = os;
    this.settings = settings;
    this.cabinet =
        new Cabinet<>(
            os,
            data,
            new EntryForm(),
            entry -> Sealing.open(entry.sealed(), password()),
            Keystore::openers);
    this.harvest =
        new Harvest<>(
            os, data, new EntryForm(), each -> valid(Certificates::mayEncrypt).test(each));
  }

  private static Map<String, List<Own>> openers(List<Entry> all) {
    Map<String, List<Own>> openers = new HashMap<>();
    for (var each : all) {
      if (each.isOwn()) {
        var own = new Own(each, Certificates.holder(each.certificate()));
        each.names()
            .forEach(name -> openers.computeIfAbsent(name, _ -> new ArrayList<>()).add(own));
      }
    }
    return openers;
  }

  /// All that is kept: those of ours, those of others, and what came with their mail.
  public List<Entry> all() {
    return Stream.concat(
            cabinet.all().stream(),
            harvest.all().stream().sorted(Comparator.comparing(each -> each.names().getFirst())))
        .toList();
  }

  /// What came with mail of others.
  Harvest<Entry> harvest() {
    return harvest;
  }

  /// Those that have keys.
  List<Entry> own() {
    return cabinet.own();
  }

  /// Those that have keys and are for an address or its domain.
  List<Own> own(Address address) {
    var openers = cabinet.more();
    return Stream.of(Names.of(address), Names.ofDomain(address))
        .flatMap(name -> openers.getOrDefault(name, List.of()).stream())
        .toList();
  }

  /// Whether a later one of ours is there for all its names; the old one still decrypts.
  boolean isReplaced(Entry entry) {
    return entry.names().stream()
        .map(cabinet::own)
        .allMatch(its -> its.stream().anyMatch(each -> each.expires().isAfter(entry.expires())));
  }

  /// Where one stands.
  Path file(Entry entry) {
    return cabinet.file(entry);
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
  public Optional<Entry> signer(Address author) {
    return cabinet.signer(author, valid(Certificates::maySign));
  }

  /// What an administrator has brought for mail to somebody: his certificate, or that of his
  /// domain.
  ///
  /// @param domainFirst which of them where there are both
  /// @throws IOException when the disk does not say; the message is a clause
  Optional<Entry> recipient(Address address, boolean domainFirst) throws IOException {
    return cabinet.recipient(address, domainFirst, valid(Certificates::mayEncrypt));
  }

  /// Whether mail can be encrypted by it now.
  boolean isUsable(Entry entry) {
    return valid(Certificates::mayEncrypt).test(entry);
  }

  /// What came with mail of somebody.
  ///
  /// @throws IOException when the disk does not say; the message is a clause
  Optional<Entry> harvested(Address address) throws IOException {
    var terms = settings.get().harvest();
    return terms.on() ? harvest.of(Names.of(address), terms(terms)) : Optional.empty();
  }

  /// Whether certificates that come with mail are kept.
  public boolean harvests() {
    return settings.get().harvest().on();
  }

  private static Harvest.Terms terms(SmimeSettings.Harvest settings) {
    return new Harvest.Terms(settings.keep(), settings.most());
  }

  /// Keeps the certificate by which an author wants to be written to, unless an administrator has
  /// brought one.
  ///
  /// @param author who was verified
  /// @param counts whether one that is kept still does
  /// @return what was done, a clause; empty: nothing
  String harvest(Address author, Trusted offer, Predicate<Entry> counts) {
    var settings = this.settings.get().harvest();
    String name = Names.of(author);
    var may = valid(Certificates::mayEncrypt);
    boolean brought =
        Stream.concat(cabinet.partners(name).stream(), cabinet.own(name).stream()).anyMatch(may);
    if (!settings.on() || brought) {
      return "";
    }
    var entry =
        new Entry(
            List.of(name),
            Kept.Origin.HARVESTED,
            os.time().now().truncatedTo(ChronoUnit.SECONDS),
            offer.certificate(),
            offer.authorities(),
            null);
    try {
      var came = harvest.put(entry, terms(settings), counts, false);
      return switch (came.result()) {
        case NEW -> "his certificate is kept: " + entry.shortPrint();
        case CHANGED ->
            "his certificate is another one now: "
                + entry.shortPrint()
                + came.before().map(each -> " instead of " + each.shortPrint()).orElse("");
        case KNOWN -> "";
        case OLDER -> "a later certificate of his is kept";
        case FULL -> "his certificate is not kept: there are " + settings.most() + " already";
        case TOO_LARGE -> "his certificate is not kept: it is too large";
      };
    } catch (IOException e) {
      LOG.warn("The certificate of {} cannot be kept: {}", name, FileFault.why(e));
      return "his certificate cannot be kept";
    }
  }

  private Predicate<Entry> valid(Predicate<X509Certificate> may) {
    Instant now = os.time().now();
    return each -> each.isValidAt(now) && may.test(each.certificate());
  }

  /// Whether somebody has a certificate that cannot be used now, and why; empty: he has none.
  ///
  /// @throws IOException when the disk does not say; the message is a clause
  Optional<String> unusable(Address address) throws IOException {
    Instant now = os.time().now();
    for (String name : List.of(Names.of(address), Names.ofDomain(address))) {
      for (var entry : cabinet.partners(name)) {
        return Optional.of(
            entry.isValidAt(now)
                ? "the certificate of " + name + " is not for encryption of mail"
                : "the certificate of " + name + " is valid until " + entry.expires());
      }
    }
    if (!harvests() || harvested(address).isPresent()) {
      return Optional.empty();
    }
    return harvest
        .any(Names.of(address))
        .map(each -> "the certificate of " + address + " that came with mail has ended, or is old");
  }

  /// A private key. Slow when it is used for the first time.
  ///
  /// @throws IOException when it cannot be had; the message is a clause that says why
  public PrivateKey key(Entry entry) throws IOException {
    return cabinet.key(entry);
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
    return cabinet.names(valid(Certificates::maySign));
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
    cabinet.put(entry);
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
    if (entry.origin() == Kept.Origin.HARVESTED) {
      harvest.remove(entry);
    } else {
      cabinet.remove(entry);
    }
  }
}
