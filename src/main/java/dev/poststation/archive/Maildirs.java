package dev.poststation.archive;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.poststation.message.Octets;
import dev.poststation.os.Os;
import dev.poststation.os.Workers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/// Puts mail into maildirs, as any program that reads them expects it: written and synced in `tmp`,
/// then renamed into `new`. The lines end with LF, and the envelope stands in front of the header.
/// Safe for any thread.
public final class Maildirs {
  /// That write at the same time.
  private static final int WRITERS = 16;

  private static final int WAITING_MAX = 1000;

  private final Os os;
  private final Workers writers;

  /// Those that were there when they were last used.
  private final Set<Path> known = ConcurrentHashMap.newKeySet();

  /// None is touched before it is used.
  public Maildirs(Os os) {
    this.os = os;
    this.writers = new Workers(os.tasks(), "maildir", WRITERS, WAITING_MAX);
  }

  /// Adds a mail. When this returns it is on stable storage.
  ///
  /// @param host our name
  /// @param atMost how long it may take; what was begun by then may be there all the same
  /// @return the name of its file
  /// @throws IOException when that cannot be done: the mail must not be taken
  public String add(Path directory, String host, About about, Octets content, Duration atMost)
      throws IOException {
    try {
      return writers
          .ask(() -> put(directory, host, about, content), atMost)
          .orElseThrow(() -> new IOException(WAITING_MAX + " mails wait for it already"));
    } catch (TimeoutException _) {
      throw new IOException("it has not taken the mail within " + atMost.toSeconds() + " s");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw new IOException(cause.getClass().getSimpleName() + ": " + cause.getMessage(), cause);
      }
      throw new IllegalStateException(e.getCause());
    }
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
        out.write(front(about));
        write(content, out);
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

  /// The envelope, as fields.
  private static byte[] front(About about) {
    var out = new StringBuilder(300);
    out.append("Return-Path: <").append(about.sender()).append(">\n");
    for (String recipient : about.recipients()) {
      out.append("X-Envelope-To: <").append(recipient).append(">\n");
    }
    out.append("X-Archived: id=").append(about.id());
    out.append("; service=").append(about.service()).append("; copy=").append(about.copy());
    if (!about.direction().isEmpty()) {
      out.append("; direction=").append(about.direction());
    }
    return out.append('\n').toString().getBytes(UTF_8);
  }

  /// A line ends with LF there; a CR that stands alone stays.
  private static void write(Octets content, OutputStream out) throws IOException {
    byte[] window = new byte[Hashes.WINDOW];
    var plain = new ByteArrayOutputStream(window.length + 1);
    boolean cr = false;
    long at = 0;
    for (int count = content.read(at, window, 0, window.length);
        count > 0;
        count = content.read(at, window, 0, window.length)) {
      for (int i = 0; i < count; i++) {
        if (cr && window[i] != '\n') {
          plain.write('\r');
        }
        cr = window[i] == '\r';
        if (!cr) {
          plain.write(window[i]);
        }
      }
      out.write(plain.toByteArray());
      plain.reset();
      at += count;
    }
    if (cr) {
      out.write('\r');
    }
  }
}
