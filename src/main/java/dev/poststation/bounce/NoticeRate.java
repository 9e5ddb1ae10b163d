package dev.poststation.bounce;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;

/// Spreads notices so that no more than a fixed number leaves in any hour. A notice above that
/// waits for its turn; none is ever dropped. Safe for any thread.
///
/// The spool keeps with each notice what a later process has to know: otherwise a restart would
/// give all the places a second time that were promised before. It knows of the latest turn and how
/// many leave within the hour before it, not when each of them does: it counts all of them at that
/// turn, so what comes next may wait up to an hour too long, but there are never too many. Only
/// notices of the moment at which the process died may be missing in the count: those that were
/// being committed by several threads, not in the order of their turns.
public final class NoticeRate {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final int RECORD = 20;

  private final int perHour;

  /// When the latest ones leave or left, in order: `perHour` of them at most.
  private final ArrayDeque<Instant> departures = new ArrayDeque<>();

  /// When the latest one was asked for.
  private Instant asked = Instant.EPOCH;

  /// With nothing promised.
  ///
  /// @param perHour at least 1
  public NoticeRate(int perHour) {
    this(perHour, new byte[0]);
  }

  /// Goes on where another one ended.
  ///
  /// @param perHour at least 1
  /// @param record of the other one; what is no record counts as none
  public NoticeRate(int perHour, byte[] record) {
    if (perHour < 1) {
      throw new IllegalArgumentException("at least one notice an hour must leave: " + perHour);
    }
    this.perHour = perHour;
    if (record.length == RECORD) {
      var in = ByteBuffer.wrap(record);
      asked = Instant.ofEpochMilli(in.getLong());
      var turn = Instant.ofEpochMilli(in.getLong());
      for (int left = Math.min(perHour, in.getInt()); left > 0; left--) {
        departures.addLast(turn);
      }
    }
  }

  /// Takes the next free place.
  ///
  /// @return when the notice may leave: now, or later
  public synchronized Instant reserve(Instant now) {
    if (asked.isAfter(now.plus(HOUR))) {
      departures.clear(); // The clock was set back: what it promised before may be years ahead.
    }
    asked = now;
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

  /// What another one has to know to go on from here; empty when nothing was promised yet.
  public synchronized byte[] record() {
    if (departures.isEmpty()) {
      return new byte[0];
    }
    return ByteBuffer.allocate(RECORD)
        .putLong(asked.toEpochMilli())
        .putLong(departures.getLast().toEpochMilli() + 1) // Never earlier than it is.
        .putInt(departures.size())
        .array();
  }
}
