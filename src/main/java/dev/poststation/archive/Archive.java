package dev.poststation.archive;

import dev.poststation.message.Octets;
import dev.poststation.os.Os;
import dev.poststation.os.Time;
import dev.poststation.os.Workers;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An archive in a directory. Contents are written by a few threads at the same time; one thread
/// makes all that wait the next entries of the chain, with few syncs (group commit), and removes
/// what is too old. Safe for any thread.
public final class Archive {
  private static final Logger LOG = LoggerFactory.getLogger(Archive.class);

  /// That write contents, and wait for the chain.
  private static final int WRITERS = 16;

  private static final int WAITING_MAX = 1000;

  /// Octets that are free; when there are fewer, `status` says so.
  private static final long LITTLE = 1_000_000_000;

  private static final Duration LOOK = Duration.ofHours(1);

  private final Os os;
  private final Path directory;
  private final Folder folder;
  private final Workers writers;
  private final Time.Signal signal;
  private final AtomicLong names = new AtomicLong();
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private final CompletableFuture<Boolean> ended = new CompletableFuture<>();
  private volatile Terms terms = new Terms(null, List.of());
  private volatile String retention = "";
  private volatile @Nullable Entry last;
  private final AtomicLong added = new AtomicLong();
  private boolean closing;

  /// Of one that is in use, or was.
  private boolean begun;

  /// When the clock shows this, what is too old is looked for.
  private volatile long due;

  /// How it is.
  ///
  /// @param first the number of the first entry; `last` + 1 when there is none
  /// @param last the number of the last entry
  /// @param lastAt when that came; null: none has come since the start
  /// @param added how many have come since the start
  /// @param held kept beyond their time
  /// @param usable octets that can still be written; -1: not known
  /// @param problem why it cannot be read, or nothing is removed; empty: nothing is wrong
  public record Standing(
      Path directory,
      long first,
      long last,
      @Nullable Instant lastAt,
      long added,
      int held,
      long usable,
      String problem) {
    /// What an administrator should see to, to be said behind its name.
    public Optional<String> trouble() {
      if (!problem.isEmpty()) {
        return Optional.of(": " + problem);
      }
      return usable >= 0 && usable < LITTLE
          ? Optional.of(
              ": only "
                  + usable / 1_000_000
                  + " MB are free; mail that it cannot keep goes by on-error")
          : Optional.empty();
    }
  }

  private record Waiting(Folder.Arrived arrived, CompletableFuture<Entry> done) {}

  Archive(Os os, Path directory) {
    this.os = os;
    this.directory = directory;
    this.folder = new Folder(os, directory);
    this.writers = new Workers(os.tasks(), "archive", WRITERS, WAITING_MAX);
    this.signal = os.time().signal();
    this.due = os.time().nanos();
  }

  /// From now on it takes mail, on these terms.
  void use(Terms now) {
    boolean other = !now.equals(terms);
    terms = now;
    if (!begun) {
      begun = true;
      os.tasks().platform("archive", this::run);
    } else if (other) {
      due = os.time().nanos();
      signal.raise();
    }
  }

  /// Where it is.
  public Path directory() {
    return directory;
  }

