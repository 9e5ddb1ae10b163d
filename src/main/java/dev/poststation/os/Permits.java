package dev.poststation.os;

import java.util.ArrayDeque;
import java.util.Queue;

/// Lets a few at a time do what takes much memory; others wait their turn. Safe for any thread.
public final class Permits {
  private final Queue<Time.Signal> waiting = new ArrayDeque<>();
  private int free;

  /// One that somebody may take, until a time, and then gives back. Safe for any thread.
  public record Turn(Permits permits, Time time, long end) {
    /// Waits for it.
    ///
    /// @return whether there was one
    public boolean take() {
      return permits.takeUntil(end, time);
    }

    /// Gives it back.
    public void give() {
      permits.give();
    }
  }

  /// @param atATime how many
  public Permits(int atATime) {
    this.free = atATime;
  }

  /// Waits for one until the clock shows `nanos`. Who gets it gives it back.
  ///
  /// @return whether there was one
  public boolean takeUntil(long nanos, Time time) {
    var turn = time.signal();
    synchronized (this) {
      if (free > 0) {
        free--;
        return true;
      }
      waiting.add(turn);
    }
    boolean raised;
    try {
      raised = turn.awaitUntil(nanos);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      raised = false;
    }
    synchronized (this) {
      // One that is not in the queue any more was given it in this moment.
      return raised || !waiting.remove(turn);
    }
  }

  /// Gives one back, to the one who has waited longest.
  public synchronized void give() {
    var next = waiting.poll();
    if (next == null) {
      free++;
    } else {
      next.raise();
    }
  }
}
