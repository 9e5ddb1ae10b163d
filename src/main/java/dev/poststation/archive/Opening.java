package dev.poststation.archive;

import dev.poststation.os.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// Finds the chain of an archive that is opened: what `chain.json` says, and what came behind that
/// before the process died or the disk failed. Confined to one thread.
final class Opening {
  /// What was left of a group when the power went: nobody has been told that it is there.
  private static final String UNFINISHED = "unfinished";

  /// What may be in the directory before there is an archive: the root of a file system has one.
  private static final Set<String> BEFORE =
      Set.of(Folder.LOCK, Folder.INCOMING, Chain.FILE + ".new", "lost+found");

  private final Disk disk;
  private final Path directory;

  private Opening(Disk disk, Path directory) {
    this.disk = disk;
    this.directory = directory;
  }

  /// The chain, as it is written when this returns.
  ///
  /// @param days the folders of entries
  /// @throws IOException when it cannot be known what belongs to the archive: then all stays as it
  ///   is
  static Chain of(Disk disk, Path directory, List<Path> days) throws IOException {
    var opening = new Opening(disk, directory);
    var read = Chain.read(disk, directory);
    var whole =
        read.isEmpty()
            ? opening.begun(days)
            : opening.adopted(read.get(), opening.behind(read.get(), days));
    if (read.isEmpty() || !whole.equals(read.get())) {
      whole.write(disk, directory);
    }
    return whole;
  }

  /// An archive begins where nothing is: neither what is left of one, nor what is another
  /// program's.
  private Chain begun(List<Path> days) throws IOException {
    if (!days.isEmpty()) {
      throw new IOException(directory + " has entries, but no " + Chain.FILE + ": was it removed?");
    }
    for (Path each : disk.list(directory)) {
      boolean known = BEFORE.contains(String.valueOf(each.getFileName()));
      if (!known || !disk.list(directory.resolve(Folder.INCOMING)).isEmpty()) {
        throw new IOException(directory + " is not empty, and no archive");
      }
    }
    return Chain.EMPTY;
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
    if (strange.size()
        > Folder.GROUP_MAX) { // They have been acknowledged: nobody must take them away.
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
}
