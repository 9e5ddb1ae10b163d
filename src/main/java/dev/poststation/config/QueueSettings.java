package dev.poststation.config;

import java.time.Duration;
import java.util.List;

/// `queue`.
///
/// @param retry waits between attempts; the last one repeats
/// @param lifetime how long a mail is tried
/// @param bounceLifetime how long a notice of our own is tried
/// @param warnAfter when the sender is told of a delay; zero: never
/// @param readyPerDestination mails that wait in memory for one destination, at most
public record QueueSettings(
    List<Duration> retry,
    Duration lifetime,
    Duration bounceLifetime,
    Duration warnAfter,
    int readyPerDestination) {
  public QueueSettings {
    retry = List.copyOf(retry);
  }
}
