package dev.poststation.queue;

import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Lets in so many connections to next hops at the same time (`limits.connections`), whatever the
/// destination. Destinations that find no room stand in line, each once, and are called when it is
/// their turn: those that have no connection at all before those that want another one. Safe for
/// any thread.
final class Turnstile {
  private final int most;
  private final Set<Waiter> without = new LinkedHashSet<>();
  private final Set<Waiter> others = new LinkedHashSet<>();
  private volatile Wait waits = Wait.NOBODY;
  private int inside;

  /// Who wants more connections.
  interface Waiter {
    /// It is your turn. Called with no lock held.
    ///
    /// @return whether a connection is wanted still
    boolean admitted();
  }

  /// Who stands in line.
  enum Wait {
    NOBODY,
    /// Only such as have a connection.
    OTHERS,
    /// Also such as have none.
    WITHOUT
  }

  Turnstile(int most) {
    this.most = most;
  }

  /// Lets one in, or has the waiter stand in line.
  ///
  /// @param has how many connections it has
  /// @return whether there was room; then `leave` must follow
  synchronized boolean enter(Waiter waiter, int has) {
    if (inside < most && without.isEmpty() && others.isEmpty()) {
      inside++;
      return true;
    }
    if (has == 0) {
      others.remove(waiter);
      without.add(waiter);
    } else if (!without.contains(waiter)) {
      others.add(waiter);
    }
    look();
    return false;
  }

  private void look() {
    waits = !without.isEmpty() ? Wait.WITHOUT : !others.isEmpty() ? Wait.OTHERS : Wait.NOBODY;
  }

  /// One goes; the first in line that still wants to comes in. To be called with no lock held.
  void leave() {
    for (var next = next(); next != null; next = next()) {
      if (next.admitted()) {
        return;
      }
    }
  }

  private synchronized @Nullable Waiter next() {
    var line = without.isEmpty() ? others : without;
    var each = line.iterator();
    if (!each.hasNext()) {
      inside--;
      return null;
    }
    var first = each.next();
    each.remove();
    look();
    return first;
  }

  /// Who stands in line now.
  Wait waits() {
    return waits;
  }

  /// How many are inside.
  synchronized int inside() {
    return inside;
  }
}
