package dev.poststation.dns;

import dev.poststation.os.Os;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
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
  private final AtomicReference<State<T>> state;

  WatchedFile(Os os, Path file, Function<String, T> parse) {
    this.os = os;
    this.file = file;
    this.parse = parse;
    this.state = new AtomicReference<>(look(new State<>(parse.apply(""), Optional.empty(), now())));
  }

  /// What it says; looks at the file at most once a second.
  T value() {
    var seen = state.get();
    long now = now();
    if (now - seen.lookedAt < BETWEEN_LOOKS.toNanos()) {
      return seen.value;
    }
    // Whoever sets the time of the look does the looking; the others go on with what was.
    var mine = new State<>(seen.value, seen.modified, now);
    if (state.compareAndSet(seen, mine)) {
      state.set(look(mine));
    }
    return state.get().value;
  }

  private State<T> look(State<T> before) {
    try {
      var modified = os.disk().modified(file);
      if (modified.equals(before.modified)) {
        return before;
      }
      String text =
          modified.isEmpty() ? "" : new String(os.disk().read(file), StandardCharsets.UTF_8);
      return new State<>(parse.apply(text), modified, before.lookedAt);
    } catch (IOException e) {
      LOG.warn("{} cannot be read: {}", file, e.toString());
      return before;
    }
  }

  private long now() {
    return os.time().nanos();
  }

  private record State<T>(T value, Optional<Instant> modified, long lookedAt) {}
}
