package dev.poststation.queue;

import dev.poststation.config.QueueSettings;
import dev.poststation.message.QueueId;
import dev.poststation.os.Time;
import dev.poststation.spool.Placement;
import dev.poststation.spool.Settlement;
import dev.poststation.spool.Spool;
import dev.poststation.spool.SpoolException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The scheduler: brings into memory what is due and finds room, by reading only the indexes of the spool. One thread runs
/// it, and it alone activates stored mail, so that nothing is claimed twice; the rest is safe for any thread.
final class Claims {
  private static final Logger LOG = LoggerFactory.getLogger(Claims.class);
  private static final int BATCH = 256;
  private static final Duration TIDY = Duration.ofMinutes(1);
  private static final Duration AFTER_ERROR = Duration.ofSeconds(5);
  private static final Duration WHEN_FULL = Duration.ofSeconds(1);
  static final Instant NEVER = Instant.parse("9999-12-31T23:59:59Z");

  private final Queue queue;
  private final Spool spool;
  private final Time time;
  private final QueueSettings settings;
  private final Time.Signal signal;

  // Guarded by this.
  private final ArrayDeque<Runnable> orders = new ArrayDeque<>();
  private final PriorityQueue<Spool.Due> timers =
      new PriorityQueue<>(Comparator.comparing(Spool.Due::time).thenComparing(Spool.Due::id));
  private final Map<String, Cursor> parked = new TreeMap<>();
  private Instant nextDeferred = Instant.EPOCH;
  private boolean stopping;

  // Confined to the scheduler's thread.
  private Spool.Due claimed = Spool.Due.FIRST;
  private Instant tidied = Instant.EPOCH;

  /// How far the parked mail of a destination has been read. Confined to the scheduler's thread.
  private static final class Cursor {
    private QueueId read = QueueId.FIRST;
    private QueueId warned = QueueId.FIRST;
    private QueueId expired = QueueId.FIRST;
  }

  Claims(Queue queue, Spool spool, Time time, QueueSettings settings) {
    this.queue = queue;
    this.spool = spool;
    this.time = time;
    this.settings = settings;
    this.signal = time.signal();
  }

  /// Something may have changed that lets the scheduler go on.
  void wake() {
    signal.raise();
  }

  void stop() {
    synchronized (this) {
      stopping = true;
    }
    wake();
  }

  private synchronized boolean stopping() {
    return stopping;
  }

  /// Runs something between two claims, when nothing is being activated.
  void order(Runnable order) {
    synchronized (this) {
      orders.addLast(order);
    }
    wake();
  }

  /// Recipients of a mail that stays in memory are due later.
  void timers(ActiveMail mail, List<Settlement.Change> changes) {
    boolean any = false;
    synchronized (this) {
      for (var change : changes) {
        if (change.state().waiting()) {
          timers.add(new Spool.Due(change.state().due(), mail.id()));
          any = true;
        }
      }
    }
    if (any) {
      wake();
    }
  }

  /// A mail left memory for this place; null: it is gone. There is room for another.
  void left(@Nullable Placement to) {
    boolean wake;
    synchronized (this) {
      wake =
          switch (to) {
            case null -> false;
            case Placement.Incoming _, Placement.Held _ -> false;
            case Placement.Deferred deferred -> noteDeferred(deferred.due());
            case Placement.Parked place ->
                parked.putIfAbsent(place.destination(), new Cursor()) == null;
          };
    }
    // It may have got room while the mail was being parked.
    wake |= to instanceof Placement.Parked place && queue.wants(place.destination()) > 0;
    if (wake || queue.admission().muchRoomForBacklog()) {
      wake();
    }
  }

  private boolean noteDeferred(Instant due) {
    if (!due.isBefore(nextDeferred)) {
      return false;
    }
    nextDeferred = due;
    return true;
  }

