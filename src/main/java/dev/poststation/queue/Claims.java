package dev.poststation.queue;

import dev.poststation.config.QueueSettings;
import dev.poststation.message.Lane;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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
  private static final List<Lane> LANES = List.of(Lane.OTHERS, Lane.BULK);
  static final Instant NEVER = Instant.parse("9999-12-31T23:59:59Z");

  private final Queue queue;
  private final Spool spool;
  private final Time time;
  private final Ages ages;
  private final Misdated misdated;
  private final Unreturned unreturned;
  private final Rerouting rerouting;
  private final Expiry expiry;
  private final Time.Signal signal;
  private final Timers timers = new Timers();
  private final ParkedCursors parked = new ParkedCursors();
  private final Unparking unparking;
  private final Detours detours;

  /// In the order in which they are claimed.
  private final Map<Lane, DeferredLane> deferred = new LinkedHashMap<>();

  // Guarded by this.
  private final ArrayDeque<Runnable> orders = new ArrayDeque<>();
  private boolean running;
  private boolean stopping;

  // Confined to the scheduler's thread.
  private Instant tidied = Instant.EPOCH;
  private int oldRoom;
  private boolean oldFirst;
  private boolean starved;
  private final Set<QueueId> unreadable = new TreeSet<>();

  Claims(Queue queue, Spool spool, Time time, QueueSettings settings, Retry retry) {
    this.queue = queue;
    this.spool = spool;
    this.time = time;
    this.ages = new Ages(queue, spool, settings, (id, still) -> activate(id, still, true));
    this.misdated = new Misdated(spool, time, retry);
    this.unreturned = new Unreturned(spool);
    this.rerouting = new Rerouting(queue, spool);
    this.expiry = new Expiry(queue, time);
    this.unparking = new Unparking(this, queue, spool, parked);
    this.detours = new Detours(this, queue, spool);
    for (Lane lane : LANES) {
      deferred.put(lane, new DeferredLane(lane, this, spool, time));
    }
    this.signal = time.signal();
  }

  /// Something may have changed that lets the scheduler go on.
  void wake() {
    signal.raise();
  }

  /// A destination may have room, or is not set aside any longer.
  void wake(String destination) {
    parked.wake(destination);
    detours.back(destination);
    wake();
  }

  /// Where else parked mail may go.
  Detours detours() {
    return detours;
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
      late = stopping && !running;
      if (!late) {
        orders.addLast(order);
      }
    }
    if (late) {
      order.run();
    }
    wake();
  }

  /// Recipients of a mail that stays in memory may be due later.
  void setTimer(ActiveMail mail) {
    if (timers.set(mail)) {
      wake();
    }
  }

  /// The mail needs no timer any more.
  void clearTimer(ActiveMail mail) {
    timers.clear(mail);
  }

  private DeferredLane lane(ActiveMail mail) {
    return Objects.requireNonNull(deferred.get(mail.mail().envelope().lane()));
  }

  /// A mail left memory for this place; null: it is gone. There is room for another.
  void left(ActiveMail mail, @Nullable Placement to) {
    int priority =
        to instanceof Placement.Parked(String there)
            ? queue.ready().parkedPriority(there, mail.mail())
            : mail.mail().envelope().priority();
    boolean wake;
    synchronized (this) {
      wake =
          switch (to) {
            case null -> false;
            case Placement.Incoming _, Placement.Held _, Placement.Quarantined _ -> false;
            case Placement.Deferred place -> lane(mail).joined(place.due());
            case Placement.Parked place -> {
              ages.joined(place.destination(), mail.id());
              if (mail.mail().envelope().release() != null) {
                ages.parkedLate(place.destination(), mail.id());
              }
              yield parked.joined(place.destination(), mail.id(), priority);
            }
          };
    }
    if (to instanceof Placement.Parked place
        && queue.ready().wants(place.destination(), Lane.of(priority)) > 0) {
      wake(place.destination()); // It has got room while the mail was being parked.
    }
    if (detours.left(mail.id(), to) || wake || queue.admission().muchRoomForBacklog()) {
      wake();
    }
  }

  /// A mail got an outcome at a destination. When it was parked for another one, the failures of
  /// that one are forgotten, so that they do not hold up what else waits there.
  void concluded(ActiveMail mail, String at) {
    if (mail.placement() instanceof Placement.Parked place
        && !place.destination().equals(at)
        && !detours.leads(place.destination(), at)
        && queue.ready().forgetFailures(place.destination())) {
      wake();
    }
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
        // From here, and not from the end of the round: what comes due meanwhile is not late.
        long begun = time.nanos();
        try {
          wait = round();
        } catch (SpoolException e) {
          LOG.error("The spool cannot be read; what waits is claimed later", e);
          wait = AFTER_ERROR;
        } catch (RuntimeException e) {
          LOG.error("Our own fault in the scheduler; it goes on", e);
          wait = AFTER_ERROR;
        }
        signal.awaitUntil(begun + wait.toNanos());
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      // Somebody waits for what was ordered meanwhile.
      for (Runnable order = lastOrder(); order != null; order = lastOrder()) {
        order.run();
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
    starved = false;
    boolean more = claimBacklog(Lane.URGENT, BATCH);
    // After a start, as after a flood, it has waited long enough; half of the room is for the rest.
    more |= claimBacklog(Lane.OTHERS, queue.admission().room() / 2);
    tidy();
    fireTimers();
    // What an administrator wants now comes before what waits for the same destination.
    oldRoom = BATCH;
    more |= ordered && claimDeferred();
    shareRoom();
    more |= detours.look();
    more |= unparking.claim();
    more |= claimDeferred();
    more |= claimMisdated();
    more |= claimUnreturned();
    for (Lane lane : LANES) {
      more |= claimBacklog(lane, BATCH);
    }
    more |= rerouting.look();
    return more ? Duration.ZERO : untilNext();
  }

  /// While new mail waits for room, what was tried before takes half of it at most: it comes due
  /// again for as long as its next hops or the DNS are slow.
  private void shareRoom() {
    int room = Math.min(BATCH, queue.admission().room());
    oldFirst ^= room == 1; // They take turns.
    oldRoom = queue.admission().hasBacklog(Lane.ALL) ? (room + (oldFirst ? 1 : 0)) / 2 : room;
  }

  /// How much of the room of this round is left to mail that was tried before.
  int oldRoom() {
    return oldRoom(Lane.ALL);
  }

  /// The same to mail of a lane.
  int oldRoom(Lane lane) {
    return Math.min(oldRoom, queue.admission().room(lane));
  }

  /// Not all of a lane was claimed that could be: this round has had its share, or memory is full.
  ///
  /// @return whether the next round may claim more at once
  boolean cutShort(Lane lane) {
    boolean room = queue.admission().room(lane) > 0;
    starved |= !room; // There may be some in a moment.
    return room;
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

  /// The next order; when there is none, it runs no more.
  private synchronized @Nullable Runnable lastOrder() {
    var order = orders.pollFirst();
    running &= order != null;
    return order;
  }

  private void fireTimers() {
    List<ActiveMail> due = new ArrayList<>(0);
    for (var id : timers.takeDue(time.now())) {
      var mail = queue.active(id);
      if (mail != null) {
        due.add(mail);
      }
    }
    queue.withdrawOverdue(due);
    due.forEach(queue::dispatch);
  }

  /// Timers that were set by a clock that was ahead.
  private void hurryTimers(Instant now) {
    for (var id : timers.later(misdated.bound())) {
      var mail = queue.active(id);
      if (mail != null) {
        mail.makeDue(now);
        queue.dispatch(mail);
      }
    }
  }

  /// Reads up new mail of a lane that found no room in memory, in order.
  private boolean claimBacklog(Lane lane, int most) throws SpoolException {
    int room = Math.min(Math.min(BATCH, most), queue.admission().room(lane));
    var from = room == 0 ? null : queue.admission().backlog(lane);
    if (from == null) {
      return false;
    }
    var ids = spool.incoming(lane, from.after(), room);
    var last = from.after();
    for (var id : ids) {
      if (queue.admission().room(lane) == 0) {
        break; // They have many recipients.
      }
      activate(id, stored -> stored.placement() instanceof Placement.Incoming, false);
      last = id;
    }
    boolean all = ids.isEmpty() || last.equals(ids.getLast());
    queue.admission().read(lane, from, last, all && ids.size() < room);
    return queue.admission().hasBacklog(lane);
  }

  private boolean claimDeferred() throws SpoolException {
    boolean more = false;
    for (var lane : deferred.values()) {
      more |= lane.claim();
    }
    return more;
  }

  private boolean claimMisdated() throws SpoolException {
    for (int i = 0; i < BATCH && oldRoom() > 0; i++) {
      var id = misdated.next();
      if (id != null) {
        claimOld(id, misdated::still, false);
      }
    }
    return misdated.pending() && cutShort(Lane.ALL);
  }

  private boolean claimUnreturned() throws SpoolException {
    for (var id : unreturned.next(BATCH)) {
      if (oldRoom() == 0) {
        break;
      }
      claimOld(id, Unreturned::still, false);
      unreturned.looked(id);
    }
    return unreturned.pending() && cutShort(Lane.ALL);
  }

  /// Brings a mail that was tried before into memory, if it still is as it has to be.
  ///
  /// @param now whether it is due whatever its schedule says
  boolean claimOld(QueueId id, Predicate<Spool.Stored> still, boolean now) {
    boolean claimed = activate(id, still, now);
    oldRoom -= claimed ? 1 : 0;
    return claimed;
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

  /// Once a minute: parked mail is looked at for its age, forgotten things are forgotten.
  private void tidy() throws SpoolException {
    var now = time.now();
    if (Duration.between(tidied, now).abs().compareTo(TIDY) < 0) {
      return;
    }
    tidied = now;
    deferred.values().forEach(DeferredLane::startOver);
    if (misdated.setBack()) {
      hurryTimers(now);
    }
    var again = List.copyOf(unreadable);
    unreadable.clear();
    again.forEach(
        id -> activate(id, stored -> !Placement.waitsForSomebody(stored.placement()), false));
    var destinations = spool.parkedDestinations();
    parked.add(destinations);
    parked.wakeAll(); // The clock may have been set back.
    ages.look(destinations, now);
    detours.ask();
    expiry.look(now);
    queue.ready().forgetDestinations();
  }

  private Duration untilNext() {
    var now = time.now();
    Instant next = tidied.plus(TIDY);
    next = earlier(next, parked.firstToWake());
    for (String destination : parked.awake().keySet()) {
      boolean soon = starved && queue.ready().wants(destination, Lane.URGENT) > 0;
      next = earlier(next, soon ? now.plus(WHEN_FULL) : queue.ready().setAsideUntil(destination));
    }
    for (var lane : deferred.values()) {
      // Without room it looks again soon; when much room comes at once, it is woken.
      boolean soon = starved && !lane.next().isAfter(now);
      next = earlier(next, soon ? now.plus(WHEN_FULL) : lane.next());
    }
    boolean looking = rerouting.pending() || misdated.pending() || unreturned.pending();
    next = earlier(next, looking ? now.plus(WHEN_FULL) : null);
    next = earlier(next, timers.first());
    var wait = Duration.between(now, next);
    if (wait.compareTo(TIDY) > 0) {
      return TIDY; // The clock was set back in the midst of this round.
    }
    return wait.isNegative() ? Duration.ZERO : wait;
  }

  private static Instant earlier(Instant one, @Nullable Instant other) {
    return other == null || one.isBefore(other) ? one : other;
  }
}
