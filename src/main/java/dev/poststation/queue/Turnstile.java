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
/// their turn: those that have no connection at all before those that want another one, else who
/// came first. Whoever comes in line has a connection given up that carries nothing. Safe for any
/// thread.
final class Turnstile {
  private final int most;
  private final Map<String, Gate> gates = new ConcurrentHashMap<>();

  /// How many connections carry nothing.
  private final AtomicInteger idle = new AtomicInteger();

  /// How many came in line for whom nobody was asked yet to give up a connection.
  private final AtomicInteger unasked = new AtomicInteger();

  /// Who could come in if there were room in all.
  private volatile Wait waits = Wait.NOBODY;

  // Guarded by this, as all of its gates.
  private final Set<Gate> lines = new LinkedHashSet<>();
  private int inside;
  private long tickets;

  /// Who wants more connections.
  interface Waiter {
    /// It is your turn. Called with no lock held.
    ///
    /// @param gate where the connection counts
    /// @return whether a connection is wanted still; then `leave` must follow
    boolean admitted(Gate gate);

    /// Somebody waits: one of your connections that carries nothing is to be given up. Called with
    /// no lock held.
    ///
    /// @return whether there is one
    default boolean giveUp() {
      return false;
    }
  }

  /// Who stands in line.
  enum Wait {
    NOBODY,
    /// Only such as have a connection.
    OTHERS,
    /// Also such as have none.
    WITHOUT
  }

  /// What a connector, or one of its accounts, may have of connections.
  final class Gate {
    private final String who;
    private final AtomicInteger resting = new AtomicInteger();
    private volatile Wait line = Wait.NOBODY;
    private volatile int limit;
    private int within;

    /// With the number of the ticket that each has drawn.
    private final Map<Waiter, Long> without = new LinkedHashMap<>();

    private final Map<Waiter, Long> others = new LinkedHashMap<>();

    /// Who has how many connections.
    private final Map<Waiter, Integer> members = new LinkedHashMap<>();

    private Gate(String who, int limit) {
      this.who = who;
      this.limit = limit;
    }

    /// A connection carries nothing from now on, or something.
    void rests(boolean now) {
      resting.addAndGet(now ? 1 : -1);
      idle.addAndGet(now ? 1 : -1);
    }

    /// Whether it has more connections than it may have, since it may have fewer.
    boolean crowded() {
      return limit != Integer.MAX_VALUE && inside(who) > limit;
    }

    /// Why nobody comes in.
    private String full() {
      return "all " + limit + " connections of quota-connections of " + who + " are in use";
    }

    private boolean hasRoom() {
      return within < limit;
    }

    private void look() {
      line = !without.isEmpty() ? Wait.WITHOUT : !others.isEmpty() ? Wait.OTHERS : Wait.NOBODY;
      if (line == Wait.NOBODY) {
        lines.remove(this);
      } else {
        lines.add(this);
      }
    }

    private Map<Waiter, Long> first() {
      return without.isEmpty() ? others : without;
    }

    private boolean isBefore(Gate other) {
      return line == other.line
          ? first().values().iterator().next() < other.first().values().iterator().next()
          : line.compareTo(other.line) > 0;
    }

    private void comesIn(Waiter waiter) {
      inside++;
      within++;
      members.merge(waiter, 1, Integer::sum);
    }

    private void goes(Waiter waiter) {
      inside--;
      within--;
      members.computeIfPresent(waiter, (_, has) -> has == 1 ? null : has - 1);
    }
  }

  /// Whose turn it is.
  private record Call(Waiter waiter, Gate gate) {}

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

  /// Lets one in, or has the waiter stand in line; then `relieve` must follow.
  ///
  /// @param has how many connections it has
  /// @return whether there was room; then `leave` must follow
  synchronized boolean enter(Gate gate, Waiter waiter, int has) {
    // Who stands in another line while there is room in all has none at his gate.
    if (inside < most && gate.hasRoom() && gate.line == Wait.NOBODY) {
      gate.comesIn(waiter);
      return true;
    }
    boolean news = false;
    if (has == 0) {
      news = gate.others.remove(waiter) == null;
      news &= gate.without.putIfAbsent(waiter, tickets++) == null;
    } else if (!gate.without.containsKey(waiter)) {
      news = gate.others.putIfAbsent(waiter, tickets++) == null;
    }
    gate.look();
    look();
    if (news) {
      unasked.incrementAndGet();
    }
    return false;
  }

