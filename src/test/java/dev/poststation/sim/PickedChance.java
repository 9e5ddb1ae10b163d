package dev.poststation.sim;

import dev.poststation.os.Chance;
import java.util.ArrayDeque;
import java.util.Queue;

/// Chance that a test picks: the given numbers in turn, then zeros. Safe for any thread.
public final class PickedChance implements Chance {
  private final Queue<Integer> picked = new ArrayDeque<>();

  /// Comes up with these numbers first.
  public PickedChance(int... numbers) {
    for (int number : numbers) {
      picked.add(number);
    }
  }

  @Override
  public synchronized int below(int bound) {
    Integer next = picked.poll();
    return next == null ? 0 : next % bound;
  }

  @Override
  public synchronized void fill(byte[] bytes) {
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) below(256);
    }
  }
}
