package dev.poststation.message;

import java.time.Instant;

/// What the waits of a recipient depend on; kept in the spool. They grow with what a next hop said
/// about it, not with how often it was tried.
///
/// @param answers attempts at their time that a next hop answered, or in the midst of which it was
///   lost
/// @param misses attempts at their time, since the last answer, that found no next hop: there is no
///   route, or the DNS does not tell; not those that could not reach one, which has a back-off of
///   its own
/// @param turn when it is due by that, whatever makes it due earlier
public record Schedule(int answers, int misses, Instant turn) {
  /// Of a recipient that has not been tried yet.
  public static Schedule begin(Instant now) {
    return new Schedule(0, 0, now);
  }

  /// Failures in a row that the wait goes by.
  public int failures() {
    return misses > 0 ? misses : answers;
  }
}