  /// Who stands in line wants no connection any more.
  synchronized void forgo(Gate gate, Waiter waiter) {
    if (gate.without.remove(waiter) != null || gate.others.remove(waiter) != null) {
      gate.look();
      look();
    }
  }

  /// Lets one in where there is room at once.
  ///
  /// @return whether there was; then `leave` must follow
  synchronized boolean enterAtOnce(Gate gate, Waiter waiter) {
    boolean room = inside < most && gate.hasRoom() && gate.line == Wait.NOBODY;
    if (room) {
      gate.comesIn(waiter);
    }
    return room;
  }

  private void look() {
    var found = Wait.NOBODY;
    for (var gate : lines) {
      if (gate.hasRoom() && gate.line.compareTo(found) > 0) {
        found = gate.line;
      }
    }
    waits = found;
  }

  /// One goes; the first in line that still wants to comes in. To be called with no lock held.
  void leave(Gate gate, Waiter waiter) {
    admit(left(new Call(waiter, gate)));
  }

  private void admit(@Nullable Call first) {
    for (var next = first; next != null; ) {
      next = next.waiter.admitted(next.gate) ? call() : left(next);
    }
  }

  private synchronized @Nullable Call left(Call gone) {
    gone.gate.goes(gone.waiter);
    return call();
  }

  /// The first in line for whom there is room: he is in.
  private synchronized @Nullable Call call() {
    Gate best = null;
    for (var gate : inside < most ? lines : Set.<Gate>of()) {
      if (gate.hasRoom() && (best == null || gate.isBefore(best))) {
        best = gate;
      }
    }
    if (best == null) {
      look();
      return null;
    }
    var line = best.first().keySet().iterator();
    var first = line.next();
    line.remove();
    best.comesIn(first);
    best.look();
    look();
    return new Call(first, best);
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
    boolean full = inside >= most;
    for (var each : gates.values()) {
      boolean useful = full || (each.line != Wait.NOBODY && !each.hasRoom());
      if (useful && each.resting.get() > 0) {
        // First those of the line that was joined just now.
        all.addAll(each == gate ? 0 : all.size(), each.members.keySet());
      }
    }
    return all;
  }

  /// Who stands in line that a connection of this gate would be of use to.
  Wait waits(Gate gate) {
    var inAll = waits;
    var here = gate.line;
    return here.compareTo(inAll) > 0 ? here : inAll;
  }

  /// Why a waiter has no connection; empty: he does not stand in line.
  synchronized String why(Gate gate, Waiter waiter) {
    if (!gate.without.containsKey(waiter) && !gate.others.containsKey(waiter)) {
      return "";
    }
    return gate.hasRoom()
        ? "all " + most + " connections of limits.connections are in use"
        : gate.full();
  }

  /// How many more connections a waiter may have at once by what its connector may have: those that
  /// there is room for, and those that carry nothing and are given up for it.
  ///
  /// @param rest how many of its own carry nothing
  synchronized int spare(Gate gate, Waiter waiter, int rest) {
    if (gate.limit == Integer.MAX_VALUE) {
      return Integer.MAX_VALUE;
    }
    int line = gate.without.size() + gate.others.size();
    int itself = gate.without.containsKey(waiter) || gate.others.containsKey(waiter) ? 1 : 0;
    int idleOfOthers = gate.resting.get() - rest;
    return Math.max(0, gate.limit - gate.within + idleOfOthers - (line - itself));
  }

  /// Whether a connector may have another connection at once, to whatever destination.
  synchronized boolean spare(Gate gate) {
    int line = gate.without.size() + gate.others.size();
    return gate.limit == Integer.MAX_VALUE || gate.limit - gate.within + gate.resting.get() > line;
  }

  /// Why a connector may have no other connection.
  synchronized String full(Gate gate) {
    return gate.full();
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
