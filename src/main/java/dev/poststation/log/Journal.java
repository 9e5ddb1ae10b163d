package dev.poststation.log;

/// Where stations report events: one call writes the line of the mail log, counts the metric, and
/// gives back the entry for the trace. Safe for any thread; does not block on the disk.
public interface Journal {
  /// Reports an event.
  ///
  /// @return the trace entry to hand to the spool with the batch that makes the event true; empty
  ///   for events that belong to no mail
  default byte[] report(Event event) {
    tell(event);
    return entry(event);
  }

  /// Writes the line and counts, without a trace entry.
  void tell(Event event);

  /// Only the trace entry, for an event that may fail to come true: `tell` follows when it has.
  byte[] entry(Event event);
}
