package dev.poststation.queue;

import dev.poststation.message.QueueId;
import dev.poststation.smtp.Address;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A mail of the queue as an administrator sees it.
///
/// @param place `incoming`, `active`, `deferred`, `parked` or `held`
/// @param client the name of the rule in `clients`; `-` for our own notices
/// @param size octets
public record QueueEntry(
    QueueId id,
    String place,
    Instant arrived,
    Address sender,
    String client,
    long size,
    List<Line> recipients) {
  public QueueEntry {
    recipients = List.copyOf(recipients);
  }

  /// A recipient.
  ///
  /// @param phase `waiting`, `delivered`, `bounced`, `expired`, `deleted`
  /// @param next when it is tried next; null: not again, or not until released
  /// @param destination of the last attempt, or empty
  /// @param reason why it waits, or how it ended; never empty for one that waits
  public record Line(
      Address address,
      String phase,
      int attempts,
      @Nullable Instant next,
      String destination,
      String reason) {}
}
