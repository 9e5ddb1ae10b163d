package dev.poststation.queue;

import dev.poststation.message.QueueId;
import dev.poststation.spool.Spool;
import dev.poststation.spool.SpoolException;
import java.util.List;
import java.util.function.Predicate;

/// The indexes over the places of the spool, read to their ends page by page. Safe for any thread;
/// takes its time. Each method shows what it finds to `each` until that returns false, and returns
/// whether it never did.
record Indexes(Spool spool) {
  private static final int PAGE = 1000;

  /// Reads on in an index.
  private interface Ids {
    List<QueueId> after(QueueId id) throws SpoolException;
  }

  /// Reads on in an index by time.
  private interface Dues {
    List<Spool.Due> after(Spool.Due due) throws SpoolException;
  }

  boolean incoming(Predicate<QueueId> each) throws SpoolException {
    return ids(after -> spool.incoming(after, PAGE), each);
  }

  boolean parked(Predicate<QueueId> each) throws SpoolException {
    for (String destination : spool.parkedDestinations()) {
      if (!ids(after -> spool.parked(destination, after, PAGE), each)) {
        return false;
      }
    }
    return true;
  }

  boolean held(Predicate<QueueId> each) throws SpoolException {
    return ids(after -> spool.held(after, PAGE), each);
  }

  boolean deferred(Predicate<QueueId> each) throws SpoolException {
    return dues(after -> spool.deferred(after, Claims.NEVER, PAGE), each);
  }

  boolean quarantined(Predicate<QueueId> each) throws SpoolException {
    return dues(after -> spool.quarantined(after, Claims.NEVER, PAGE), each);
  }

  private static boolean ids(Ids index, Predicate<QueueId> each) throws SpoolException {
    var last = QueueId.FIRST;
    while (true) {
      var page = index.after(last);
      for (var id : page) {
        if (!each.test(id)) {
          return false;
        }
      }
      if (page.size() < PAGE) {
        return true;
      }
      last = page.getLast();
    }
  }

  private static boolean dues(Dues index, Predicate<QueueId> each) throws SpoolException {
    var last = Spool.Due.FIRST;
    while (true) {
      var page = index.after(last);
      for (var due : page) {
        if (!each.test(due.id())) {
          return false;
        }
      }
      if (page.size() < PAGE) {
        return true;
      }
      last = page.getLast();
    }
  }
}
