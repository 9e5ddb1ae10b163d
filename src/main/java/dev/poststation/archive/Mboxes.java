package dev.poststation.archive;

import dev.poststation.message.Octets;
import dev.poststation.os.Os;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Appends mail to mboxes, one for each day, as any program that reads them expects it: quoted
/// (mboxrd), locked by fcntl while it is written, and synced. Safe for any thread.
public final class Mboxes {
  private final Os os;
  private final Map<Path, Shelf> shelves = new ConcurrentHashMap<>();

  /// @param writer the only thread that uses the folder
  private record Shelf(MboxFolder folder, Writers writer) {}

  /// None is touched before it is used.
  public Mboxes(Os os) {
    this.os = os;
  }

  /// Adds a mail. When this returns it is on stable storage.
  ///
  /// @param atMost how long it may take; what was begun by then may be there all the same
  /// @return the name of the file, and where in it the mail is
  /// @throws IOException when that cannot be done: the mail must not be taken
  public String add(Path directory, About about, Octets content, Duration atMost)
      throws IOException {
    long deadline = os.time().nanos() + atMost.toNanos();
    var shelf =
        shelves.computeIfAbsent(
            directory,
            _ -> new Shelf(new MboxFolder(os, directory), new Writers(os.tasks(), "mbox", 1)));
    return shelf.writer.ask(() -> shelf.folder.add(about, content, deadline), atMost);
  }
}
