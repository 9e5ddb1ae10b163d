package dev.poststation.backup;

import dev.poststation.config.Configuration;
import dev.poststation.log.Event;
import dev.poststation.log.TraceEntries;
import dev.poststation.message.QueueId;
import dev.poststation.os.Os;
import dev.poststation.spool.LocalSpool;
import dev.poststation.spool.Placement;
import dev.poststation.spool.Settlement;
import dev.poststation.spool.Spool;
import dev.poststation.spool.SpoolException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/// Puts all mail of a spool that no relay uses on hold, so that an administrator decides about each
/// before it is delivered, perhaps a second time. Confined to one thread.
public final class Holding {
  private static final int PAGE = 1000;

  private final Spool spool;
  private final TraceEntries entries;
  private final Instant now;
  private final String why;
  private long held;

  private Holding(Spool spool, TraceEntries entries, Instant now, String why) {
    this.spool = spool;
    this.entries = entries;
    this.now = now;
    this.why = why;
  }

  /// Holds everything; durable when it returns.
  ///
  /// @param why for the trace
  /// @return how many mails are held now that were not before
  public static long all(Os os, Path data, Configuration configuration, String why)
      throws SpoolException {
    try (var spool = LocalSpool.open(os, data, configuration.spool(), configuration.trace(), 0)) {
      return all(spool, new TraceEntries(configuration.trace()), os.time().now(), why);
    }
  }

  static long all(Spool spool, TraceEntries entries, Instant now, String why)
      throws SpoolException {
    var holding = new Holding(spool, entries, now, why);
    holding.all();
    return holding.held;
  }

  private void all() throws SpoolException {
    pages(after -> spool.incoming(after, PAGE));
    for (String destination : spool.parkedDestinations()) {
      pages(after -> spool.parked(destination, after, PAGE));
    }
    var last = Spool.Due.FIRST;
    for (var page = spool.deferred(last, Instant.MAX, PAGE);
        !page.isEmpty();
        page = spool.deferred(last, Instant.MAX, PAGE)) {
      for (var due : page) {
        hold(due.id());
      }
      last = page.getLast();
    }
    spool.sync();
  }

  /// Reads on in an index.
  private interface Page {
    List<QueueId> after(QueueId id) throws SpoolException;
  }

  private void pages(Page page) throws SpoolException {
    var ids = page.after(QueueId.FIRST);
    while (!ids.isEmpty()) {
      for (QueueId id : ids) {
        hold(id);
      }
      ids = page.after(ids.getLast());
    }
  }

  private void hold(QueueId id) throws SpoolException {
    var stored = spool.load(id);
    if (stored.isEmpty()) {
      return; // It was just set aside as damaged.
    }
    var event = new Event.Administered(id, now, "hold", why);
    spool.settle(
        new Settlement(
            stored.get().mail(),
            stored.get().placement(),
            Placement.HELD,
            List.of(),
            List.of(),
            List.of(entries.entry(event))));
    held++;
  }
}
