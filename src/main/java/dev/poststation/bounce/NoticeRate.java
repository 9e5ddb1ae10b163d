package dev.poststation.bounce;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;

/// Spreads notices so that no more than a fixed number leaves in any hour. A notice above that
/// waits for its turn; none is ever dropped. Safe for any thread.
public final class NoticeRate {
  private static final Duration HOUR = Duration.ofHours(1);

  /// Nobody waits that long: the clock was set back.
  private static final Duration ABSURD = Duration.ofDays(30);

  private final int perHour;

  /// When the latest ones leave or left, in order: `perHour` of them at most.
  private final ArrayDeque<Instant> departures = new ArrayDeque<>();

  /// @param perHour at least 1
  public NoticeRate(int perHour) {
    if (perHour < 1) {
      throw new IllegalArgumentException("at least one notice an hour must leave: " + perHour);
    }
    this.perHour = perHour;
  }

  /// Takes the next free place.
  ///
  /// @return when the notice may leave: now, or later
  public synchronized Instant reserve(Instant now) {
    if (!departures.isEmpty() && departures.getLast().isAfter(now.plus(ABSURD))) {
      departures.clear();
    }
    while (!departures.isEmpty() && !departures.getFirst().isAfter(now.minus(HOUR))) {
      departures.removeFirst();
    }
    var turn = now;
    if (departures.size() == perHour) {
      turn = departures.removeFirst().plus(HOUR);
    }
    departures.addLast(turn);
    return turn;
  }
}
