package dev.poststation.spool;

import java.time.Instant;

/// Where a mail stands in the spool.
public sealed interface Placement {
  /// Accepted, and not yet tried to the end.
  record Incoming() implements Placement {}

  /// Waits until `due`.
  record Deferred(Instant due) implements Placement {}

  /// Waits until its destination has room again: the destination failed and is set aside, or more
  /// mail waits for it than memory should hold. One row of the destination decides for all of them,
  /// so that a dead host rewrites nothing.
  ///
  /// @param destination the name of the destination; any text
  record Parked(String destination) implements Placement {}

  /// Waits until an administrator releases it.
  record Held() implements Placement {}

  /// Taken, and kept from its recipients: it is released or deleted, and at the latest at `until`
  /// it goes without a word.
  record Quarantined(Instant until) implements Placement {}

  /// Whether only a person ends the wait there, or the end of the quarantine.
  static boolean waitsForSomebody(Placement place) {
    return place instanceof Held || place instanceof Quarantined;
  }

  /// Incoming.
  Placement INCOMING = new Incoming();

  /// Held.
  Placement HELD = new Held();
}
