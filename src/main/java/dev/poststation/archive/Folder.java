package dev.poststation.archive;

import dev.poststation.os.Disk;
import dev.poststation.os.Os;
import dev.poststation.os.Together;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The directory of an archive, in the hands of the relay that writes it. After a failure it does
/// not know what is there, and looks anew. Safe for any thread: one at a time.
final class Folder {
  /// What comes in; never more than a part of an entry.
  static final String INCOMING = "incoming";

  static final String LOCK = "lock";

  /// How many become entries at the same time, and so how many a death may leave half done.
  static final int GROUP_MAX = 64;

  /// For so long old entries are read at a stroke: what comes waits meanwhile.
  private static final Duration RETIRING = Duration.ofMillis(500);

  private final Os os;
  private final Disk disk;
  private final Path directory;
  private @Nullable Closeable lock;

  /// Of the file of the lock; empty: it is not held.
  private volatile Optional<String> locked = Optional.empty();

  /// Null: not known.
  private @Nullable Chain chain;

  private LocalDate day = LocalDate.EPOCH;

  /// How many are held beyond their time.
  private int holding;

  /// Null: it was not open yet.
  private volatile @Nullable Known known;

  /// On which terms nothing is left to sweep; null: nobody knows.
  private @Nullable Terms swept;

  private boolean over;

  /// How it is.
  ///
  /// @param held how many are held beyond their time
  record Known(Chain chain, int held) {}

  /// A mail that is to become an entry.
  ///
  /// @param file with its content, synced
  record Arrived(About about, Path file, long octets, String sha256) {}

  Folder(Os os, Path directory) {
    this.os = os;
    this.disk = os.disk();
    this.directory = directory;
  }

  /// Where what comes in is written to. Waits for nobody once the archive is open.
  ///
  /// @throws IOException when the archive cannot be used
  Path incoming() throws IOException {
    if (!isOpen()) {
      look();
    }
    return directory.resolve(INCOMING);
  }

  /// How it was last. Waits for nobody once the archive was open.
  ///
  /// @throws IOException when the archive cannot be used
  Known known() throws IOException {
    var last = known;
    return last == null ? look() : last;
  }

  private synchronized Known look() throws IOException {
    return new Known(open(), holding);
  }

  /// Whether the directory is still the one that was opened: a file system that is mounted there
  /// later brings another archive, whose chain must not be written over.
  private boolean isOpen() throws IOException {
    return locked.isPresent() && locked.equals(disk.identity(directory.resolve(LOCK)));
  }

  private Chain open() throws IOException {
    if (over) {
      throw new IOException("it is in use no more");
    }
    if (!isOpen()) {
      close();
      take();
    }
    var now = chain;
    return now == null ? found() : now;
  }

  private Chain is(Chain now) {
    chain = now;
    known = new Known(now, holding);
    return now;
  }

  private void take() throws IOException {
    disk.makeDirectory(directory);
    var held =
        disk.lock(directory.resolve(LOCK))
            .orElseThrow(() -> new IOException("another process writes " + directory));
    try {
      found();
      disk.remove(directory.resolve(INCOMING));
      disk.makeDirectory(directory.resolve(INCOMING));
      locked = disk.identity(directory.resolve(LOCK));
      lock = held;
    } finally {
      if (lock == null) {
        held.close();
      }
    }
  }

  private Chain found() throws IOException {
    var days = Place.days(disk, directory);
    var now = Opening.of(disk, directory, days);
    day = days.isEmpty() ? LocalDate.EPOCH : Place.day(days.getLast()).orElse(LocalDate.EPOCH);
    holding = Held.read(disk, directory).size();
    return is(now);
  }

  // --- What comes
  // -------------------------------------------------------------------------------

