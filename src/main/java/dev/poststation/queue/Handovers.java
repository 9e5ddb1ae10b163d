package dev.poststation.queue;

import dev.poststation.message.QueueId;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/// Mails that are announced and not yet handed over: they may be found in the spool already, and
/// are to be left alone until the queue has them (docs/adr/0005-announced-mail.md). Safe for any
/// thread.
final class Handovers {
  private static final CountDownLatch NOBODY_WAITS = new CountDownLatch(0);

  private final Map<QueueId, CountDownLatch> pending = new ConcurrentHashMap<>();

  /// A mail is about to become durable.
  void begin(QueueId id) {
    pending.put(id, NOBODY_WAITS);
  }

  /// The queue has it, or can find it in the spool, or it did not become durable.
  void end(QueueId id) {
    var waiting = pending.remove(id);
    if (waiting != null) {
      waiting.countDown();
    }
  }

  /// Whether a mail is to be left alone.
  boolean pending(QueueId id) {
    return pending.containsKey(id);
  }

  /// Waits until a mail need not be left alone any more: as long as the disk takes to make it
  /// durable.
  void awaitEnd(QueueId id) throws InterruptedException {
    var end =
        pending.computeIfPresent(id, (_, old) -> old == NOBODY_WAITS ? new CountDownLatch(1) : old);
    if (end != null) {
      end.await();
    }
  }
}
