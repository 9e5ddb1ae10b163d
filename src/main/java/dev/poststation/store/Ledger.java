package dev.poststation.store;

import dev.poststation.os.Disk;
import dev.poststation.os.Os;
import dev.poststation.os.Time;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A file in `data` with something that was learned, a line for each thing: written as a whole some
/// minutes after it changed, for all that changed in between, and at the end. Nobody waits for it.
/// A power cut takes the last minutes, never the file. Safe for any thread.
public final class Ledger implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Ledger.class);
  private static final Duration PAUSE = Duration.ofMinutes(5);

  private final Os os;
  private final Path file;
  private final Supplier<List<String>> lines;
  private final AtomicBoolean awaited = new AtomicBoolean();
  private final AtomicBoolean changed = new AtomicBoolean();
  private final Time.Signal closing;

  /// @param file what only its owner may read
  /// @param lines all that is to be written now, without line ends
  public Ledger(Os os, Path file, Supplier<List<String>> lines) {
    this.os = os;
    this.file = file;
    this.lines = lines;
    this.closing = os.time().signal();
  }

  /// The lines that were written last; none when there is no such file, or it cannot be read, which
  /// the program's log then says.
  public static List<String> read(Disk disk, Path file) {
    try {
      return disk.size(file) == 0
          ? List.of()
          : new String(disk.read(file), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      LOG.warn("{} cannot be read: {}", file, e.toString());
      return List.of();
    }
  }

  /// Whether a text can stand in a line, also with tabs between such texts.
  public static boolean fits(String text) {
    return text.chars().allMatch(c -> c >= ' ' && c != 0x7f);
  }

  /// Something is different from what was written. Costs next to nothing.
  public void changed() {
    changed.set(true);
    if (!awaited.get() && awaited.compareAndSet(false, true)) {
      os.tasks().platform("ledger-" + file.getFileName(), this::writeLater);
    }
  }

  private void writeLater() {
    boolean end;
    try {
      end = closing.await(PAUSE);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      end = true;
    }
    awaited.set(false);
    write();
    if (!end && changed.get()) {
      changed(); // The disk was full: maybe it is not the next time.
    }
  }

  /// Writes what has changed. What cannot be written is tried again minutes later.
  public synchronized void write() {
    if (!changed.compareAndSet(true, false)) {
      return;
    }
    var text = new StringBuilder();
    lines.get().forEach(line -> text.append(line).append('\n'));
    try {
      os.disk().replace(file, text.toString().getBytes(StandardCharsets.UTF_8), true);
    } catch (IOException e) {
      changed.set(true);
      LOG.warn("{} cannot be written: {}", file, e.toString());
    }
  }

  /// Writes what is left.
  @Override
  public void close() {
    closing.raise();
    write();
  }
}
