package dev.poststation.openpgp;

import dev.poststation.config.OpenPgpSettings;
import dev.poststation.os.FileFault;
import dev.poststation.os.Os;
import dev.poststation.seal.Harvest;
import dev.poststation.seal.Kept;
import dev.poststation.seal.Names;
import dev.poststation.smtp.Address;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keys of others that came with their mail. Safe for any thread.
final class HarvestedKeys {
  private static final Logger LOG = LoggerFactory.getLogger(HarvestedKeys.class);

  private final Supplier<OpenPgpSettings.Harvest> settings;
  private final Keystore keystore;
  private final Harvest<Key> harvest;

  /// @param keystore what is known of a key there counts besides
  HarvestedKeys(Os os, Path data, Supplier<OpenPgpSettings.Harvest> settings, Keystore keystore) {
    this.settings = settings;
    this.keystore = keystore;
    this.harvest = new Harvest<>(os, data, new KeyForm(), this::counts);
  }

  private Harvest.Terms terms() {
    return new Harvest.Terms(settings.get().keep(), settings.get().most());
  }

  private boolean counts(Key key) {
    return chosen(key).isPresent();
  }

  private Optional<Key> chosen(Key key) {
    var found = new KeyFile.Found(key.ring(), null);
    return PublishedKeys.newest(
            List.of(found), key.names().getFirst(), Kept.Origin.HARVESTED, keystore)
        .key();
  }

  /// The key of somebody, as it counts now.
  ///
  /// @throws IOException when the disk does not say; the message is a clause
  Optional<Key> of(Address address) throws IOException {
    return settings.get().on()
        ? harvest.of(Names.of(address), terms()).flatMap(this::chosen)
        : Optional.empty();
  }

  /// Whether they are kept and used.
  boolean isOn() {
    return settings.get().on();
  }

  /// Keeps the one by which an author wants to be written to, unless an administrator has brought
  /// one.
  ///
  /// @param author for whom his domain has vouched
  /// @param came that can be used
  /// @return what was done, a clause; empty: nothing
  synchronized String keep(Address author, Key came) {
    if (!isOn() || keystore.hasUsable(author)) {
      return "";
    }
    try {
      var before = harvest.any(Names.of(author));
      var key = came;
      boolean anew = false;
      if (before.filter(each -> each.fingerprint().equals(came.fingerprint())).isPresent()) {
        // An old mail that comes again takes back neither an end nor a revocation.
        var ring = Keystore.merged(before.get().ring(), came.ring());
        key = new Key(came.names(), came.origin(), came.added(), ring, null);
        if (!counts(key)) {
          return "";
        }
        anew = !Arrays.equals(ring.getEncoded(), before.get().ring().getEncoded());
      }
      var done = harvest.put(key, terms(), this::counts, anew);
      return switch (done.result()) {
        case NEW -> "his key is kept: " + key.shortPrint();
        case CHANGED ->
            "his key is another one now: "
                + key.shortPrint()
                + done.before().map(each -> " instead of " + each.shortPrint()).orElse("");
        case KNOWN -> "";
        case OLDER -> "a later key of his is kept";
        case FULL -> "his key is not kept: there are " + settings.get().most() + " already";
        case TOO_LARGE -> "his key is not kept: it is too large";
      };
    } catch (IOException e) {
      LOG.warn("The key of {} cannot be kept: {}", Names.of(author), FileFault.why(e));
      return "his key cannot be kept";
    }
  }

  /// Takes from an author what makes his key count no more, such as that it is revoked. It is kept
  /// with that, lest an old mail that comes again bring it back.
  ///
  /// @return what was done, to be put behind another clause; empty: nothing
  synchronized String without(Address author, KeyFile.Found came) throws IOException {
    var before =
        harvest.any(Names.of(author)).filter(each -> each.fingerprint().equals(came.fingerprint()));
    if (before.isEmpty()) {
      return "";
    }
    var kept = before.get();
    var ring = Keystore.merged(kept.ring(), came.ring());
    var key = new Key(kept.names(), kept.origin(), kept.added(), ring, null);
    if (counts(key) || !counts(kept)) {
      return ""; // It is an old copy, or known.
    }
    harvest.put(key, terms(), this::counts, true);
    return "; the copy that was kept counts no more";
  }

  /// All of them that can be read, also those that are too old.
  List<Key> all() {
    return harvest.all().stream()
        .sorted(Comparator.comparing(each -> each.names().getFirst()))
        .toList();
  }

  /// How many there are.
  int count() {
    return harvest.count();
  }

  /// Whether there was no room for the last one that was new.
  boolean isFull() {
    return isOn() && harvest.isFull();
  }

  /// Forgets one.
  void remove(Key key) throws IOException {
    harvest.remove(key);
  }
}
