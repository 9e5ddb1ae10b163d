package dev.poststation.archive;

import dev.poststation.message.Octets;
import dev.poststation.os.Os;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Puts mail into maildirs, as any program that reads them expects it: written and synced in `tmp`,
/// then renamed into `new`. The lines end with LF, and the envelope stands in front of the header.
/// Safe for any thread.
public final class Maildirs {
  /// That write at the same time.
  private static final int WRITERS = 16;

  private final Os os;
  private final Writers writers;

  /// Those that were there when they were last used.
  private final Set<Path> known = ConcurrentHashMap.newKeySet();

  /// None is touched before it is used.
  public Maildirs(Os os) {
    this.os = os;
    this.writers = new Writers(os.tasks(), "maildir", WRITERS);
  }

  /// Adds a mail. When this returns it is on stable storage.
  ///
  /// @param host our name
  /// @param atMost how long it may take; what was begun by then may be there all the same
  /// @return the name of its file
  /// @throws IOException when that cannot be done: the mail must not be taken
  public String add(Path directory, String host, About about, Octets content, Duration atMost)
      throws IOException {
    return writers.ask(() -> put(directory, host, about, content), atMost);
  }

  private String put(Path directory, String host, About about, Octets content) throws IOException {
    make(directory);
    // Nobody else has this name: who starts anew after a crash must not meet what was left then.
    String name =
        os.time().now().getEpochSecond()
            + ".R"
            + os.chance().hex(8)
            + "Q"
            + about.id()
            + "."
            + host;
    Path written = directory.resolve("tmp").resolve(name);
    try {
      try (var out = os.disk().create(written)) {
        out.write(EnvelopeFields.of(about));
        LfLines.plain(content, out::write);
      }
      os.disk().move(written, directory.resolve("new").resolve(name));
      return name;
    } catch (IOException e) {
      known.remove(directory); // Somebody may have removed it.
      os.disk().remove(written);
      throw e;
    }
  }

  private void make(Path directory) throws IOException {
    if (known.contains(directory)) {
      return;
    }
    os.disk().makeDirectory(directory); // By itself, so that its own entry is synced, too.
    for (String folder : List.of("cur", "new", "tmp")) {
      os.disk().makeDirectory(directory.resolve(folder));
    }
    known.add(directory);
  }
}
