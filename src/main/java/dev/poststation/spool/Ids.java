package dev.poststation.spool;

import dev.poststation.message.QueueId;
import dev.poststation.os.Time;
import java.util.concurrent.atomic.AtomicLong;

/// Gives out queue ids: they follow the clock, but never backwards. Safe for any thread.
final class Ids {
  private static final int RUNNING_NUMBER_BITS = 20;

  private final Time time;
  private final AtomicLong last;

  /// @param last the greatest id that was ever used
  Ids(Time time, long last) {
    this.time = time;
    this.last = new AtomicLong(last);
  }

  QueueId next() {
    long now = time.now().toEpochMilli() << RUNNING_NUMBER_BITS;
    long before;
    long id;
    do {
      before = last.get();
      id = Math.max(before + 1, now);
    } while (!last.compareAndSet(before, id));
    return new QueueId(id);
  }

  long greatest() {
    return last.get();
  }
}
