package dev.poststation.archive;

import dev.poststation.os.Disk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.TreeMap;

/// Entries that are older than they would be kept, for somebody wants them kept (legal hold): what
/// stands in `held.txt`. The chain does not lead to them any more, so their hashes stand here.
///
/// @param hash of its `.json`
/// @param text where it is: [Place#text]
record Held(long number, String hash, String text) {
  static final String FILE = "held.txt";

  /// All of an archive, by their numbers.
  ///
  /// @throws IOException when they cannot be read
  static TreeMap<Long, Held> read(Disk disk, Path directory) throws IOException {
    var all = new TreeMap<Long, Held>();
    Path file = directory.resolve(FILE);
    if (disk.identity(file).isEmpty()) {
      return all;
    }
    for (String line : new String(disk.read(file), StandardCharsets.UTF_8).split("\n", -1)) {
      String[] words = line.split(" ", -1);
      if (words.length == 3 && words[0].matches("[0-9]{1,18}")) {
        long number = Long.parseLong(words[0]);
        all.put(number, new Held(number, words[1], words[2]));
      } else if (!line.isEmpty()) {
        throw new IOException(file + " cannot be read: it has the line " + line);
      }
    }
    return all;
  }

  static void write(Disk disk, Path directory, TreeMap<Long, Held> all) throws IOException {
    var text = new StringBuilder();
    for (Held each : all.values()) {
      text.append(each.number).append(' ').append(each.hash).append(' ').append(each.text);
      text.append('\n');
    }
    byte[] octets = text.toString().getBytes(StandardCharsets.UTF_8);
    disk.replace(directory.resolve(FILE), octets, true);
  }

  Place place(Path directory) {
    int slash = text.indexOf('/');
    return new Place(
        directory.resolve(text.substring(0, Math.max(0, slash))),
        number,
        text.substring(slash + 1));
  }
}
