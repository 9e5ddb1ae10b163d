package dev.poststation.server;

import dev.poststation.os.Time;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/// Counts the sessions of all listeners, against `limits.sessions` and
/// `limits.sessions-per-client`, and names them. Safe for any thread.
public final class Sessions {
  private static final int BASE = 36;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<Long, Integer> perClient = new HashMap<>();
  private final AtomicLong number = new AtomicLong();
  private final String prefix;
  private int count;

  /// @param time names begin with the moment of the start, so that they do not come again after a
  ///   restart
  public Sessions(Time time) {
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
      return count;
    } finally {
      lock.unlock();
    }
  }

  /// Waits until there are fewer than `limit`, or `stopped`. Both are asked again whenever a
  /// session ends.
  void awaitRoom(IntSupplier limit, BooleanSupplier stopped) {
    lock.lock();
    try {
      while (count >= limit.getAsInt() && !stopped.getAsBoolean()) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Lets those who wait for room ask again whether they are stopped.
  void wake() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Counts a session, unless its client has `perClientMax` already.
  ///
  /// @return whether it may go on; then `leave` must follow
  boolean enter(InetAddress client, int perClientMax) {
    lock.lock();
    try {
      int mine = perClient.getOrDefault(key(client), 0);
      if (mine >= perClientMax) {
        return false;
      }
      perClient.put(key(client), mine + 1);
      count++;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// A session that entered is over.
  void leave(InetAddress client) {
    lock.lock();
    try {
      perClient.computeIfPresent(key(client), (_, mine) -> mine > 1 ? mine - 1 : null);
      count--;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /// What counts as one client: an IPv4 address, or the first 64 bits of an IPv6 one, for behind
  /// them every host makes up addresses as it likes (RFC 4291 2.5.4, RFC 8981).
  private static long key(InetAddress client) {
    var octets = ByteBuffer.wrap(client.getAddress());
    // Never the first half of an IPv6 address, for multicast is no source.
    return client instanceof Inet6Address
        ? octets.getLong()
        : -1L << Integer.SIZE | octets.getInt();
  }
}
