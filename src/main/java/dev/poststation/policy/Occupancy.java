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
    int count = taken.getOrDefault(place, 0);
    if (count >= most) {
      return false;
    }
    taken.put(place, count + 1);
    return true;
  }

  /// Gives one back.
  synchronized void giveBack(Place place) {
    taken.computeIfPresent(place, (_, count) -> count == 1 ? null : count - 1);
  }
}
