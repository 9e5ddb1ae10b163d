package dev.poststation.message;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// For how long the clock of a recipient stood still, because its connector paused; kept in the
/// spool. That time is not part of its age. Immutable.
///
/// @param before in the pauses that are over
/// @param since when the one began that lasts; null: none does
public record Standstill(Duration before, @Nullable Instant since) {
  /// It never did.
  public static final Standstill NONE = new Standstill(Duration.ZERO, null);

  /// From now on, if it does not yet.
  public Standstill begin(Instant now) {
    return since == null ? new Standstill(before, now) : this;
  }

  /// The clock goes again.
  public Standstill end(Instant now) {
    return since == null ? this : new Standstill(total(now), null);
  }

  /// Whether the clock stands still.
  public boolean lasts() {
    return since != null;
  }

  /// All of it until now; a clock that was set back takes nothing away.
  public Duration total(Instant now) {
    return since == null || since.isAfter(now) ? before : before.plus(Duration.between(since, now));
  }
}