  /// Makes mails the next entries of the chain. When this returns they are on stable storage.
  ///
  /// @return in that order
  /// @throws IOException when the disk is full or fails; then none of them counts
  synchronized List<Entry> append(List<Arrived> group) throws IOException {
    var now = open();
    var at = os.time().now();
    var today = LocalDate.ofInstant(at, ZoneOffset.UTC);
    day = today.isAfter(day) ? today : day; // A clock that goes back does not part the chain.
    List<Entry> entries = new ArrayList<>(group.size());
    Map<Path, byte[]> records = new LinkedHashMap<>();
    Map<Path, Path> moves = new LinkedHashMap<>();
    for (Arrived each : group) {
      var about = each.about();
      var entry = new Entry(now.last() + 1, now.hash(), at, each.octets(), each.sha256(), about);
      byte[] json = entry.json();
      var place = Place.of(directory, day, entry.number(), about.id());
      Path record = directory.resolve(INCOMING).resolve(place.name() + Place.RECORD);
      records.put(record, json);
      moves.put(each.file(), place.mail()); // First: with its record an entry is whole.
      moves.put(record, place.json());
      entries.add(entry);
      now = now.with(Hashes.of(json));
    }
    try {
      disk.makeDirectory(directory.resolve(day.toString()));
      write(records);
      chain = null; // Until all of it is there.
      disk.moveAll(moves);
      now.write(disk, directory);
      is(now);
      return entries;
    } catch (IOException e) {
      removeQuietly(records.keySet());
      throw e;
    }
  }

  /// All at the same time, so that the file system syncs them together.
  private void write(Map<Path, byte[]> records) throws IOException {
    List<Supplier<Boolean>> writers = new ArrayList<>(records.size());
    records.forEach(
        (file, octets) ->
            writers.add(
                () -> {
                  try (var out = disk.create(file)) {
                    out.write(octets);
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                  return true;
                }));
    try {
      Together.ask(os.tasks(), "archive", writers);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void removeQuietly(Iterable<Path> files) {
    for (Path file : files) {
      try {
        disk.remove(file);
      } catch (IOException _) {
        // The next start removes it.
      }
    }
  }

  // --- What goes
  // --------------------------------------------------------------------------------

  /// Removes entries of days before `until` from the front, some at a time.
  ///
  /// @return whether there may be more
  /// @throws IOException when the disk fails, or something is not as it was written: then nothing
  ///   is removed, for it would be the evidence
  synchronized boolean retire(LocalDate until, Terms terms) throws IOException {
    var before = open();
    long end = os.time().nanos() + RETIRING.toNanos();
    var old =
        Retirement.of(
            disk, directory, before, until, terms.holding(), () -> os.time().nanos() - end > 0);
    if (old.chain().equals(before)) {
      return false;
    }
    if (!old.staying().isEmpty()) {
      var held = Held.read(disk, directory);
      old.staying().forEach(each -> held.put(each.number(), each));
      Held.write(disk, directory, held);
      holding = held.size();
    }
    old.chain().write(disk, directory);
    is(old.chain());
    swept = null; // Until all of them are gone.
    remove(old.going());
    swept = terms;
    return old.more();
  }

  /// Removes what nobody wants held any more, and what a removal that was cut short left behind;
  /// nothing when it was done on these terms before.
  ///
  /// @throws IOException when the disk fails
  synchronized void sweep(Terms terms) throws IOException {
    if (terms.equals(swept)) {
      return;
    }
    long first = open().first();
    var holds = terms.holding();
    var held = Held.read(disk, directory);
    int were = held.size();
    held.tailMap(first).clear(); // The chain still has them: their retirement was cut short.
    List<Place> going = new ArrayList<>();
    for (Held each : List.copyOf(held.values())) {
      var place = each.place(directory);
      if (disk.identity(place.json()).isPresent()
          && !holds.test(Entry.of(disk.read(place.json())))) {
        held.remove(each.number());
        going.add(place);
      }
    }
    if (held.size() != were) {
      Held.write(disk, directory, held);
      holding = held.size();
      is(open());
    }
    for (Path folder : Place.days(disk, directory)) {
      var content = Place.in(disk, folder).places();
      if (!content.isEmpty() && content.firstKey() >= first) {
        break;
      }
      content.headMap(first).entrySet().stream()
          .filter(each -> !held.containsKey(each.getKey()))
          .forEach(each -> going.addAll(each.getValue()));
    }
    remove(going);
    swept = terms;
  }

  private void remove(List<Place> places) throws IOException {
    for (Place place : places) {
      disk.remove(place.mail());
      disk.remove(place.json());
    }
    for (Path folder : places.stream().map(Place::folder).distinct().toList()) {
      if (disk.list(folder).isEmpty()) {
        disk.remove(folder);
      }
    }
  }

  /// Gives up the directory for good.
  synchronized void end() throws IOException {
    over = true;
    close();
  }

  private void close() throws IOException {
    chain = null;
    locked = Optional.empty();
    if (lock != null) {
      lock.close();
      lock = null;
    }
  }
}
