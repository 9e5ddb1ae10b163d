package dev.poststation.queue;

import dev.poststation.config.QueueSettings;
import dev.poststation.message.QueueId;
import dev.poststation.os.Tasks;
import dev.poststation.os.Time;
import dev.poststation.spool.Placement;
import dev.poststation.spool.Spool;
import dev.poststation.spool.SpoolException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The scheduler: brings into memory what is due and finds room, by reading only the indexes of the
/// spool. One thread runs it, and it alone activates stored mail, so that nothing is claimed twice;
/// the rest is safe for any thread.
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
  private final Ages ages;
  private final Misdated misdated;
  private final Rerouting rerouting;
  private final Time.Signal signal;

  // Guarded by this.
  private final ArrayDeque<Runnable> orders = new ArrayDeque<>();
  private final TreeSet<Spool.Due> timers =
      new TreeSet<>(Comparator.comparing(Spool.Due::time).thenComparing(Spool.Due::id));
  private final Map<String, Cursor> parked = new TreeMap<>();
  private Instant nextDeferred = Instant.EPOCH;
  private Instant joined = NEVER;
  private boolean running;
  private boolean stopping;

  // Confined to the scheduler's thread.
  private Spool.Due claimed = Spool.Due.FIRST;
  private Instant tidied = Instant.EPOCH;
  private final Set<QueueId> unreadable = new TreeSet<>();

  /// How far the parked mail of a destination has been read. Confined to the scheduler's thread.
  private static final class Cursor {
    private QueueId read = QueueId.FIRST;
  }

  Claims(Queue queue, Spool spool, Time time, QueueSettings settings, Retry retry) {
    this.queue = queue;
    this.spool = spool;
    this.time = time;
    this.ages = new Ages(queue, spool, settings, (id, still) -> activate(id, still, true));
    this.misdated = new Misdated(spool, time, retry);
    this.rerouting = new Rerouting(queue, spool);
    this.signal = time.signal();
  }

  /// Something may have changed that lets the scheduler go on.
  void wake() {
    signal.raise();
  }

  /// The directions changed.
  void reroute() {
    rerouting.begin();
    wake();
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
    boolean late;
    synchronized (this) {
      late = stopping;
      if (!late) {
        orders.addLast(order);
      }
    }
    if (late) {
      order.run();
    }
    wake();
  }

  /// Recipients of a mail that stays in memory may be due later: it has one timer, for the
  /// earliest.
  void setTimer(ActiveMail mail) {
    synchronized (this) {
      clearTimer(mail);
      // Asked in here: another one may be setting the timer by what is so in a moment.
      var due = mail.nextIdleDue();
      if (due == null) {
        return;
      }
      var timer = new Spool.Due(due, mail.id());
      mail.timer(timer);
      timers.add(timer);
    }
    wake();
  }

  /// The mail needs no timer any more.
  synchronized void clearTimer(ActiveMail mail) {
    var old = mail.timer();
    if (old != null) {
      timers.remove(old);
      mail.timer(null);
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
            case Placement.Deferred deferred -> {
              joined = earlier(joined, deferred.due());
              yield noteDeferred(deferred.due());
            }
            case Placement.Parked place ->
                parked.putIfAbsent(place.destination(), new Cursor()) == null;
          };
    }
    // It may have got room while the mail was being parked.
    wake |= to instanceof Placement.Parked place && queue.ready().wants(place.destination()) > 0;
    if (wake || queue.admission().muchRoomForBacklog()) {
      wake();
    }
  }

  /// A mail got an outcome at a destination: when it was parked for another one, what waits there
  /// is not held up by that any more.
  void concluded(ActiveMail mail, String at) {
    if (mail.placement() instanceof Placement.Parked place
        && !place.destination().equals(at)
        && queue.ready().forgetFailures(place.destination())) {
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

  /// Begins to run, until stopped.
  void start(Tasks tasks) {
    synchronized (this) {
      running = true;
    }
    tasks.virtual("scheduler", this::run);
  }

  /// Whether it may still touch the spool.
  synchronized boolean running() {
    return running;
  }

  private void run() {
    try {
      count();
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
    } finally {
      carryOut(); // Somebody waits for what was ordered meanwhile.
      synchronized (this) {
        running = false;
      }
    }
  }

  /// Figures are not worth the mail: without them it goes on.
  private void count() {
    try {
      queue.places().count(spool);
    } catch (SpoolException e) {
      LOG.error("What waits cannot be counted: the metrics of the queue are wrong", e);
    }
  }

  /// @return how long nothing is to be done
  private Duration round() throws SpoolException {
    boolean ordered = carryOut();
    tidy();
    fireTimers();
    // What an administrator wants now comes before what waits for the same destination.
    boolean more = ordered && claimDeferred();
    more |= claimParked();
    more |= claimDeferred();
    more |= claimMisdated();
    more |= claimBacklog();
    more |= rerouting.look();
    return more ? Duration.ZERO : untilNext();
  }

  private boolean carryOut() {
    boolean any = false;
    for (Runnable order = nextOrder(); order != null; order = nextOrder()) {
      order.run();
      any = true;
    }
    return any;
  }

  private synchronized @Nullable Runnable nextOrder() {
    return orders.pollFirst();
  }

  private void fireTimers() {
    var now = time.now();
    List<QueueId> due = new ArrayList<>();
    synchronized (this) {
      while (!timers.isEmpty() && !timers.first().time().isAfter(now)) {
        due.add(timers.removeFirst().id());
      }
    }
    for (var id : due) {
      var mail = queue.active(id);
      if (mail != null) {
        queue.dispatch(mail);
      }
    }
  }

  /// Timers that were set by a clock that was ahead.
  private void hurryTimers(Instant now) {
    List<QueueId> late;
    synchronized (this) {
      var bound = new Spool.Due(misdated.bound(), QueueId.FIRST);
      late = timers.tailSet(bound).stream().map(Spool.Due::id).toList();
    }
    for (var id : late) {
      var mail = queue.active(id);
      if (mail != null) {
        mail.makeDue(now, now);
        queue.dispatch(mail);
      }
    }
  }

  /// Reads up new mail that found no room in memory, in order.
  private boolean claimBacklog() throws SpoolException {
    int room = Math.min(BATCH, queue.admission().room());
    var from = room == 0 ? null : queue.admission().backlog();
    if (from == null) {
      return false;
    }
    var ids = spool.incoming(from.after(), room);
    for (var id : ids) {
      activate(id, stored -> stored.placement() instanceof Placement.Incoming, false);
    }
    queue.admission().read(from, ids.isEmpty() ? from.after() : ids.getLast(), ids.size() < room);
    return queue.admission().hasBacklog();
  }

  private boolean claimDeferred() throws SpoolException {
    var now = time.now();
    int room = Math.min(BATCH, queue.admission().room());
    synchronized (this) {
      if (nextDeferred.isAfter(now) || room == 0) {
        return false;
      }
      nextDeferred = NEVER; // What is deferred meanwhile sets it again.
      if (!joined.isAfter(claimed.time())) {
        claimed = new Spool.Due(joined, QueueId.FIRST); // It came in before what was read last.
      }
      joined = NEVER;
    }
    Instant next = Instant.EPOCH; // When the spool cannot be read: it is looked at again.
    try {
      var due = spool.deferred(claimed, now, room);
      for (var entry : due) {
        activate(entry.id(), stored -> stored.placement() instanceof Placement.Deferred, false);
      }
      if (!due.isEmpty()) {
        claimed = due.getLast();
      }
      var following = spool.deferred(claimed, NEVER, 1);
      next = following.isEmpty() ? NEVER : following.getFirst().time();
      return due.size() == room;
    } finally {
      synchronized (this) {
        noteDeferred(next);
      }
    }
  }

  private boolean claimMisdated() throws SpoolException {
    int room = Math.min(BATCH, queue.admission().room());
    var found = misdated.next(room);
    for (var id : found) {
      activate(id, misdated::still, false);
    }
    return !found.isEmpty() && found.size() == room;
  }

  /// One mail that cannot be read must not hold up the others: it is tried again once a minute.
  private boolean activate(QueueId id, Predicate<Spool.Stored> still, boolean now) {
    try {
      return queue.activate(id, still, now ? mail -> mail.makeDue(time.now()) : _ -> {});
    } catch (SpoolException e) {
      LOG.error("{} cannot be read; it is tried again in a minute", id, e);
      unreadable.add(id);
      return false;
    }
  }

  private boolean claimParked() throws SpoolException {
    boolean more = false;
    for (var entry : parkedNow().entrySet()) {
      int want =
          Math.min(queue.ready().wants(entry.getKey()), Math.min(BATCH, queue.admission().room()));
      if (want > 0) {
        more |= claimParked(entry.getKey(), entry.getValue(), want);
      }
    }
    return more;
  }

  private synchronized Map<String, Cursor> parkedNow() {
    return parked.isEmpty() ? Map.of() : new TreeMap<>(parked);
  }

  /// Reads on from the cursor, and once more from the front: mails older than the cursor may have
  /// been parked since. A mail is claimed only while the destination wants more: it may be set
  /// aside by what was claimed a moment ago, and then even that mail is parked again, and listed.
  ///
  /// @return whether there may be more to claim now
  private boolean claimParked(String destination, Cursor cursor, int want) throws SpoolException {
    Predicate<Spool.Stored> wanted =
        stored ->
            stored.placement().equals(new Placement.Parked(destination))
                && queue.ready().wants(destination) > 0;
    boolean fromFront = cursor.read.equals(QueueId.FIRST);
    boolean any = false;
    int activated = 0;
    while (activated < want) {
      var ids = spool.parked(destination, cursor.read, want);
      any |= !ids.isEmpty();
      for (int i = 0; i < ids.size() && activated < want; i++) {
        if (queue.ready().wants(destination) == 0) {
          return queue.ready().expectRoom(destination);
        }
        activated += activate(ids.get(i), wanted, true) ? 1 : 0;
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
    return activated == want && queue.ready().expectRoom(destination);
  }

  /// Once a minute: parked mail is looked at for its age, forgotten things are forgotten.
  private void tidy() throws SpoolException {
    var now = time.now();
    if (Duration.between(tidied, now).abs().compareTo(TIDY) < 0) {
      return;
    }
    tidied = now;
    claimed = Spool.Due.FIRST; // The clock may have been set back.
    if (misdated.setBack()) {
      hurryTimers(now);
    }
    synchronized (this) {
      nextDeferred = Instant.EPOCH;
    }
    var again = List.copyOf(unreadable);
    unreadable.clear();
    again.forEach(
        id -> activate(id, stored -> !(stored.placement() instanceof Placement.Held), false));
    var destinations = spool.parkedDestinations();
    synchronized (this) {
      destinations.forEach(destination -> parked.computeIfAbsent(destination, _ -> new Cursor()));
    }
    ages.look(destinations, now);
    queue.ready().forgetDestinations();
  }

  private Duration untilNext() {
    var now = time.now();
    Instant next = tidied.plus(TIDY);
    boolean full = queue.admission().room() == 0;
    for (String destination : parkedNow().keySet()) {
      boolean soon = full && queue.ready().wants(destination) > 0;
      next = earlier(next, soon ? now.plus(WHEN_FULL) : queue.ready().setAsideUntil(destination));
    }
    synchronized (this) {
      // Without room it looks again soon; when much room comes at once, it is woken.
      next =
          earlier(next, full && nextDeferred.isBefore(next) ? now.plus(WHEN_FULL) : nextDeferred);
      next = earlier(next, full && rerouting.pending() ? now.plus(WHEN_FULL) : null);
      next = earlier(next, timers.isEmpty() ? null : timers.first().time());
    }
    var wait = Duration.between(now, next);
    return wait.isNegative() ? Duration.ZERO : wait;
  }

  private static Instant earlier(Instant one, @Nullable Instant other) {
    return other == null || one.isBefore(other) ? one : other;
  }
}
