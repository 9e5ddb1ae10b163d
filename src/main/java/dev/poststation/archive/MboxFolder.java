package dev.poststation.archive;

import dev.poststation.message.Octets;
import dev.poststation.os.GrowingFile;
import dev.poststation.os.Os;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A directory of mboxes, one for each day (UTC). Confined to one thread.
///
/// Each entry says how long it is. So the first use after a start finds what a crash has left half
/// written at the end of the newest file, and moves it aside: nobody was told that this mail was
/// taken. What other programs have changed is left as they made it.
final class MboxFolder {
  /// What was left half written, and is no mail that anybody was told of.
  static final String ASIDE = "unfinished";

  private static final String ENDING = ".mbox";

  /// Ours; whatever else is there is somebody else's.
  private static final Pattern NAME =
      Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}" + Pattern.quote(ENDING));

  private final Os os;
  private final Path directory;

  /// Whether nothing half written is at the end of the newest file.
  private boolean whole;

  /// Which file was written last, and where it ended then.
  private @Nullable Path last;

  private long end;

  MboxFolder(Os os, Path directory) {
    this.os = os;
    this.directory = directory;
  }

  /// Adds a mail at the end of the file of today, and syncs it.
  ///
  /// @param deadline in nanoseconds: nothing is begun later
  /// @return the name of the file, and where in it the mail is
  String add(About about, Octets content, long deadline) throws IOException {
    if (!whole) {
      os.disk().makeDirectory(directory);
      mend();
      whole = true;
    }
    var now = os.time().now();
    Path file = directory.resolve(LocalDate.ofInstant(now, ZoneOffset.UTC) + ENDING);
    var entry = MboxEntry.of(about, now, content);
    try (var out = os.disk().grow(file)) {
      if (os.time().nanos() - deadline > 0) {
        throw new IOException("another program had " + file.getFileName() + " locked for too long");
      }
      if (!file.equals(last) || out.size() != end) {
        MboxTail.close(out); // Somebody else may have written into it.
      }
      long begin = out.size();
      try {
        entry.write(out);
        out.sync();
      } catch (IOException e) {
        undo(out, begin);
        throw e;
      }
      last = file;
      end = out.size();
      return file.getFileName() + " at octet " + begin;
    } catch (IOException e) {
      last = null;
      throw e;
    }
  }

  private void undo(GrowingFile out, long begin) {
    try {
      out.cut(begin);
    } catch (IOException _) {
      whole = false; // The next mail finds it.
    }
  }

  private void mend() throws IOException {
    var files =
        os.disk().list(directory).stream()
            .filter(each -> NAME.matcher(String.valueOf(each.getFileName())).matches())
            .toList();
    if (files.isEmpty()) {
      return;
    }
    Path newest = files.getLast();
    try (var file = os.disk().grow(newest)) {
      long sound = MboxTail.sound(file);
      if (sound < file.size()) {
        aside(newest, file, sound);
        file.cut(sound);
        file.sync();
      }
    }
  }

  private void aside(Path name, GrowingFile file, long from) throws IOException {
    Path folder = directory.resolve(ASIDE);
    os.disk().makeDirectory(folder);
    Path copy = free(folder, name.getFileName() + "-" + from);
    byte[] window = new byte[Hashes.WINDOW];
    try (var out = os.disk().create(copy)) {
      long at = from;
      for (int count = file.read(at, window); count > 0; count = file.read(at, window)) {
        out.write(window, 0, count);
        at += count;
      }
    }
  }

  /// What was cut off at the same place before, and whatever a start left that did not come to its
  /// end, stays.
  private Path free(Path folder, String name) throws IOException {
    Path copy = folder.resolve(name);
    for (int i = 2; os.disk().identity(copy).isPresent(); i++) {
      copy = folder.resolve(name + "-" + i);
    }
    return copy;
  }
}