  /// Adds a mail. When this returns it is on stable storage, and so is all before it.
  ///
  /// @param atMost how long it may take; what was begun by then may become an entry all the same
  /// @throws IOException when that cannot be done: the mail must not be taken
  public Entry add(About about, Octets content, Duration atMost) throws IOException {
    synchronized (waiting) {
      mustBeOpen();
    }
    try {
      return writers
          .ask(() -> put(about, content), atMost)
          .orElseThrow(() -> new IOException(WAITING_MAX + " mails wait for it already"));
    } catch (TimeoutException _) {
      throw new IOException("it has not taken the mail within " + atMost.toSeconds() + " s");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw new IOException(reason(cause), cause);
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  private static String reason(IOException e) {
    return e.getClass() == IOException.class
        ? String.valueOf(e.getMessage())
        : e.getClass().getSimpleName() + ": " + e.getMessage();
  }

  private Entry put(About about, Octets content) throws IOException {
    Path file = folder.incoming().resolve(about.id() + "-" + names.incrementAndGet() + Place.MAIL);
    try {
      var digest = Hashes.digest();
      long octets = write(file, content, digest);
      var arrived = new Folder.Arrived(about, file, octets, Hashes.text(digest));
      return chained(new Waiting(arrived, new CompletableFuture<>()));
    } catch (IOException e) {
      os.disk().remove(file);
      throw e;
    }
  }

  private long write(Path file, Octets content, MessageDigest digest) throws IOException {
    try (OutputStream out = os.disk().create(file)) {
      byte[] window = new byte[Hashes.WINDOW];
      long at = 0;
      for (int count = content.read(at, window, 0, window.length);
          count > 0;
          count = content.read(at, window, 0, window.length)) {
        digest.update(window, 0, count);
        out.write(window, 0, count);
        at += count;
      }
      return at;
    }
  }

  private Entry chained(Waiting mail) throws IOException {
    synchronized (waiting) {
      mustBeOpen();
      waiting.add(mail);
    }
    signal.raise();
    try {
      return mail.done.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw e;
    }
  }

  private void mustBeOpen() throws IOException {
    if (closing) {
      throw new IOException("it is in use no more");
    }
  }

  // --- The one thread
  // ---------------------------------------------------------------------------

  private void run() {
    try {
      for (var group = next(); group != null; group = next()) {
        if (!group.isEmpty()) {
          append(group);
        }
        long now = os.time().nanos();
        if (now - due >= 0) {
          due = now + LOOK.toNanos(); // Before: new terms may come meanwhile.
          if (retire()) {
            due = now;
          }
        }
      }
      folder.end();
    } catch (IOException e) {
      LOG.warn("The archive {} cannot be closed: {}", directory, e.getMessage());
    } finally {
      writers.close();
      ended.complete(true);
    }
  }

  /// What is to become entries; empty: it is time to look for what is too old; null: it ends.
  private @Nullable List<Waiting> next() {
    while (true) {
      synchronized (waiting) {
        if (!waiting.isEmpty()) {
          List<Waiting> group = new ArrayList<>();
          while (!waiting.isEmpty() && group.size() < Folder.GROUP_MAX) {
            group.add(waiting.remove());
          }
          return group;
        }
        if (closing) {
          return null;
        }
      }
      if (os.time().nanos() - due >= 0) {
        return List.of();
      }
      try {
        signal.awaitUntil(due);
      } catch (InterruptedException _) {
        // Nobody has a reason to interrupt it.
      }
    }
  }

  private void append(List<Waiting> group) {
    try {
      var entries = folder.append(group.stream().map(Waiting::arrived).toList());
      last = entries.getLast();
      added.addAndGet(entries.size());
      for (int i = 0; i < group.size(); i++) {
        group.get(i).done.complete(entries.get(i));
      }
    } catch (IOException | RuntimeException e) {
      group.forEach(each -> each.done.completeExceptionally(e));
    }
  }

  /// @return whether there may be more that is too old
  private boolean retire() {
    var now = terms;
    var keep = now.keep();
    if (keep == null) {
      retention = "";
      return false;
    }
    String problem = "";
    boolean more = false;
    try {
      folder.sweep(now);
      var today = LocalDate.ofInstant(os.time().now(), ZoneOffset.UTC);
      more = folder.retire(today.minus(keep), now);
    } catch (IOException e) {
      problem = reason(e);
    } catch (RuntimeException e) { // A fault of ours: it must not cost the mail that comes.
      problem = e.toString();
    }
    if (!problem.isEmpty() && retention.isEmpty()) {
      LOG.warn("What is too old is not removed from the archive: {}", problem);
    }
    retention = problem;
    return more;
  }

  /// How it is.
  public Standing standing() {
    var newest = last;
    try {
      var known = folder.known();
      return new Standing(
          directory,
          known.chain().first(),
          known.chain().last(),
          newest == null ? null : newest.archived(),
          added.get(),
          known.held(),
          os.disk().usableBytes(directory),
          retention);
    } catch (IOException e) {
      return new Standing(directory, 1, 0, null, added.get(), 0, -1, reason(e));
    }
  }

  /// It writes what waits, and ends.
  void end() {
    synchronized (waiting) {
      closing = true;
    }
    signal.raise();
    if (!begun) {
      ended.complete(true);
    }
  }

  boolean hasEnded() {
    return ended.isDone();
  }

  void awaitEnd() {
    ended.join();
  }
}
