package dev.poststation.archive;

import dev.poststation.os.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Walks through an archive from its first entry to its last, and tells what is missing, was
/// changed or does not belong there. It may be written meanwhile. Confined to one thread.
public final class Verification {
  /// What is wrong.
  public enum Kind {
    /// An entry, or one of its files, is not there.
    MISSING,
    /// A file is not as it was written.
    CHANGED,
    /// A file is there that nobody has written.
    INSERTED,
    /// Nobody can tell whether a file is as it was written.
    UNREADABLE
  }

  /// Something that is wrong.
  ///
  /// @param entry its number; 0: none
  /// @param last of several entries, the number of the last
  public record Found(Kind kind, long entry, long last, String text) {}

  /// What came of it.
  ///
  /// @param found what is wrong, the first first
  /// @param entries how many are there, but those that are held beyond their time
  /// @param held beyond their time
  /// @param octets of mail that were read
  public record Result(Chain chain, List<Found> found, long entries, long held, long octets) {
    public Result {
      found = List.copyOf(found);
    }
  }

  private final Disk disk;
  private final Path directory;
  private final Map<Long, String> expected;
  private final List<Found> found = new ArrayList<>();
  private final TreeMap<Long, Held> held;
  private final Chain chain;
  private long next;

  /// The hash of the entry before; null: not known, for that is missing.
  private @Nullable String hash;

  private long entries;
  private long heldThere;
  private long octets;

  private Verification(Disk disk, Path directory, Map<Long, String> expected) throws IOException {
    this.disk = disk;
    this.directory = directory;
    this.expected = expected;
    this.chain =
        Chain.read(disk, directory)
            .orElseThrow(
                () ->
                    new IOException(
                        "There is no archive in " + directory + ": it has no " + Chain.FILE));
    this.held = Held.read(disk, directory);
    held.tailMap(chain.first()).clear(); // They are about to leave the chain.
    this.next = chain.first();
    this.hash = chain.before();
  }

  /// Does it.
  ///
  /// @param expected hashes of entries that somebody has written down, by their numbers
  /// @throws IOException when it cannot be read
  public static Result of(Disk disk, Path directory, Map<Long, String> expected)
      throws IOException {
    var walk = new Verification(disk, directory, expected);
    for (Path folder : Place.days(disk, directory)) {
      walk.folder(folder);
    }
    return walk.end();
  }

  private void folder(Path folder) throws IOException {
    var content = Place.in(disk, folder);
    content
        .strange()
        .forEach(file -> tell(Kind.INSERTED, 0, directory.relativize(file) + " is no entry"));
    for (var places : content.places().values()) {
      for (Place extra : places.subList(1, places.size())) {
        tell(Kind.INSERTED, extra.number(), extra.text() + ": there is another of that number");
      }
      place(places.getFirst());
    }
  }

  private void place(Place place) throws IOException {
    long number = place.number();
    if (number < chain.first()) {
      aside(place);
      return;
    }
    if (number < next) {
      tell(Kind.INSERTED, number, place.text() + ": there is another of that number");
      return;
    }
    if (number > next) {
      missing(next, number - 1);
    }
    entries++;
    next = number + 1;
    if (disk.identity(place.json()).isEmpty()) {
      tell(Kind.MISSING, number, place.text() + Place.RECORD + " is missing");
      hash = null;
      return;
    }
    byte[] json = disk.read(place.json());
    String before = hash;
    hash = Hashes.of(json);
    try {
      var entry = Entry.of(json);
      if (entry.number() != number) {
        tell(Kind.CHANGED, number, place.text() + ".json has the number " + entry.number());
      } else if (before != null && !entry.previous().equals(before)) {
        follows(number, place);
      }
      mail(place, entry);
    } catch (IOException e) {
      tell(Kind.CHANGED, number, place.text() + ".json: " + e.getMessage());
    }
    compare(number);
  }

  private void follows(long number, Place place) {
    if (number == chain.first()) {
      tell(Kind.CHANGED, number, place.text() + ".json is not what chain.json begins with");
    } else {
      tell(
          Kind.CHANGED,
          number - 1,
          "the .json of entry "
              + (number - 1)
              + " is not what "
              + place.text()
              + ".json says it was");
    }
  }

  private void compare(long number) {
    String wanted = expected.get(number);
    if (wanted != null && !wanted.equalsIgnoreCase(hash)) {
      tell(Kind.CHANGED, number, "entry " + number + " has the hash " + hash + ", not " + wanted);
    }
    if (number == chain.last() && !chain.hash().equals(hash)) {
      tell(Kind.CHANGED, number, "entry " + number + " is not what chain.json says it was");
    }
  }

  private void mail(Place place, Entry entry) throws IOException {
    if (disk.identity(place.mail()).isEmpty()) {
      tell(Kind.MISSING, place.number(), place.text() + Place.MAIL + " is missing");
      return;
    }
    long size = disk.size(place.mail());
    octets += size;
    boolean same = size == entry.octets();
    if (same) {
      try (var in = disk.open(place.mail())) {
        same = Hashes.of(in).equals(entry.sha256());
      }
    }
    if (!same) {
      tell(Kind.CHANGED, place.number(), place.text() + Place.MAIL + " is not as it was written");
    }
  }

  /// One that is older than it would be kept.
  private void aside(Place place) throws IOException {
    var kept = held.remove(place.number());
    if (kept == null) {
      tell(
          Kind.INSERTED,
          place.number(),
          place.text() + " is older than the chain and not held (or its removal was cut short)");
      return;
    }
    heldThere++;
    if (disk.identity(place.json()).isEmpty()) {
      tell(Kind.MISSING, place.number(), place.text() + Place.RECORD + " is missing");
      return;
    }
    byte[] json = disk.read(place.json());
    if (!Hashes.of(json).equals(kept.hash())) {
      tell(Kind.CHANGED, place.number(), place.text() + ".json is not what held.txt says it was");
    } else {
      mail(place, Entry.of(json));
    }
  }

  private void missing(long from, long to) {
    String what =
        from == to
            ? "entry " + from + " is missing"
            : "entries " + from + " to " + to + " are missing";
    found.add(new Found(Kind.MISSING, from, to, what));
    hash = null;
  }

  private void tell(Kind kind, long number, String text) {
    found.add(new Found(kind, number, number, text));
  }

  private Result end() throws IOException {
    if (next <= chain.last()) {
      missing(next, chain.last());
    }
    held.values()
        .forEach(
            each ->
                tell(Kind.MISSING, each.number(), "the held entry " + each.text() + " is missing"));
    var now = Chain.read(disk, directory).orElse(chain);
    if (next - 1 > now.last()) {
      found.add(
          new Found(
              Kind.INSERTED,
              now.last() + 1,
              next - 1,
              "entries from "
                  + (now.last() + 1)
                  + " on are behind the last one that chain.json knows (the next start of the"
                  + " relay looks at them)"));
    }
    for (long number : expected.keySet()) {
      if (number > chain.last()) {
        tell(
            Kind.MISSING,
            number,
            "entry " + number + " is missing: the last one is " + chain.last());
      }
    }
    // What was removed for its age meanwhile is none of all that.
    found.removeIf(each -> each.last() >= chain.first() && each.last() < now.first());
    return new Result(chain, found, entries, heldThere, octets);
  }
}