  /// Runs until stopped.
  void run() {
    try {
      while (!stopping()) {
        Duration wait;
        try {
          wait = round();
        } catch (SpoolException e) {
          LOG.error("The spool cannot be read; what waits is claimed later", e);
          wait = AFTER_ERROR;
        } catch (RuntimeException e) {
          LOG.error("Our own fault in the scheduler; it goes on", e);
          wait = AFTER_ERROR;
        }
        signal.await(wait);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// @return how long nothing is to be done
  private Duration round() throws SpoolException {
    carryOut();
    tidy();
    fireTimers();
    boolean more = claimParked();
    more |= claimDeferred();
    more |= claimBacklog();
    return more ? Duration.ZERO : untilNext();
  }

  private void carryOut() {
    for (Runnable order = nextOrder(); order != null; order = nextOrder()) {
      order.run();
    }
  }

  private synchronized @Nullable Runnable nextOrder() {
    return orders.pollFirst();
  }

  private void fireTimers() {
    var now = time.now();
    List<QueueId> due = new ArrayList<>();
    synchronized (this) {
      for (var next = timers.peek(); next != null && !next.time().isAfter(now); next = timers.peek()) {
        due.add(timers.remove().id());
      }
    }
    for (var id : due) {
      var mail = queue.active(id);
      if (mail != null) {
        queue.dispatch(mail);
      }
    }
  }

  /// Reads up new mail that found no room in memory, in order.
  private boolean claimBacklog() throws SpoolException {
    var from = queue.admission().backlog();
    int room = Math.min(BATCH, queue.admission().room());
    if (from == null || room == 0) {
      return false;
    }
    var ids = spool.incoming(from.after(), room);
    for (var id : ids) {
      queue.activate(id, false);
    }
    queue.admission().read(from, ids.isEmpty() ? from.after() : ids.getLast(), ids.size() < room);
    return queue.admission().backlog() != null;
  }

  private boolean claimDeferred() throws SpoolException {
    var now = time.now();
    int room = Math.min(BATCH, queue.admission().room());
    synchronized (this) {
      if (nextDeferred.isAfter(now) || room == 0) {
        return false;
      }
      nextDeferred = NEVER; // What is deferred meanwhile sets it again.
    }
    var due = spool.deferred(claimed, now, room);
    for (var entry : due) {
      queue.activate(entry.id(), false);
    }
    if (!due.isEmpty()) {
      claimed = due.getLast();
    }
    var next = spool.deferred(claimed, NEVER, 1);
    synchronized (this) {
      if (!next.isEmpty()) {
        noteDeferred(next.getFirst().time());
      }
    }
    return due.size() == room;
  }

  private boolean claimParked() throws SpoolException {
    boolean more = false;
    for (var entry : parkedNow().entrySet()) {
      int want = Math.min(queue.wants(entry.getKey()), Math.min(BATCH, queue.admission().room()));
      if (want > 0) {
        more |= claimParked(entry.getKey(), entry.getValue(), want);
      }
    }
    return more;
  }

  private synchronized Map<String, Cursor> parkedNow() {
    return parked.isEmpty() ? Map.of() : new TreeMap<>(parked);
  }

  /// Reads on from the cursor, and once more from the front: mails older than the cursor may have been parked since.
  ///
  /// @return whether there may be more to claim now
  private boolean claimParked(String destination, Cursor cursor, int want) throws SpoolException {
    boolean fromFront = cursor.read.equals(QueueId.FIRST);
    boolean any = false;
    int activated = 0;
    while (activated < want) {
      var ids = spool.parked(destination, cursor.read, want);
      any |= !ids.isEmpty();
      for (int i = 0; i < ids.size() && activated < want; i++) {
        activated += queue.activate(ids.get(i), true) ? 1 : 0;
        cursor.read = ids.get(i);
      }
      if (ids.isEmpty()) {
        cursor.read = QueueId.FIRST;
        if (fromFront) {
          break;
        }
        fromFront = true;
      }
    }
    if (!any) {
      synchronized (this) {
        parked.remove(destination);
      }
    }
    return activated == want && queue.expectRoom(destination);
  }

  /// Once a minute: parked mail is looked at for its age, forgotten things are forgotten.
  private void tidy() throws SpoolException {
    var now = time.now();
    if (Duration.between(tidied, now).abs().compareTo(TIDY) < 0) {
      return;
    }
    tidied = now;
    claimed = Spool.Due.FIRST; // The clock may have been set back.
    for (String destination : spool.parkedDestinations()) {
      Cursor cursor;
      synchronized (this) {
        cursor = parked.computeIfAbsent(destination, _ -> new Cursor());
      }
      if (!settings.warnAfter().isZero()) {
        cursor.warned = activateOlder(destination, cursor.warned, now.minus(settings.warnAfter()));
      }
      cursor.expired = activateOlder(destination, cursor.expired, now.minus(settings.lifetime()));
    }
    queue.forgetDestinations();
  }

  private QueueId activateOlder(String destination, QueueId after, Instant arrivedBefore)
      throws SpoolException {
    var last = after;
    while (queue.admission().room() > 0) {
      var ids = spool.parked(destination, last, BATCH);
      for (var id : ids) {
        if (!id.time().isBefore(arrivedBefore)) {
          return last;
        }
        queue.activate(id, true);
        last = id;
      }
      if (ids.size() < BATCH) {
        return last;
      }
    }
    return last;
  }

  private Duration untilNext() {
    var now = time.now();
    Instant next = now.plus(TIDY);
    for (String destination : parkedNow().keySet()) {
      next = earlier(next, queue.setAsideUntil(destination));
    }
    boolean full = queue.admission().room() == 0;
    synchronized (this) {
      // Without room it looks again soon; when much room comes at once, it is woken.
      next = earlier(next, full && nextDeferred.isBefore(next) ? now.plus(WHEN_FULL) : nextDeferred);
      next = earlier(next, timers.isEmpty() ? null : timers.peek().time());
    }
    var wait = Duration.between(now, next);
    return wait.isNegative() ? Duration.ZERO : wait;
  }

  private static Instant earlier(Instant one, @Nullable Instant other) {
    return other == null || one.isBefore(other) ? one : other;
  }
}
