package dev.poststation.rewrite;

import dev.poststation.config.AddressMapping;
import dev.poststation.os.Os;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A map in a file that may change while we run; looked at once a second at most. One that cannot
/// be used is told once, and what was read before goes on to hold. Safe for any thread.
final class WatchedMap {
  private static final Logger LOG = LoggerFactory.getLogger(WatchedMap.class);
  private static final Duration BETWEEN_GLANCES = Duration.ofSeconds(1);

  private final Os os;
  private final Path file;
  private final ReentrantLock looking = new ReentrantLock();
  private volatile State state;

  /// By which a file that has changed is known.
  private record Mark(Optional<String> identity, Optional<Instant> modified, long size) {}

  /// What holds.
  ///
  /// @param forth OLD to NEW
  /// @param back NEW to OLD
  record Both(AddressMap forth, AddressMap back) {
    static Both of(List<AddressMapping> mappings) {
      return new Both(AddressMap.of(mappings), AddressMap.reversed(mappings));
    }
  }

  private record State(Mark mark, Both maps, long lookedAt) {}

  /// Reads it. The configuration was checked a moment ago: what is wrong now is told.
  WatchedMap(Os os, Path file) {
    this.os = os;
    this.file = file;
    var none = new State(new Mark(Optional.empty(), Optional.empty(), -1), Both.of(List.of()), 0);
    this.state = looked(none);
  }

  /// The maps as they were a second ago at most.
  Both now() {
    var seen = state;
    if (os.time().nanos() - seen.lookedAt < BETWEEN_GLANCES.toNanos() || !looking.tryLock()) {
      return seen.maps; // While one looks, the others go on with what was.
    }
    try {
      state = looked(state);
      return state.maps;
    } finally {
      looking.unlock();
    }
  }

  private State looked(State before) {
    long now = os.time().nanos();
    var mark = mark();
    if (mark.equals(before.mark)) {
      return new State(mark, before.maps, now);
    }
    try {
      var text = new String(os.disk().read(file), StandardCharsets.UTF_8);
      var read = AddressMapping.file(text, file.toString());
      if (read.flaws().isEmpty()) {
        LOG.info("Read {}: {} addresses", file, read.mappings().size());
        return new State(mark, Both.of(read.mappings()), now);
      }
      var flaw = read.flaws().getFirst();
      kept(flaw.origin() + ": " + flaw.message());
    } catch (IOException e) {
      kept(file + " cannot be read: " + e.getMessage());
    }
    return new State(mark, before.maps, now);
  }

  private static void kept(String why) {
    LOG.warn("{}; what was read before goes on to hold", why);
  }

  private Mark mark() {
    var disk = os.disk();
    try {
      return new Mark(disk.identity(file), disk.modified(file), disk.size(file));
    } catch (IOException _) {
      return new Mark(Optional.empty(), Optional.empty(), 0);
    }
  }
}
