package dev.poststation.log;

import java.time.Instant;

/// The form of the mail log: turns an event into whole lines, each ended by a newline. Safe for any
/// thread.
sealed interface Form permits KeyedForm, PostfixForm {
  /// Appends the lines of an event; there may be none.
  void write(StringBuilder out, Event event, Instant time);

  /// Appends a line that says how many lines are missing at this place.
  void dropped(StringBuilder out, long lines, Instant time);
}
