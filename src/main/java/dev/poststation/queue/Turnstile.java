package dev.poststation.queue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Lets in so many connections to next hops at the same time: in all (`limits.connections`), and at
/// each gate, which is a connector or one of its accounts (`quota-connections`), whatever the
/// destination. Destinations that find no room stand in line, each once, and are called when it is
/// their turn ([TicketLine]). Whoever comes in line has a connection given up that carries nothing.
/// Bulk leaves a tenth of the connections to other mail, in all and at each gate, but one at least
/// where there is more than one. Safe for any thread.
final class Turnstile {
  private final int most;
  private final Map<String, Gate> gates = new ConcurrentHashMap<>();

  /// How many connections carry nothing.
  private final AtomicInteger idle = new AtomicInteger();

  /// How many came in line for whom nobody was asked yet to give up a connection.
  private final AtomicInteger unasked = new AtomicInteger();

  /// Who could come in if there were room in all.
  private volatile Needs needs = Needs.NONE;

  // Guarded by this, as all of its gates.
  private final Set<Gate> lines = new LinkedHashSet<>();
  private int inside;
  private int bulk;
  private long tickets;

  /// Who wants more connections.
  interface Waiter {
    /// It is your turn. Called with no lock held.
    ///
    /// @return whether a connection is wanted still; then `leave` must follow
    boolean admitted(Place place);

    /// Somebody waits: one of your connections that carries nothing is to be given up. Called with
    /// no lock held.
    ///
    /// @return whether there is one
    default boolean giveUp() {
      return false;
    }
  }

  /// Who stands in line; whoever goes first comes last.
  enum Wait {
    NOBODY,
    /// Only such as have bulk only, and a connection.
    BULK_OTHERS,
    /// Also such as have bulk only, and no connection.
    BULK_WITHOUT,
    /// Also such as have other mail, and a connection.
    OTHERS,
    /// Also such as have other mail, and no connection.
    WITHOUT;

    /// Whether they have bulk only.
    boolean bulk() {
      return this == BULK_OTHERS || this == BULK_WITHOUT;
    }

    private static Wait of(int connections, boolean bulk) {
      return connections > 0 ? (bulk ? BULK_OTHERS : OTHERS) : (bulk ? BULK_WITHOUT : WITHOUT);
    }
  }

  /// Who stands in line that a connection would be of use to.
  ///
  /// @param ofBulk one that carries bulk
  /// @param ofOther any other one
  private record Needs(Wait ofBulk, Wait ofOther) {
    private static final Needs NONE = new Needs(Wait.NOBODY, Wait.NOBODY);

    private Wait of(boolean bulk) {
      return bulk ? ofBulk : ofOther;
    }

    private Needs and(Needs more) {
      return new Needs(higher(ofBulk, more.ofBulk), higher(ofOther, more.ofOther));
    }

    private static Wait higher(Wait one, Wait other) {
      return one.compareTo(other) > 0 ? one : other;
    }
  }

  /// A connection that was let in.
  final class Place {
    private final Gate gate;
    private final Waiter waiter;
    private volatile boolean bulk;

    private Place(Gate gate, Waiter waiter) {
      this.gate = gate;
      this.waiter = waiter;
    }

    /// Where it counts.
    Gate gate() {
      return gate;
    }

    /// Whether it counts among those that carry bulk.
    boolean bulk() {
      return bulk;
    }

    /// It carries nothing from now on, or something. Who could come in by that is not called: if
    /// there is somebody, `waits` says so, and it is given up.
    void rests(boolean now) {
      if (now && bulk) {
        turnsTo(this, false);
      }
      gate.resting.addAndGet(now ? 1 : -1);
      idle.addAndGet(now ? 1 : -1);
    }
  }

  /// What a connector, or one of its accounts, may have of connections.
  final class Gate {
    private final String who;
    private final AtomicInteger resting = new AtomicInteger();
    private final TicketLine line = new TicketLine();
    private volatile Needs needs = Needs.NONE;
    private volatile int limit;
    private int within;
    private int bulk;

    /// Who has how many connections.
    private final Map<Waiter, Integer> members = new LinkedHashMap<>();

    private Gate(String who, int limit) {
      this.who = who;
      this.limit = limit;
    }

    /// Whether it has more connections than it may have, since it may have fewer.
    boolean crowded() {
      return limit != Integer.MAX_VALUE && inside(who) > limit;
    }

