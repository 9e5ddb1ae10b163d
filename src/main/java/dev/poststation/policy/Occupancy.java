package dev.poststation.policy;

import java.util.HashMap;
import java.util.Map;

/// How many sessions clients have, of entries that limit them. Safe for any thread.
final class Occupancy {
  private final Map<Place, Integer> taken = new HashMap<>();

  /// @param rule the name of the entry in `clients`
  /// @param who the client
  record Place(String rule, String who) {}

  /// Takes one more, if there are fewer than `most`.
  synchronized boolean take(Place place, int most) {
    if (full(place, most)) {
      return false;
    }
    taken.merge(place, 1, Integer::sum);
    return true;
  }

  /// Whether there are so many.
  synchronized boolean full(Place place, int most) {
    return taken.getOrDefault(place, 0) >= most;
  }

  /// Gives one back.
  synchronized void giveBack(Place place) {
    taken.computeIfPresent(place, (_, count) -> count == 1 ? null : count - 1);
  }
}
