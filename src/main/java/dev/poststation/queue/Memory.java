package dev.poststation.queue;

import java.util.concurrent.atomic.AtomicInteger;

/// How many destinations may be known to be unreachable (`limits.destinations`). Safe for any
/// thread.
final class Memory {
  private final int most;
  private final AtomicInteger known = new AtomicInteger();

  Memory(int most) {
    this.most = most;
  }

  /// One more, if there is room.
  boolean take() {
    if (known.incrementAndGet() > most) {
      known.decrementAndGet();
      return false;
    }
    return true;
  }

  /// One less.
  void giveBack() {
    known.decrementAndGet();
  }

  int known() {
    return known.get();
  }
}