    private boolean hasRoom(boolean forBulk) {
      return within < limit && (!forBulk || bulk < mostBulk(limit));
    }

    /// Who stands in line that one of its connections would be of use to.
    private Needs look() {
      var top = line.top();
      boolean bulkOnly = top.bulk() && (bulk >= mostBulk(limit) || allBulk() >= mostBulk(most));
      needs = new Needs(top, bulkOnly ? Wait.NOBODY : top);
      return needs;
    }

    private Place comesIn(Waiter waiter, boolean forBulk) {
      inside++;
      within++;
      members.merge(waiter, 1, Integer::sum);
      var place = new Place(this, waiter);
      count(place, forBulk);
      return place;
    }

    private void goes(Place place) {
      inside--;
      within--;
      members.computeIfPresent(place.waiter, (_, has) -> has == 1 ? null : has - 1);
      count(place, false);
    }
  }

  Turnstile(int most) {
    this.most = most;
  }

  /// The gate of a connector or an account. To be called with no lock held.
  ///
  /// @param limit connections that it may have from now on
  Gate gate(String who, int limit) {
    var gate = gates.computeIfAbsent(who, _ -> new Gate(who, limit));
    if (gate.limit != limit) {
      synchronized (this) {
        gate.limit = limit;
        look();
      }
      admit(call());
    }
    return gate;
  }

  /// How many of so many connections may carry bulk.
  static int mostBulk(int connections) {
    return connections == Integer.MAX_VALUE
        ? connections
        : Math.max(1, connections - Math.max(1, connections / 10));
  }

  private int allBulk() {
    return bulk;
  }

  private boolean hasRoom(boolean forBulk) {
    return inside < most && (!forBulk || bulk < mostBulk(most));
  }

  /// Lets one in, or has the waiter stand in line; then `relieve` must follow.
  ///
  /// @param has how many connections it has
  /// @param forBulk whether it has bulk only
  /// @return null: there was no room; else `leave` must follow
  synchronized @Nullable Place enter(Gate gate, Waiter waiter, int has, boolean forBulk) {
    var place = enterAtOnce(gate, waiter, forBulk);
    if (place == null) {
      if (gate.line.joins(waiter, Wait.of(has, forBulk), tickets++)) {
        unasked.incrementAndGet();
      }
      lines.add(gate);
      look();
    }
    return place;
  }

  /// Who stands in line wants no connection any more.
  synchronized void forgo(Gate gate, Waiter waiter) {
    if (gate.line.forgoes(waiter)) {
      look();
    }
  }

  /// Lets one in where there is room at once.
  ///
  /// @return null: there was none; else `leave` must follow
  synchronized @Nullable Place enterAtOnce(Gate gate, Waiter waiter, boolean forBulk) {
    // Who stands in another line while there is room in all has none at his gate.
    var first = gate.line.top();
    boolean turn = first == Wait.NOBODY || (first.bulk() && !forBulk);
    if (!turn || !hasRoom(forBulk) || !gate.hasRoom(forBulk)) {
      return null;
    }
    var place = gate.comesIn(waiter, forBulk);
    look();
    return place;
  }

  /// A connection is to carry bulk.
  ///
  /// @return whether there is room for one more that does; else it is to be given up
  boolean turnsToBulk(Place place) {
    return place.bulk || turnsTo(place, true);
  }

  /// A connection carries other mail from now on: who could come in by that does. To be called with
  /// no lock held.
  void turnsToMail(Place place) {
    if (place.bulk) {
      admit(turnedToMail(place));
    }
  }

  private synchronized @Nullable Place turnedToMail(Place place) {
    count(place, false);
    return call();
  }

  private synchronized boolean turnsTo(Place place, boolean toBulk) {
    boolean room =
        !toBulk || (bulk < mostBulk(most) && place.gate.bulk < mostBulk(place.gate.limit));
    if (room) {
      count(place, toBulk);
      look();
    }
    return room;
  }

  private void count(Place place, boolean asBulk) {
    int more = (asBulk ? 1 : 0) - (place.bulk ? 1 : 0);
    bulk += more;
    place.gate.bulk += more;
    place.bulk = asBulk;
  }

  private void look() {
    var all = Needs.NONE;
    for (var gate : lines) {
      var here = gate.look();
      all = gate.hasRoom(here.ofBulk.bulk()) ? all.and(here) : all;
    }
    needs = all;
    lines.removeIf(gate -> gate.line.isEmpty());
  }

  /// One goes; the first in line that still wants to comes in. To be called with no lock held.
  void leave(Place place) {
    admit(left(place));
  }

