package dev.poststation.archive;

import dev.poststation.os.Disk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// Entries that are older than they would be kept, for somebody wants them kept (legal hold): what
/// stands in `held.txt`. The chain does not lead to them any more, so their hashes stand here.
///
/// @param hash of its `.json`
/// @param text where it is: [Place#text]
record Held(long number, String hash, String text) {
  static final String FILE = "held.txt";

  /// It names no file but one of an entry, for what is not held any more is removed.
  private static final Pattern LINE =
      Pattern.compile(
          "([0-9]{1,18}) ([0-9a-f]{64})"
              + " ([0-9]{4}-[0-9]{2}-[0-9]{2}/[0-9]{12,18}-[0-9A-Za-z]{1,40})");

  /// All of an archive, by their numbers.
  ///
  /// @throws IOException when they cannot be read
  static TreeMap<Long, Held> read(Disk disk, Path directory) throws IOException {
    var all = new TreeMap<Long, Held>();
    Path file = directory.resolve(FILE);
    if (disk.identity(file).isEmpty()) {
      return all;
    }
    for (String line : new String(disk.read(file), StandardCharsets.UTF_8).lines().toList()) {
      var parts = LINE.matcher(line);
      if (!parts.matches()) {
        throw new IOException(file + " cannot be read: it has the line " + line);
      }
      long number = Long.parseLong(parts.group(1));
      all.put(number, new Held(number, parts.group(2), parts.group(3)));
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
        directory.resolve(text.substring(0, slash)), number, text.substring(slash + 1));
  }
}
