package dev.poststation.queue;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What a destination is doing, for people.
///
/// @param ready mails that wait in memory for their turn
/// @param connections that are open
/// @param window connections that it may have now
/// @param setAsideUntil when it is tried again after a failure; null: it works
/// @param reason the last failure, or empty
public record DestinationView(
    String name,
    int ready,
    int connections,
    int window,
    @Nullable Instant setAsideUntil,
    String reason)
    implements Comparable<DestinationView> {
  @Override
  public int compareTo(DestinationView other) {
    return name.compareTo(other.name);
  }
}
