package dev.poststation.log;

import io.micrometer.core.instrument.Counter;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/// The counters of one name that differ in their labels. However many labels turn up, no more than
/// a bounded number of counters is made; the rest is counted together. Safe for any thread.
final class Counters<K> {
  private static final int MOST = 100;

  private final ConcurrentHashMap<K, Counter> known = new ConcurrentHashMap<>();
  private final Function<K, Counter> make;
  private final K other;

  /// @param make registers the counter of a label
  /// @param other the label of the rest
  Counters(Function<K, Counter> make, K other) {
    this.make = make;
    this.other = other;
  }

  /// All of them.
  Map<K, Long> counts() {
    Map<K, Long> counts = new HashMap<>();
    known.forEach((label, counter) -> counts.put(label, (long) counter.count()));
    return counts;
  }

  void increment(K label) {
    increment(label, 1);
  }

  void increment(K label, double many) {
    var counter = known.get(label);
    if (counter == null) {
      counter = known.computeIfAbsent(known.size() < MOST ? label : other, make);
    }
    counter.increment(many);
  }
}
