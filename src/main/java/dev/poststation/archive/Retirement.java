package dev.poststation.archive;

import dev.poststation.os.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/// Entries that are too old, from the front of a chain. It only looks for them: whoever does it has
/// to write the chain without them before they go. Confined to one thread.
final class Retirement {
  private final Disk disk;
  private final Path directory;
  private final Predicate<Entry> holds;
  private final List<Place> going = new ArrayList<>();
  private final List<Held> staying = new ArrayList<>();
  private Chain chain;
  private boolean more;

  private Retirement(Disk disk, Path directory, Chain chain, Predicate<Entry> holds) {
    this.disk = disk;
    this.directory = directory;
    this.chain = chain;
    this.holds = holds;
  }

  /// Looks for entries of days before `until`.
  ///
  /// @param holds says which entries stay, however old they are
  /// @param enough ends it
  /// @throws IOException when the disk fails, or something is not as it was written: nothing must
  ///   be removed then, for it would be the evidence
  static Retirement of(
      Disk disk,
      Path directory,
      Chain chain,
      LocalDate until,
      Predicate<Entry> holds,
      BooleanSupplier enough)
      throws IOException {
    var found = new Retirement(disk, directory, chain, holds);
    found.look(until, enough);
    return found;
  }

  private void look(LocalDate until, BooleanSupplier enough) throws IOException {
    for (Path folder : Place.days(disk, directory)) {
      boolean old = Place.day(folder).orElse(LocalDate.MAX).isBefore(until);
      for (var places : Place.in(disk, folder).places().tailMap(chain.first()).values()) {
        if (chain.first() > chain.last()) {
          break; // What is behind the chain has no age.
        }
        // Also of the first one that stays: only its successor tells that an entry is as it was.
        byte[] json = read(places);
        if (!old || enough.getAsBoolean()) {
          more = old;
          return;
        }
        take(places.getFirst(), json);
      }
    }
    if (chain.first() <= chain.last() || !chain.before().equals(chain.hash())) {
      throw changed();
    }
  }

  private void take(Place place, byte[] json) throws IOException {
    String hash = Hashes.of(json);
    if (holds.test(Entry.of(json))) {
      staying.add(new Held(place.number(), hash, place.text()));
    } else {
      going.add(place);
    }
    chain = chain.without(hash);
  }

  private byte[] read(List<Place> places) throws IOException {
    var place = places.getFirst();
    if (places.size() != 1
        || place.number() != chain.first()
        || disk.identity(place.json()).isEmpty()) {
      throw changed();
    }
    byte[] json = disk.read(place.json());
    Entry entry;
    try {
      entry = Entry.of(json);
    } catch (IOException _) {
      throw changed();
    }
    if (entry.number() != chain.first() || !entry.previous().equals(chain.before())) {
      throw changed();
    }
    return json;
  }

  private IOException changed() {
    return new IOException(
        "entry "
            + chain.first()
            + ", or the one before it, in "
            + directory
            + " is not as it was written, so nothing is removed: poststation archive verify");
  }

  /// The chain without them.
  Chain chain() {
    return chain;
  }

  /// What is to be removed.
  List<Place> going() {
    return going;
  }

  /// What is held instead.
  List<Held> staying() {
    return staying;
  }

  /// Whether there may be more that is too old.
  boolean more() {
    return more;
  }
}
