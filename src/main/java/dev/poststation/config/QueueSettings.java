package dev.poststation.config;

import dev.poststation.smtp.Address;
import java.time.Duration;
import java.util.List;

/// `queue`.
///
/// @param retry waits between attempts; the last one repeats
/// @param lifetime how long a mail is tried
/// @param bounceLifetime how long a mail without a sender is tried: a notice, our own or another's
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

  /// How long a mail of this sender is tried.
  public Duration lifetimeFor(Address sender) {
    return sender.isNull() ? bounceLifetime : lifetime;
  }

  static QueueSettings read(Section in) {
    List<Duration> retry =
        in.list(
            "retry",
            Kinds.duration("1 s", "7 days"),
            Standard.list(Kinds.duration("1 s", "7 days"), "1m", "5m", "15m", "1h", "4h"),
            """
            How long a mail waits after each attempt that failed for the time being; the last one
            repeats. Early attempts are close together, for greylisting and restarts pass within
            minutes (RFC 5321 4.5.4.1).
            """);
    if (in.has("retry") && !in.refused("retry") && retry.isEmpty()) {
      in.error("retry", "queue.retry is empty", "write at least one, as in [\"15m\"]");
    }
    Duration lifetime =
        in.read(
            "lifetime",
            Kinds.duration("1 minute", "60 days"),
            "5 days",
            """
            How long a mail is tried before it goes back to its sender. RFC 5321 4.5.4.1 asks for
            four to five days.
            """);
    Duration bounces =
        in.read(
            "bounce-lifetime",
            Kinds.duration("1 minute", "60 days"),
            Standard.computed(lifetime, Units.show(lifetime), "the `lifetime`", "5 days"),
            """
            How long a mail with the null sender is tried: a notice, our own or another's. When
            nobody takes it, it is dropped with a line in the log.
            """);
    Duration warnAfter =
        in.read(
            "warn-after",
            Kinds.duration("0 s", "60 days"),
            "4 hours",
            """
            After this time the sender is told, once, that a mail is delayed and will be tried
            further; `"0 s"`: never. Long enough that greylisting or a restart goes unnoticed, short
            enough to act the same day.
            """);
    if (warnAfter.compareTo(lifetime) >= 0) {
      in.warning(
          "warn-after",
          "queue.warn-after is not shorter than lifetime: no sender is ever told of a delay",
          "make it shorter than " + Units.show(lifetime) + ", or write \"0 s\" if that is meant");
    }
    int ready =
        in.read(
            "ready-per-destination",
            Kinds.integer(1, 1_000_000),
            "2000",
            """
            Mails that wait in memory for one destination at most, and an eighth more that go before
            normal ones; the rest wait on the disk. Enough to keep all connections to one next hop
            busy, few enough that one slow destination cannot take the room of all others.
            """);
    return new QueueSettings(retry, lifetime, bounces, warnAfter, ready);
  }
}
