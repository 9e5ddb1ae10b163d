package dev.poststation.content;

import java.time.Duration;

/// What a service did at a mail, for log and trace.
///
/// @param service its name in the configuration
/// @param origin its line
/// @param result in a word
/// @param took how long
public record Note(String service, String origin, Result result, Duration took, String reason) {
  /// How it went.
  public enum Result {
    /// It goes on as it was.
    UNCHANGED,
    /// It goes on, changed.
    CHANGED,
    /// It was thrown away.
    DISCARDED,
    /// Nobody takes it.
    REFUSED,
    /// It waits for an administrator.
    HELD,
    /// It goes into the quarantine.
    QUARANTINED,
    /// The service could not do its work.
    FAILED
  }
}
