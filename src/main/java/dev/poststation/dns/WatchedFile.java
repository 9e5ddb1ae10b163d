package dev.poststation.dns;

import dev.poststation.os.Os;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A file of the system that may change while we run, as parsed when it last did. A file that is
/// absent is an empty one; one that cannot be read stays as it was. Safe for any thread.
final class WatchedFile<T> {
  private static final Logger LOG = LoggerFactory.getLogger(WatchedFile.class);
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

  private final Os os;
  private final Path file;
  private final Function<String, T> parse;
  private final AtomicBoolean looking = new AtomicBoolean();
  private volatile State<T> state;

  WatchedFile(Os os, Path file, Function<String, T> parse) {
    this.os = os;
    this.file = file;
    this.parse = parse;
    this.state = look(new State<>(parse.apply(""), Optional.empty(), 0, true), now());
  }

  /// What it says; looks at the file at most once a second.
  T value() {
    var seen = state;
    long now = now();
    boolean due = now - seen.lookedAt >= BETWEEN_LOOKS.toNanos();
    // One looks; the others go on with what was.
    if (!due || !looking.compareAndSet(false, true)) {
      return seen.value;
    }
    try {
      var fresh = look(seen, now);
      state = fresh;
      return fresh.value;
    } finally {
      looking.set(false);
    }
  }

  private State<T> look(State<T> before, long now) {
    try {
      var modified = os.disk().modified(file);
      if (modified.equals(before.modified)) {
        return new State<>(before.value, modified, now, true);
      }
      String text =
          modified.isEmpty() ? "" : new String(os.disk().read(file), StandardCharsets.UTF_8);
      return new State<>(parse.apply(text), modified, now, true);
    } catch (IOException e) {
      if (before.readable) {
        LOG.warn("{} cannot be read: {}", file, e.toString());
      }
      return new State<>(before.value, before.modified, now, false);
    }
  }

  private long now() {
    return os.time().nanos();
  }

  private record State<T>(T value, Optional<Instant> modified, long lookedAt, boolean readable) {}
}
