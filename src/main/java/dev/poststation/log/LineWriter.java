package dev.poststation.log;

import dev.poststation.os.Os;
import dev.poststation.os.Time;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes lines from any thread and writes them in bulk on a thread of its own, a tenth of a second
/// later at the latest. A disk that is slow or full never holds up a caller: the buffer is bounded,
/// lines that find it full are dropped and counted, and a line says so at the place where they are
/// missing. Safe for any thread.
final class LineWriter implements Closeable {
  /// Two seconds of log at full rate.
  static final int BUFFER_MAX = 8 * 1024 * 1024;

  private static final int BUFFER_START = 64 * 1024;

  /// What is written again when a write fails half-way: so much may stand twice in the log.
  private static final int PIECE_MAX = 64 * 1024;

  private static final Duration IDLE = Duration.ofMinutes(1);
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final Duration LOOK_AT_FILE = Duration.ofSeconds(1);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);
  private static final byte[] NEWLINE = {'\n'};

  private static final Logger LOG = LoggerFactory.getLogger(LineWriter.class);

  private final Time time;
  private final LongFunction<byte[]> droppedLine;
  private final Time.Signal work;
  private final Time.Signal hurry;
  private final Time.Signal done;

  // Guarded by `lock`.
  private final Object lock = new Object();
  private byte[] filling = new byte[BUFFER_START];
  private int filled;
  private long lines;
  private long dropped;
  private long droppedUnsaid;
  private @Nullable LogFile next;
  private boolean reopen;
  private boolean closing;

  // Confined to the writing thread.
  private LogFile file;
  private byte[] pending = new byte[BUFFER_START];
  private int pendingFrom;
  private int pendingTo;
  private boolean failing;
  private long lookedNanos;

  /// @param droppedLine makes the line that says how many lines are missing
  LineWriter(Os os, LogFile file, LongFunction<byte[]> droppedLine) {
    this.time = os.time();
    this.file = file;
    this.droppedLine = droppedLine;
    this.work = time.signal();
    this.hurry = time.signal();
    this.done = time.signal();
    this.lookedNanos = time.nanos();
    os.tasks().platform("mail-log", this::run);
  }

  /// Adds a text of whole lines. Never waits.
  void append(byte[] text) {
    boolean wasEmpty;
    boolean nearlyFull;
    synchronized (lock) {
      if (closing || filled + text.length > BUFFER_MAX) {
        dropped++;
        droppedUnsaid++;
        return;
      }
      wasEmpty = filled == 0;
      put(text);
      lines++;
      nearlyFull = filled > BUFFER_MAX / 2 && filled - text.length <= BUFFER_MAX / 2;
    }
    if (wasEmpty) {
      work.raise();
    }
    if (nearlyFull) {
      hurry.raise();
    }
  }

  private void put(byte[] text) {
    if (filled + text.length > filling.length) {
      filling = Arrays.copyOf(filling, Math.max(filling.length * 2, filled + text.length));
    }
    System.arraycopy(text, 0, filling, filled, text.length);
    filled += text.length;
  }

  /// Events written down since the start.
  long lines() {
    synchronized (lock) {
      return lines;
    }
  }

  /// Events dropped since the start.
  long dropped() {
    synchronized (lock) {
      return dropped;
    }
  }

  /// Opens the file anew before the next write.
  void reopen() {
    synchronized (lock) {
      reopen = true;
    }
    work.raise();
  }

  /// Goes on in another file.
  void redirect(LogFile other) {
    synchronized (lock) {
      next = other;
    }
    work.raise();
  }

  /// Writes what is left and closes; does not wait for a disk that hangs.
  @Override
  public void close() {
    synchronized (lock) {
      closing = true;
    }
    work.raise();
    hurry.raise();
    try {
      if (!done.await(CLOSE_PATIENCE)) {
        LOG.error("The mail log could not be written to its end: the disk does not answer.");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      boolean last = false;
      while (!last) {
        work.await(pendingFrom < pendingTo ? RETRY : IDLE);
        last = isClosing();
        writeOut();
        if (!last) {
          hurry.await(PAUSE);
        }
      }
      writeOut(); // the line that tells of dropped ones, if there is one
      closeFile();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      done.raise();
    }
  }

  private boolean isClosing() {
    synchronized (lock) {
      return closing;
    }
  }

  private void closeFile() {
    try {
      file.close();
    } catch (IOException e) {
      complain(e);
    }
  }

  /// Writes what waits. After a failure the rest stays pending.
  private void writeOut() {
    try {
      chooseFile();
      if (failing && pendingFrom < pendingTo) {
        // What was written of the piece that failed must not run into its repetition.
        file.write(NEWLINE, 0, NEWLINE.length);
      }
      writePending();
      if (take()) {
        writePending();
      }
      if (failing) {
        LOG.info("The mail log is being written again to {}.", file);
        failing = false;
      }
    } catch (IOException e) {
      complain(e);
    }
  }

  private void chooseFile() throws IOException {
    LogFile other;
    boolean again;
    synchronized (lock) {
      other = next;
      next = null;
      again = reopen || failing;
      reopen = false;
    }
    if (other != null) {
      closeFile();
      file = other;
    } else if (again) {
      file.reopen();
    } else if (time.nanos() - lookedNanos > LOOK_AT_FILE.toNanos()) {
      lookedNanos = time.nanos();
      file.follow();
    }
  }

  private void writePending() throws IOException {
    while (pendingFrom < pendingTo) {
      int length = piece();
      file.write(pending, pendingFrom, length);
      pendingFrom += length;
    }
  }

  /// How many octets to write next: whole lines, at most a piece.
  private int piece() {
    int end = Math.min(pendingFrom + PIECE_MAX, pendingTo);
    while (end > pendingFrom && pending[end - 1] != '\n') {
      end--;
    }
    return end > pendingFrom ? end - pendingFrom : pendingTo - pendingFrom;
  }

  /// Swaps the buffers; whether there is anything to write.
  private boolean take() {
    long missing;
    synchronized (lock) {
      missing = droppedUnsaid;
      if (filled == 0) {
        return false;
      }
      var written = pending;
      pending = filling;
      pendingFrom = 0;
      pendingTo = filled;
      filling = written.length > BUFFER_MAX / 8 ? new byte[BUFFER_START] : written;
      filled = 0;
      if (missing > 0) {
        put(droppedLine.apply(missing));
        droppedUnsaid = 0;
      }
    }
    if (missing > 0) {
      work.raise();
      LOG.warn("{} events are missing in the mail log: {} was too slow.", missing, file);
    }
    return true;
  }

  private void complain(IOException e) {
    if (!failing) {
      LOG.error(
          "The mail log cannot be written to {}: {}. Mail goes on; what does not fit in memory is"
              + " dropped.",
          file,
          e.toString());
    }
    failing = true;
  }
}
