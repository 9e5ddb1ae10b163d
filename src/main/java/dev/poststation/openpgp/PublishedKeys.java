package dev.poststation.openpgp;

import dev.poststation.seal.Kept;
import java.io.IOException;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Keys that came from outside for one address. Stateless.
final class PublishedKeys {
  private PublishedKeys() {}

  /// One of them.
  ///
  /// @param why there is none, a clause
  record Chosen(Optional<Key> key, String why) {}

  /// The newest one that names the address, by its own signature, and that mail can be encrypted
  /// for now. What is kept here of a key counts besides: that it was revoked.
  static Chosen newest(
      List<KeyFile.Found> all, String name, Kept.Origin origin, Keystore keystore) {
    String why = "it names another address";
    Optional<Key> best = Optional.empty();
    var now = keystore.now();
    for (var found : all) {
      try {
        var ring = keystore.joined(found);
        var key = new Key(List.of(name), origin, now.truncatedTo(ChronoUnit.SECONDS), ring, null);
        boolean names = Keys.addresses(ring, now).contains(name);
        if (Keys.isRevoked(key, now) || (names && !Keys.mayEncrypt(key, now))) {
          why = "the key " + key.shortPrint() + " " + Keys.unusable(key, now);
        } else if (names) {
          best =
              Stream.concat(best.stream(), Stream.of(key)).max(Comparator.comparing(Key::begins));
        }
      } catch (IOException e) {
        why = String.valueOf(e.getMessage());
      }
    }
    return new Chosen(best, best.isPresent() ? "" : why);
  }
}
