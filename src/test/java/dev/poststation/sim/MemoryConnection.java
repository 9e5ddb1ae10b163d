package dev.poststation.sim;

import dev.poststation.os.Binding;
import dev.poststation.os.Connection;
import dev.poststation.os.TlsFacts;
import dev.poststation.os.TlsStart;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLException;

/// One end of a connection within memory, with deadlines in virtual time. TLS is an exchange of a
/// few octets that shows whether both ends began it at the same point of the stream. Safe for any
/// thread.
public final class MemoryConnection implements Connection {
  private static final int CAPACITY = 128 * 1024;
  private static final long NONE = Long.MAX_VALUE;
  private static final long GRACE_NANOS = Duration.ofSeconds(5).toNanos();
  private static final byte[] HANDSHAKE = "\26\3\1 TLS!\n".getBytes(StandardCharsets.US_ASCII);

  private final SimTime time;
  private final ReentrantLock lock;
  private final Condition changed;
  private final InetSocketAddress local;
  private volatile InetSocketAddress remote;
  private final SimTime.Alarm alarm = new Deadline();
  private MemoryConnection peer;
  private final byte[] incoming = new byte[CAPACITY];
  private int start;
  private int length;
  private boolean ended;
  private boolean closed;
  private boolean broken;
  private boolean readerWaits;
  private volatile long deadline = NONE;
  private TlsFacts tls;

  private MemoryConnection(
      SimTime time, ReentrantLock lock, InetSocketAddress local, InetSocketAddress remote) {
    this.time = time;
    this.lock = lock;
    this.changed = lock.newCondition();
    this.local = local;
    this.remote = remote;
  }

  /// Both ends of a connection.
  public record Pair(MemoryConnection client, MemoryConnection server) {}

  /// A new connection from `client` to `server`.
  public static Pair pair(SimTime time, InetSocketAddress client, InetSocketAddress server) {
    var lock = new ReentrantLock();
    var one = new MemoryConnection(time, lock, client, server);
    var other = new MemoryConnection(time, lock, server, client);
    one.peer = other;
    other.peer = one;
    time.onAdvance(one.alarm);
    time.onAdvance(other.alarm);
    return new Pair(one, other);
  }

  /// Wakes who waits at this end when its time is up, and closes it when nobody cares.
  private final class Deadline implements SimTime.Alarm {
    @Override
    public void ring() {
      lock.lock();
      try {
        if (deadline != NONE && time.nanos() - deadline >= GRACE_NANOS) {
          close();
        }
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }

    @Override
    public long at() {
      long then = deadline;
      return then == NONE ? NONE : expired() ? then + GRACE_NANOS : then;
    }
  }

  /// Waits until the reader at this end has taken all there is and waits for more, or this end was
  /// closed.
  ///
  /// @return false when that did not happen within the bound, in real time
  public boolean awaitIdle(Duration atMost) throws InterruptedException {
    long left = atMost.toNanos();
    lock.lock();
    try {
      while (!closed && !(readerWaits && length == 0)) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public InetSocketAddress local() {
    return local;
  }

  @Override
  public InetSocketAddress remote() {
    return remote;
  }

  @Override
  public void onward(InetSocketAddress next) {
    remote = next;
  }

  @Override
  public void deadline(Duration fromNow) {
    lock.lock();
    try {
      deadline = time.nanos() + fromNow.toNanos();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private boolean expired() {
    return deadline != NONE && time.nanos() - deadline >= 0;
  }

  @Override
  public int read(byte[] buffer, int offset, int size) throws IOException {
    lock.lock();
    try {
      while (true) {
        if (closed) {
          throw new IOException("closed");
        }
        if (broken) {
          throw new SocketException("Connection reset");
        }
        if (expired()) {
          throw new SocketTimeoutException("the peer did not answer in time");
        }
        if (length > 0) {
          return take(buffer, offset, size);
        }
        if (ended) {
          return -1;
        }
        readerWaits = true;
        changed.signalAll();
        changed.awaitUninterruptibly();
        readerWaits = false;
      }
    } finally {
      lock.unlock();
    }
  }

  private int take(byte[] buffer, int offset, int size) {
    int count = Math.min(Math.min(size, length), CAPACITY - start);
    System.arraycopy(incoming, start, buffer, offset, count);
    start = (start + count) % CAPACITY;
    length -= count;
    peer.changed.signalAll();
    return count;
  }

  @Override
  public void write(byte[] buffer, int offset, int size) throws IOException {
    lock.lock();
    try {
      int written = 0;
      while (written < size) {
        if (closed || peer.closed || broken) {
          throw new IOException("broken pipe");
        }
        if (peer.length == CAPACITY) {
          if (expired()) {
            throw new SocketTimeoutException("the peer did not read in time");
          }
          changed.awaitUninterruptibly();
        } else {
          written += peer.give(buffer, offset + written, size - written);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private int give(byte[] buffer, int offset, int size) {
    int end = (start + length) % CAPACITY;
    int count = Math.min(Math.min(size, CAPACITY - length), CAPACITY - end);
    System.arraycopy(buffer, offset, incoming, end, count);
    length += count;
    changed.signalAll();
    return count;
  }

  @Override
  public int available() throws IOException {
    lock.lock();
    try {
      return length;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public TlsFacts startTls(TlsStart how) throws IOException {
    if (how.server()) {
      readHandshake(); // As in TLS, the client speaks first.
      write(HANDSHAKE, 0, HANDSHAKE.length);
    } else {
      write(HANDSHAKE, 0, HANDSHAKE.length);
      readHandshake();
    }
    tls = new TlsFacts("TLSv1.3", "SIMULATED", null, List.of());
    return tls;
  }

  private void readHandshake() throws IOException {
    byte[] theirs = new byte[HANDSHAKE.length];
    for (int at = 0; at < theirs.length; ) {
      int count = read(theirs, at, theirs.length - at);
      if (count < 0) {
        throw new EOFException("the peer went away during the handshake");
      }
      at += count;
    }
    if (!Arrays.equals(theirs, HANDSHAKE)) {
      throw new SSLException("Unsupported or unrecognized SSL message");
    }
  }

  @Override
  public TlsFacts tls() {
    return tls;
  }

  /// The same at both ends, and another one for each connection.
  @Override
  public byte[] binding(Binding kind) {
    if (tls == null) {
      return null;
    }
    var ports = new TreeSet<>(List.of(local.getPort(), remote.getPort()));
    return (kind.word() + ports).getBytes(StandardCharsets.US_ASCII);
  }

  /// Says that no more comes, and goes on reading: half a close.
  public void shutdownOutput() {
    lock.lock();
    try {
      peer.ended = true;
      peer.changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Ends the connection so that the peer hears nothing but that it is broken, what is on the way
  /// included: RST.
  public void reset() {
    lock.lock();
    try {
      peer.broken = true;
      peer.length = 0;
      close();
    } finally {
      lock.unlock();
    }
  }

  /// Whether a read would not wait.
  public boolean readable() {
    lock.lock();
    try {
      return closed || broken || ended || length > 0 || expired();
    } finally {
      lock.unlock();
    }
  }

  /// Whether this end was closed.
  public boolean closed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      peer.ended = true;
      time.forget(alarm);
      changed.signalAll();
      peer.changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
