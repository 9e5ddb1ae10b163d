package dev.poststation.server;

import dev.poststation.config.Limits;
import dev.poststation.os.Networks;
import dev.poststation.os.Time;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// Counts the sessions of all listeners, against `limits.sessions`, `limits.stranger-sessions` and
/// `limits.sessions-per-client`, and names them. Safe for any thread.
///
/// Those who may not relay have places of their own, few of them: whatever they do, there is room
/// for those who may.
public final class Sessions {
  private static final int BASE = 36;

  private final Time time;
  private final ReentrantLock lock = new ReentrantLock();
  private final Pool known = new Pool();
  private final Pool strangers = new Pool();
  private final Punished punished = new Punished();
  private final Sources sources = new Sources();
  private final Consumer<InetAddress> onlySource;
  private final List<Time.Signal> waiting = new CopyOnWriteArrayList<>();
  private final AtomicLong number = new AtomicLong();
  private final String prefix;

  /// @param time names begin with the moment of the start, so that they do not come again after a
  ///   restart
  public Sessions(Time time) {
    this(time, _ -> {});
  }

  /// @param onlySource told of the address when all clients begin to come from one
  public Sessions(Time time, Consumer<InetAddress> onlySource) {
    this.time = time;
    this.onlySource = onlySource;
    this.prefix = Long.toString(time.now().toEpochMilli(), BASE) + "-";
  }

  /// A name that no other session has.
  String nextName() {
    return prefix + Long.toString(number.incrementAndGet(), BASE);
  }

  /// How many there are now.
  public int count() {
    lock.lock();
    try {
      return known.size() + strangers.size();
    } finally {
      lock.unlock();
    }
  }

  /// Asks for a place. What is welcome must `leave`.
  ///
  /// @param stranger whether the client may not relay
  /// @param mostEach places that one client may have
  Pool.Answer enter(InetAddress client, boolean stranger, int mostEach, Limits limits) {
    long now = time.nanos();
    lock.lock();
    try {
      if (!stranger) {
        return known.enter(client, limits.sessions(), mostEach, now);
      }
      String offence = offence(client, limits);
      if (!offence.isEmpty()) {
        return new Pool.Answer.Unwelcome(offence);
      }
      // Whoever waits within AUTH, for our answer or with his, cannot be sent away for others.
      return strangers.hasItsShare(client, limits.strangerSessions())
          ? new Pool.Answer.Busy()
          : strangers.enter(client, limits.strangerSessions(), mostEach, now);
    } finally {
      lock.unlock();
    }
  }

  /// What the last connection from there did, for which a stranger is not let in; empty: nothing.
  public String offence(InetAddress client, Limits limits) {
    lock.lock();
    try {
      return punished.offence(Networks.key(client), limits.strangerPause(), time.nanos());
    } finally {
      lock.unlock();
    }
  }

  /// A session begins that has a place.
  void begun(InetAddress client) {
    boolean alone;
    lock.lock();
    try {
      alone = sources.note(client, time.nanos());
    } finally {
      lock.unlock();
    }
    if (alone) {
      onlySource.accept(client);
    }
  }

  /// The address that all clients of the last hour came from, when there were at least twenty.
  public Optional<InetAddress> onlySource() {
    lock.lock();
    try {
      return sources.one(time.nanos());
    } finally {
      lock.unlock();
    }
  }

  /// A session that had a place is over.
  ///
  /// @param offence the fault of the client by which it ended, for which a stranger is not let in
  ///   for a while; or empty
  /// @param handshake how TLS went: a stranger that fails there time and again is not let in either
  void leave(Pool.Place place, boolean stranger, String offence, Handshake handshake) {
    lock.lock();
    try {
      (stranger ? strangers : known).leave(place);
      if (stranger) {
        punished.left(place.client(), offence, handshake, time.nanos());
      }
    } finally {
      lock.unlock();
    }
    waiting.forEach(Time.Signal::raise);
  }

  /// Raises this signal whenever a session has ended, from now on.
  void tell(Time.Signal signal) {
    waiting.add(signal);
  }
}
