package dev.poststation.queue;

import dev.poststation.spool.Spool;
import dev.poststation.spool.SpoolException;
import java.time.Instant;

/// Ends what was long enough in quarantine. By the scheduler.
final class Expiry {
  private static final int PAGE = 256;

  /// A flood that came in one minute must not keep the scheduler from mail.
  private static final int PAGES_MAX = 8;

  private Expiry() {}

  static void look(Queue queue, Instant now) throws SpoolException {
    var custody = new Orders.Custody("expire", "quarantine.keep");
    var orders = new Orders(queue, Control.Action.DELETE, "nobody released it", custody);
    var last = Spool.Due.FIRST;
    for (int i = 0; i < PAGES_MAX; i++) {
      var page = queue.spool().quarantined(last, now, PAGE);
      page.forEach(due -> orders.carryOut(Control.Meant.whole(due.id())));
      if (page.size() < PAGE) {
        return;
      }
      last = page.getLast();
    }
  }
}
