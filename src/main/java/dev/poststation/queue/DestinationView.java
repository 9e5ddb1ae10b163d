package dev.poststation.queue;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What a destination is doing, for people.
///
/// @param ready mails that wait in memory for their turn
/// @param connections that are open
/// @param window connections that it may have now; 0: it does nothing at present
/// @param setAsideUntil when it is tried again after a failure; null: it works
/// @param reason the last failure, or empty
/// @param waits why mail waits that was tried there; empty: none does, as far as is known
public record DestinationView(
    String name,
    int ready,
    int connections,
    int window,
    @Nullable Instant setAsideUntil,
    String reason,
    String waits)
    implements Comparable<DestinationView> {
  /// One that does nothing at present.
  static DestinationView quiet(String name, String waits) {
    return new DestinationView(name, 0, 0, 0, null, "", waits);
  }

  /// The same with why mail waits.
  DestinationView waiting(String why) {
    return new DestinationView(name, ready, connections, window, setAsideUntil, reason, why);
  }

  @Override
  public int compareTo(DestinationView other) {
    return name.compareTo(other.name);
  }
}