  private void admit(@Nullable Place first) {
    for (var next = first; next != null; ) {
      next = next.waiter.admitted(next) ? call() : left(next);
    }
  }

  private synchronized @Nullable Place left(Place gone) {
    gone.gate.goes(gone);
    return call();
  }

  /// The first in line for whom there is room: he is in.
  private synchronized @Nullable Place call() {
    Gate best = null;
    for (var gate : lines) {
      var first = gate.line.top();
      boolean room = first != Wait.NOBODY && hasRoom(first.bulk()) && gate.hasRoom(first.bulk());
      best = room && (best == null || gate.line.isBefore(best.line)) ? gate : best;
    }
    Place called = null;
    if (best != null) {
      boolean forBulk = best.line.top().bulk();
      called = best.comesIn(best.line.poll(), forBulk);
    }
    look();
    return called;
  }

  /// For those who have come in line, connections are given up that carry nothing. To be called
  /// with no lock held.
  void relieve(Gate gate) {
    if (unasked.get() == 0) {
      return;
    }
    int wanted = unasked.getAndSet(0);
    if (idle.get() == 0) {
      return;
    }
    for (var member : members(gate)) {
      if (wanted > 0 && member.giveUp()) {
        wanted--;
      }
    }
  }

  /// Whose connections would be of use to those who stand in line.
  private synchronized List<Waiter> members(Gate gate) {
    List<Waiter> all = new ArrayList<>();
    for (var each : gates.values()) {
      if (waits(each, false) != Wait.NOBODY && each.resting.get() > 0) {
        // First those of the line that was joined just now.
        all.addAll(each == gate ? 0 : all.size(), each.members.keySet());
      }
    }
    return all;
  }

  /// Who stands in line that this connection would be of use to.
  Wait waits(Place place) {
    return waits(place.gate, place.bulk);
  }

  private Wait waits(Gate gate, boolean ofBulk) {
    return Needs.higher(gate.needs.of(ofBulk), needs.of(ofBulk));
  }

  /// Why a waiter has no connection; empty: he does not stand in line.
  synchronized String why(Gate gate, Waiter waiter) {
    var as = gate.line.as(waiter);
    if (as == Wait.NOBODY) {
      return "";
    }
    return gate.hasRoom(as.bulk())
        ? inUse(most, "limits.connections", inside < most)
        : full(gate, as.bulk());
  }

  private static String inUse(int connections, String of, boolean butForBulk) {
    int left = connections - mostBulk(connections);
    String but = ", but for " + (left == 1 ? "one" : left) + " that bulk leaves to others";
    return "all " + connections + " connections of " + of + " are in use" + (butForBulk ? but : "");
  }

  /// How many more connections a waiter may have at once by what its connector may have: those that
  /// there is room for, and those that carry nothing and are given up for it.
  ///
  /// @param rest how many of its own carry nothing
  /// @param forBulk whether they are to carry bulk
  synchronized int spare(Gate gate, Waiter waiter, int rest, boolean forBulk) {
    if (gate.limit == Integer.MAX_VALUE) {
      return Integer.MAX_VALUE;
    }
    var as = gate.line.as(waiter);
    int itself = as == Wait.NOBODY || (!forBulk && as.bulk()) ? 0 : 1;
    int before = Math.max(0, gate.line.size(forBulk) - itself);
    int room = gate.limit - gate.within + gate.resting.get() - rest;
    int all = forBulk ? Math.min(room, mostBulk(gate.limit) - gate.bulk) : room;
    return Math.max(0, all - before);
  }

  /// Whether a connector may have another connection at once, to whatever destination.
  synchronized boolean spare(Gate gate, boolean forBulk) {
    int room = gate.limit - gate.within + gate.resting.get();
    int all = forBulk ? Math.min(room, mostBulk(gate.limit) - gate.bulk) : room;
    return gate.limit == Integer.MAX_VALUE || all > gate.line.size(forBulk);
  }

  /// Why a connector may have no other connection.
  synchronized String full(Gate gate, boolean forBulk) {
    boolean but = forBulk && gate.within < gate.limit;
    return inUse(gate.limit, "quota-connections of " + gate.who, but);
  }

  /// How many are inside.
  synchronized int inside() {
    return inside;
  }

  /// How many are inside by a gate.
  synchronized int inside(String who) {
    var gate = gates.get(who);
    return gate == null ? 0 : gate.within;
  }
}
