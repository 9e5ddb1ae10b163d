package dev.poststation.content;

import dev.poststation.config.ServicePoint;
import dev.poststation.dns.Resolver;
import dev.poststation.os.Connection;
import dev.poststation.os.Os;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Reaches a service that listens at one of several places: each call goes to another one first,
/// and to the next where one does not answer. Safe for any thread.
final class Call {
  /// What connecting to one address may take: a dead one must not cost all of the time.
  private static final Duration CONNECT_MAX = Duration.ofSeconds(5);

  /// What finding out may take whether a place that did not answer lives at all: of the time there
  /// is, a quarter at most.
  private static final Duration PROBE_MAX = Duration.ofSeconds(3);

  /// So long a place that did not answer is asked after the others.
  private static final Duration SILENCE = Duration.ofSeconds(30);

  private final List<ServicePoint> at;
  private final Resolver resolver;
  private final Os os;
  private final @Nullable Probe probe;
  private final AtomicInteger turn = new AtomicInteger();
  private final Map<ServicePoint, Long> silent = new ConcurrentHashMap<>();

  /// What is said to the service once it is reached. The connection has its deadline: what this
  /// place has of the time.
  @FunctionalInterface
  interface Talk<T> {
    T with(Connection connection, Duration share) throws IOException, ServiceException;
  }

  /// What any service of this kind answers at once, whatever it has to do else.
  @FunctionalInterface
  interface Probe {
    byte[] to(ServicePoint place);
  }

  /// One whose places are down whenever they do not answer.
  Call(List<ServicePoint> at, Resolver resolver, Os os) {
    this(at, resolver, os, null);
  }

  /// One that is asked, when it has not answered about a mail, whether it lives: one mail that
  /// takes it too long must not make it count as down for all others.
  ///
  /// @param probe null: it is not asked
  Call(List<ServicePoint> at, Resolver resolver, Os os, @Nullable Probe probe) {
    this.at = List.copyOf(at);
    this.resolver = resolver;
    this.os = os;
    this.probe = probe;
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
              boolean late = e instanceof SocketTimeoutException && isOver(end);
              if (wire.answered() || late) {
                throw e; // Late: it hangs at this mail. Who was too late to rest has time left.
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
      open = kept.open && wire.isReadToItsEnd();
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
    long last = os.time().nanos() + atMost.toNanos();
    long end = last - probing(atMost).toNanos();
    String why = "";
    List<ServicePoint> mute = new ArrayList<>(0);
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
        if (isMute(e)) {
          mute.add(place);
        }
      }
    }
    throw why.isEmpty()
        ? ServiceException.mute("no time was left to ask " + places())
        : fault(why, mute, last);
  }

  /// What of the time is kept for finding out whether it lives.
  private Duration probing(Duration atMost) {
    var quarter = atMost.dividedBy(4);
    return probe == null ? Duration.ZERO : quarter.compareTo(PROBE_MAX) < 0 ? quarter : PROBE_MAX;
  }

  /// How long it may take over a mail, of the time that there is.
  Duration talking(Duration atMost) {
    return atMost.minus(probing(atMost));
  }

  /// Whether it was reached and then said nothing, or what nobody understands, or hung up: a mail
  /// can bring it to that.
  private static boolean isMute(IOException e) {
    return !(e instanceof UnableException);
  }

  /// What it means that it broke off in the middle of a mail.
  ServiceException fault(IOException e) {
    String why = places() + ": " + e.getMessage();
    long last = os.time().nanos() + PROBE_MAX.toNanos();
    return isMute(e) ? fault(why, at, last) : ServiceException.down(why);
  }

  private ServiceException fault(String why, List<ServicePoint> mute, long last) {
    for (int i = 0; i < mute.size(); i++) {
      long now = os.time().nanos();
      var place = mute.get(i);
      if (isAlive(place, now + (last - now) / (mute.size() - i))) {
        silent.remove(place);
        return ServiceException.mute(why + " (it does answer when it is asked for a sign)");
      }
    }
    return ServiceException.down(why);
  }

  private boolean isAlive(ServicePoint place, long end) {
    if (probe == null) {
      return false;
    }
    byte[] question = probe.to(place);
    try (var connection = connect(place, end)) {
      connection.deadline(left(end));
      connection.write(question, 0, question.length);
      return connection.read(new byte[1], 0, 1) > 0;
    } catch (IOException _) {
      return false;
    }
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

  private boolean isOver(long end) {
    return os.time().nanos() - end >= 0;
  }

  /// What is left until then.
  private Duration left(long end) throws IOException {
    var left = Duration.ofNanos(end - os.time().nanos());
    if (!left.isPositive()) {
      throw new UnableException("it did not answer in time");
    }
    return left;
  }

  /// That nobody is reached is no word about a mail ([#isMute]).
  private Connection connect(ServicePoint place, long end) throws IOException {
    try {
      return place.isLocal() ? os.network().connect(place.host()) : connectByName(place, end);
    } catch (IOException e) {
      throw new UnableException(e);
    }
  }

  private Connection connectByName(ServicePoint place, long end) throws IOException {
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
