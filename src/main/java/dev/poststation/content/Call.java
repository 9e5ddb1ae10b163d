package dev.poststation.content;

import dev.poststation.config.ServicePoint;
import dev.poststation.dns.Resolver;
import dev.poststation.os.Connection;
import dev.poststation.os.Os;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// Reaches a service that listens at one of several places: each call goes to another one first,
/// and to the next where one does not answer. Safe for any thread.
final class Call {
  /// What connecting to one address may take: a dead one must not cost all of the time.
  private static final Duration CONNECT_MAX = Duration.ofSeconds(5);

  /// So long a place that did not answer is asked after the others.
  private static final Duration SILENCE = Duration.ofSeconds(30);

  private final List<ServicePoint> at;
  private final Resolver resolver;
  private final Os os;
  private final AtomicInteger turn = new AtomicInteger();
  private final Map<ServicePoint, Long> silent = new ConcurrentHashMap<>();

  /// What is said to the service once it is reached. The connection has its deadline: what this
  /// place has of the time.
  @FunctionalInterface
  interface Talk<T> {
    T with(Connection connection, Duration share) throws IOException, ServiceException;
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
    Kept<T> with(ServicePoint place, Wire wire) throws IOException, ServiceException;
  }

  /// What came of it.
  ///
  /// @param open whether the connection can be asked again
  record Kept<T>(T result, boolean open) {}

  /// Calls; the connection is closed afterwards.
  ///
  /// @param atMost for all of it
  /// @throws ServiceException when no place answered, or what the talk throws
  <T> T make(Duration atMost, Talk<T> talk) throws ServiceException {
    return at(
        atMost,
        (place, end) -> {
          try (var connection = connect(place, end)) {
            var share = left(end);
            connection.deadline(share);
            return talk.with(connection, share);
          }
        });
  }

  /// The same, but the connection stays open when the talk went well: who gets its result closes
  /// it.
  <T> T open(Duration atMost, Talk<T> talk) throws ServiceException {
    return at(
        atMost,
        (place, end) -> {
          var connection = connect(place, end);
          boolean open = false;
          try {
            var share = left(end);
            connection.deadline(share);
            T result = talk.with(connection, share);
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
        (place, end) -> {
          var rested = resting.take(place);
          if (rested != null) {
            var wire = new Wire(rested);
            try {
              return over(wire, place, end, resting, talk);
            } catch (IOException e) {
              if (wire.answered()) {
                throw e;
              }
              // It ended while it rested, as it may: now for a new one.
            }
          }
          return over(new Wire(connect(place, end)), place, end, resting, talk);
        });
  }

  private <T> T over(Wire wire, ServicePoint place, long end, Resting resting, KeptTalk<T> talk)
      throws IOException, ServiceException {
    var connection = wire.connection();
    boolean open = false;
    try {
      connection.deadline(left(end));
      var kept = talk.with(place, wire);
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
    T at(ServicePoint place, long end) throws IOException, ServiceException;
  }

  /// Each place has its share of the time, so that one that hangs leaves some for the others; and
  /// is asked last for a while afterwards.
  private <T> T at(Duration atMost, Try<T> attempt) throws ServiceException {
    long end = os.time().nanos() + atMost.toNanos();
    String why = "";
    var order = order();
    for (int i = 0; i < order.size(); i++) {
      var place = order.get(i);
      long now = os.time().nanos();
      if (end - now <= 0) {
        break;
      }
      try {
        T result = attempt.at(place, now + (end - now) / (order.size() - i));
        silent.remove(place);
        return result;
      } catch (IOException e) {
        silent.put(place, os.time().nanos() + SILENCE.toNanos());
        why = (why.isEmpty() ? "" : why + "; ") + place + ": " + e.getMessage();
      }
    }
    throw ServiceException.down(why.isEmpty() ? "no time was left to ask " + places() : why);
  }

  private List<ServicePoint> order() {
    int first = Math.floorMod(turn.getAndIncrement(), at.size());
    long now = os.time().nanos();
    List<ServicePoint> good = new ArrayList<>(at.size());
    List<ServicePoint> bad = new ArrayList<>(0);
    for (int i = 0; i < at.size(); i++) {
      var place = at.get((first + i) % at.size());
      Long until = silent.get(place);
      (until == null || until - now <= 0 ? good : bad).add(place);
    }
    good.addAll(bad);
    return good;
  }

  /// What is left until then.
  private Duration left(long end) throws IOException {
    var left = Duration.ofNanos(end - os.time().nanos());
    if (!left.isPositive()) {
      throw new IOException("it did not answer in time");
    }
    return left;
  }

  private Connection connect(ServicePoint place, long end) throws IOException {
    if (place.isLocal()) {
      return os.network().connect(place.host());
    }
    IOException last = new IOException("it has no address");
    for (InetAddress address : addresses(place)) {
      var left = left(end);
      var wait = left.compareTo(CONNECT_MAX) < 0 ? left : CONNECT_MAX;
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
