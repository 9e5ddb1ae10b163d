package dev.poststation.archive;

import dev.poststation.os.Disk;
import dev.poststation.os.Os;
import dev.poststation.os.Together;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The directory of an archive, in the hands of the relay that writes it. After a failure it does
/// not know what is there, and looks anew. Safe for any thread: one at a time.
final class Folder {
  /// What comes in; never more than a part of an entry.
  static final String INCOMING = "incoming";

  /// What was left of a group when the power went: nobody has been told that it is there.
  static final String UNFINISHED = "unfinished";

  private static final String LOCK = "lock";

  /// How many become entries at the same time, and so how many a death may leave half done.
  static final int GROUP_MAX = 64;

  /// What may be in the directory before there is an archive: the root of a file system has one.
  private static final Set<String> BEFORE =
      Set.of(LOCK, INCOMING, Chain.FILE + ".new", "lost+found");

  private final Os os;
  private final Disk disk;
  private final Path directory;
  private @Nullable Closeable lock;

  /// Of the file of the lock; empty: it is not held.
  private volatile Optional<String> locked = Optional.empty();

  /// Null: not known.
  private @Nullable Chain chain;

  private LocalDate day = LocalDate.EPOCH;

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
      chain();
    }
    return directory.resolve(INCOMING);
  }

  synchronized Chain chain() throws IOException {
    return open();
  }

  /// Whether the directory is still the one that was opened: a file system that is mounted there
  /// later brings another archive, whose chain must not be written over.
  private boolean isOpen() throws IOException {
    return locked.isPresent() && locked.equals(disk.identity(directory.resolve(LOCK)));
  }

  private Chain open() throws IOException {
    if (!isOpen()) {
      close();
      take();
    }
    var known = chain;
    if (known == null) {
      known = found();
      chain = known;
    }
    return known;
  }

  private void take() throws IOException {
    disk.makeDirectory(directory);
    var held =
        disk.lock(directory.resolve(LOCK))
            .orElseThrow(() -> new IOException("another process writes " + directory));
    try {
      chain = found();
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

  // --- What is there
  // ----------------------------------------------------------------------------

  private Chain found() throws IOException {
    var days = Place.days(disk, directory);
    day = days.isEmpty() ? LocalDate.EPOCH : Place.day(days.getLast()).orElse(LocalDate.EPOCH);
    var read = Chain.read(disk, directory);
    if (read.isEmpty()) {
      begins(days);
      Chain.EMPTY.write(disk, directory);
      return Chain.EMPTY;
    }
    var whole = adopted(read.get(), behind(read.get(), days));
    if (!whole.equals(read.get())) {
      whole.write(disk, directory);
    }
    return whole;
  }

  /// An archive begins where nothing is: neither what is left of one, nor what is another
  /// program's.
  private void begins(List<Path> days) throws IOException {
    if (!days.isEmpty()) {
      throw new IOException(directory + " has entries, but no " + Chain.FILE + ": was it removed?");
    }
    for (Path each : disk.list(directory)) {
      boolean known = BEFORE.contains(String.valueOf(each.getFileName()));
      if (!known || !disk.list(directory.resolve(INCOMING)).isEmpty()) {
        throw new IOException(directory + " is not empty, and no archive");
      }
    }
  }

  /// What came behind the last entry that `chain.json` knows, by its numbers.
  private SortedMap<Long, List<Place>> behind(Chain known, List<Path> days) throws IOException {
    var behind = new TreeMap<Long, List<Place>>();
    for (Path folder : days.reversed()) {
      var there = Place.in(disk, folder).places();
      if (!there.isEmpty() && there.lastKey() <= known.last()) {
        break;
      }
      there
          .tailMap(known.last(), false)
          .forEach(
              (number, places) ->
                  behind.computeIfAbsent(number, _ -> new ArrayList<>()).addAll(places));
    }
    return behind;
  }

  /// What came behind belongs to the chain as far as it is whole and follows it, though nobody was
  /// told that it is there. What does not is put aside, if a death can have left so much.
  private Chain adopted(Chain known, SortedMap<Long, List<Place>> behind) throws IOException {
    var now = known;
    List<Place> strange = new ArrayList<>();
    for (var places : behind.values()) {
      var follows =
          places.size() == 1 ? hashIfNext(now, places.getFirst()) : Optional.<String>empty();
      if (follows.isPresent()) {
        now = now.with(follows.get());
      } else {
        strange.addAll(places);
      }
    }
    if (strange.size() > GROUP_MAX) { // They have been acknowledged: nobody must take them away.
      throw new IOException(
          strange.size()
              + " entries of "
              + directory
              + " do not follow the last one of "
              + Chain.FILE
              + ": is it an old one?");
    }
    for (Place each : strange) {
      setAside(each);
    }
    return now;
  }

  private Optional<String> hashIfNext(Chain now, Place place) throws IOException {
    if (disk.identity(place.json()).isEmpty() || disk.identity(place.mail()).isEmpty()) {
      return Optional.empty();
    }
    byte[] json = disk.read(place.json());
    try {
      var entry = Entry.of(json);
      boolean next =
          entry.number() == now.last() + 1
              && entry.previous().equals(now.hash())
              && entry.octets() == disk.size(place.mail());
      return next ? Optional.of(Hashes.of(json)) : Optional.empty();
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  private void setAside(Place place) throws IOException {
    Path aside = directory.resolve(UNFINISHED);
    disk.makeDirectory(aside);
    for (Path file : List.of(place.mail(), place.json())) {
      if (disk.identity(file).isPresent()) {
        disk.move(file, aside.resolve(String.valueOf(file.getFileName())));
      }
    }
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
      chain = now;
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

  /// Removes entries that are too old, from the front, some at a time.
  ///
  /// @return whether there may be more
  /// @throws IOException when the disk fails, or something is not as it was written: then nothing
  ///   is removed, for it would be the evidence
  synchronized boolean retire(Instant before, Terms terms, int most) throws IOException {
    var now = open();
    var until = LocalDate.ofInstant(before, ZoneOffset.UTC);
    var held = Held.read(disk, directory);
    List<Place> going = new ArrayList<>();
    int count = 0;
    for (Path folder : Place.days(disk, directory)) {
      if (count == most || !Place.day(folder).orElse(LocalDate.MAX).isBefore(until)) {
        break;
      }
      for (var places : Place.in(disk, folder).places().tailMap(now.first()).values()) {
        if (count == most || now.first() > now.last()) {
          break;
        }
        var place = places.getFirst();
        byte[] json = read(now, place, places.size());
        String hash = Hashes.of(json);
        if (terms.holds(Entry.of(json))) {
          held.put(place.number(), new Held(place.number(), hash, place.text()));
        } else {
          going.add(place);
        }
        now = now.without(hash);
        count++;
      }
    }
    if (count > 0) {
      Held.write(disk, directory, held);
      now.write(disk, directory);
      chain = now;
      remove(going);
    }
    return count == most;
  }

  private byte[] read(Chain now, Place place, int places) throws IOException {
    byte[] json = disk.identity(place.json()).isEmpty() ? new byte[0] : disk.read(place.json());
    boolean next = false;
    try {
      var entry = Entry.of(json);
      next = entry.number() == now.first() && entry.previous().equals(now.before());
    } catch (IOException _) {
      // Said below.
    }
    if (places != 1 || !next || place.number() != now.first()) {
      throw new IOException(
          "entry "
              + now.first()
              + " in "
              + directory
              + " is not as it was written, so nothing is removed: poststation archive verify");
    }
    return json;
  }

  /// Removes what nobody wants held any more, and what a removal that was cut short left behind.
  ///
  /// @throws IOException when the disk fails
  synchronized void sweep(Terms terms) throws IOException {
    var now = open();
    var held = Held.read(disk, directory);
    List<Place> going = new ArrayList<>();
    for (Held each : List.copyOf(held.values())) {
      var place = each.place(directory);
      if (disk.identity(place.json()).isPresent()
          && !terms.holds(Entry.of(disk.read(place.json())))) {
        held.remove(each.number());
        going.add(place);
      }
    }
    if (!going.isEmpty()) {
      Held.write(disk, directory, held);
    }
    for (Path folder : Place.days(disk, directory)) {
      var content = Place.in(disk, folder).places();
      if (!content.isEmpty() && content.firstKey() >= now.first()) {
        break;
      }
      content.headMap(now.first()).entrySet().stream()
          .filter(each -> !held.containsKey(each.getKey()))
          .forEach(each -> going.addAll(each.getValue()));
    }
    remove(going);
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

  /// How many are held beyond their time.
  synchronized int held() throws IOException {
    return Held.read(disk, directory).size();
  }

  synchronized void close() throws IOException {
    chain = null;
    locked = Optional.empty();
    if (lock != null) {
      lock.close();
      lock = null;
    }
  }
}
