package dev.poststation.content;

import dev.poststation.config.ServicePoint;
import dev.poststation.dns.Resolver;
import dev.poststation.os.Connection;
import dev.poststation.os.Os;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// Reaches a service that listens at one of several places: each call goes to another one first,
/// and to the next where one does not answer. Safe for any thread.
final class Call {
  /// What one place may take of the time when there are others: a dead one must not cost all of it.
  private static final Duration CONNECT_MAX = Duration.ofSeconds(5);

  private final List<ServicePoint> at;
  private final Resolver resolver;
  private final Os os;
  private final AtomicInteger turn = new AtomicInteger();

  /// What is said to the service once it is reached. The connection has its deadline, and is closed
  /// afterwards.
  @FunctionalInterface
  interface Talk<T> {
    T with(Connection connection) throws IOException, ServiceException;
  }

  Call(List<ServicePoint> at, Resolver resolver, Os os) {
    this.at = List.copyOf(at);
    this.resolver = resolver;
    this.os = os;
  }

  /// Where it listens, for people.
  String places() {
    return String.join(", ", at.stream().map(ServicePoint::toString).toList());
  }

  /// What is said over a connection that may have served before.
  @FunctionalInterface
  interface KeptTalk<T> {
    Kept<T> with(ServicePoint place, Connection connection) throws IOException, ServiceException;
  }

  /// What came of it.
  ///
  /// @param open whether the connection can be asked again
  record Kept<T>(T result, boolean open) {}

  /// Calls.
  ///
  /// @param atMost for all of it
  /// @throws ServiceException when no place answered, or what the talk throws
  <T> T make(Duration atMost, Talk<T> talk) throws ServiceException {
    return at(
        atMost,
        (place, left) -> {
          try (var connection = connect(place, left)) {
            connection.deadline(left);
            return talk.with(connection);
          }
        });
  }

  /// The same, but the connection stays open when the talk went well: who gets its result closes
  /// it.
  <T> T open(Duration atMost, Talk<T> talk) throws ServiceException {
    return at(
        atMost,
        (place, left) -> {
          var connection = connect(place, left);
          boolean open = false;
          try {
            connection.deadline(left);
            T result = talk.with(connection);
            open = true;
            return result;
          } finally {
            if (!open) {
              connection.close();
            }
          }
        });
  }

  /// The same over a connection that rests, if there is one.
  <T> T make(Duration atMost, Resting resting, KeptTalk<T> talk) throws ServiceException {
    return at(
        atMost,
        (place, left) -> {
          var rested = resting.take(place);
          if (rested != null) {
            try {
              return over(rested, place, left, resting, talk);
            } catch (IOException _) {
              // It ended while it rested, as it may: now for a new one.
            }
          }
          return over(connect(place, left), place, left, resting, talk);
        });
  }

  private static <T> T over(
      Connection connection, ServicePoint place, Duration left, Resting resting, KeptTalk<T> talk)
      throws IOException, ServiceException {
    boolean open = false;
    try {
      connection.deadline(left);
      var kept = talk.with(place, connection);
      open = kept.open;
      return kept.result;
    } finally {
      if (open) {
        resting.put(place, connection);
      } else {
        connection.close();
      }
    }
  }

  @FunctionalInterface
  private interface Try<T> {
    T at(ServicePoint place, Duration left) throws IOException, ServiceException;
  }

  private <T> T at(Duration atMost, Try<T> attempt) throws ServiceException {
    long end = os.time().nanos() + atMost.toNanos();
    int first = Math.floorMod(turn.getAndIncrement(), at.size());
    String why = "";
    for (int i = 0; i < at.size(); i++) {
      var place = at.get((first + i) % at.size());
      var left = Duration.ofNanos(end - os.time().nanos());
      if (!left.isPositive()) {
        break;
      }
      try {
        return attempt.at(place, left);
      } catch (IOException e) {
        why = (why.isEmpty() ? "" : why + "; ") + place + ": " + e.getMessage();
      }
    }
    throw ServiceException.down(why.isEmpty() ? "no time was left to ask " + places() : why);
  }

  private Connection connect(ServicePoint place, Duration left) throws IOException {
    if (place.isLocal()) {
      return os.network().connect(place.host());
    }
    var wait = left.compareTo(CONNECT_MAX) < 0 ? left : CONNECT_MAX;
    IOException last = new IOException("it has no address");
    for (InetAddress address : addresses(place)) {
      try {
        return os.network().connect(new InetSocketAddress(address, place.port()), null, wait);
      } catch (IOException e) {
        last = e;
      }
    }
    throw last;
  }

  private List<InetAddress> addresses(ServicePoint place) throws IOException {
    return switch (resolver.addresses(place.host())) {
      case Resolver.Answer.Found<InetAddress>(var addresses) -> addresses;
      case Resolver.Answer.Failed<InetAddress>(String reason) -> throw new IOException(reason);
      case Resolver.Answer.NoName<InetAddress> _, Resolver.Answer.NoRecord<InetAddress> _ ->
          List.of();
    };
  }
}
