package dev.poststation.spool;

import java.time.Instant;

/// Where a mail stands in the spool.
public sealed interface Placement {
  /// Accepted, and not yet tried to the end.
  record Incoming() implements Placement {}

  /// Waits until `due`.
  record Deferred(Instant due) implements Placement {}

  /// Waits until an administrator releases it.
  record Held() implements Placement {}

  /// Incoming.
  Placement INCOMING = new Incoming();

  /// Held.
  Placement HELD = new Held();
}
