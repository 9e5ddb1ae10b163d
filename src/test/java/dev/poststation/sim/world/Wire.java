package dev.poststation.sim.world;

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
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLException;

/// One end of a connection in a simulated world. Octets arrive in order, late, and in pieces of any
/// size; when there is trouble they stop arriving, or the connection breaks. Confined to the
/// kernel's thread.
final class Wire implements Connection {
  private static final int CAPACITY = 64 * 1024;
  private static final long NONE = Long.MAX_VALUE;
  private static final Duration GRACE = Duration.ofSeconds(5);
  private static final byte[] HANDSHAKE = "\26\3\1 TLS!\n".getBytes(StandardCharsets.US_ASCII);

  private final Wires wires;
  private final Kernel kernel;
  private final Machine machine;
  private final Kernel.Group process;
  private final InetSocketAddress local;
  private final InetSocketAddress remote;
  private final ArrayDeque<byte[]> incoming = new ArrayDeque<>();
  private Wire peer;
  private Trouble.Break breaks;
  private int firstUsed;
  private int unread;
  private int underWay;
  private long arrivesNext;
  private long sent;
  private boolean silent;
  private boolean ended;
  private boolean shut;
  private boolean broken;
  private boolean closed;
  private boolean expired;
  private long deadline = NONE;
  private Kernel.Alarm alarm;
  private Thread reader;
  private Thread writer;
  private TlsFacts tls;

  Wire(
      Wires wires,
      Machine machine,
      Kernel.Group process,
      InetSocketAddress local,
      InetSocketAddress remote) {
    this.wires = wires;
    this.kernel = wires.kernel();
    this.machine = machine;
    this.process = process;
    this.local = local;
    this.remote = remote;
  }

  static void join(Wire one, Wire other) {
    one.peer = other;
    other.peer = one;
    for (var end : List.of(one, other)) {
      end.breaks = end.wires.trouble().breakOf(end.wires.chance());
      end.machine.wires().add(end);
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
  public void deadline(Duration fromNow) {
    deadline = kernel.nanos() + fromNow.toNanos();
    if (alarm == null || alarm.at() > deadline) {
      watch(fromNow);
    }
  }

  private void watch(Duration fromNow) {
    if (alarm != null) {
      alarm.cancel();
    }
    alarm = kernel.after(fromNow, process, this::look);
  }

  /// Reading ends at the deadline, all of it after a grace, as with the real one.
  private void look() {
    alarm = null;
    if (closed) {
      return;
    }
    long left = deadline - kernel.nanos();
    if (left > 0) {
      watch(Duration.ofNanos(left));
    } else if (!expired) {
      expired = true;
      wake();
      watch(GRACE);
    } else {
      close();
    }
  }

  private void wake() {
    LockSupport.unpark(reader);
    LockSupport.unpark(writer);
  }

  private void maybeYield() {
    if (wires.chance().nextInt(8) == 0) {
      Kernel.letOthersRun();
    }
  }

  @Override
  public int read(byte[] buffer, int offset, int size) throws IOException {
    maybeYield();
    reader = Thread.currentThread();
    try {
      while (true) {
        if (closed) {
          throw new SocketException("Socket closed");
        }
        if (expired) {
          throw new SocketTimeoutException("the peer did not answer in time");
        }
        if (unread > 0) {
          return take(buffer, offset, size);
        }
        if (broken) {
          throw new SocketException("Connection reset");
        }
        if (ended) {
          return -1;
        }
        LockSupport.park(this);
      }
    } finally {
      reader = null;
    }
  }

  private int take(byte[] buffer, int offset, int size) {
    byte[] first = incoming.peekFirst();
    int count = Math.min(size, first.length - firstUsed);
    System.arraycopy(first, firstUsed, buffer, offset, count);
    firstUsed += count;
    unread -= count;
    if (firstUsed == first.length) {
      incoming.pollFirst();
      firstUsed = 0;
    }
    LockSupport.unpark(peer.writer);
    return count;
  }

  @Override
  public void write(byte[] buffer, int offset, int size) throws IOException {
    maybeYield();
    writer = Thread.currentThread();
    try {
      int written = 0;
      while (written < size) {
        if (closed || shut) {
          throw new SocketException("Socket closed");
        }
        if (broken) {
          throw new SocketException("Broken pipe");
        }
        int room = CAPACITY - peer.unread - underWay;
        if (room <= 0) {
          if (expired) {
            throw new SocketTimeoutException("the peer did not read in time");
          }
          LockSupport.park(this);
          continue;
        }
        int piece = wires.trouble().piece(wires.chance(), Math.min(room, size - written));
        send(Arrays.copyOfRange(buffer, offset + written, offset + written + piece));
        written += piece;
      }
    } finally {
      writer = null;
    }
  }

  private void send(byte[] piece) {
    sent += piece.length;
    kernel.tell(() -> local + " > " + remote + " " + new String(piece, StandardCharsets.US_ASCII));
    if (breaks != null && sent > breaks.afterOctets()) {
      meetTrouble();
    }
    if (silent || peer.silent) {
      underWay += piece.length;
      return; // Never acknowledged by the other end: the window fills.
    }
    underWay += piece.length;
    kernel.after(
        delay(),
        peer.process,
        () -> {
          underWay -= piece.length;
          peer.arrive(piece);
        });
  }

  /// Nothing overtakes what was sent before.
  private Duration delay() {
    long at = kernel.nanos() + wires.trouble().latency(wires.chance()).toNanos();
    arrivesNext = Math.max(arrivesNext + 1, at);
    return Duration.ofNanos(arrivesNext - kernel.nanos());
  }

  private void meetTrouble() {
    var met = breaks;
    breaks = null;
    wires.trouble().met();
    kernel.tell(() -> local + " > " + remote + " " + met);
    switch (met.how()) {
      case RESET -> {
        broken();
        peer.broken();
      }
      case SILENCE -> silent = true;
      case STALL -> arrivesNext = kernel.nanos() + met.stall().toNanos();
    }
  }

  private void arrive(byte[] piece) {
    if (closed) {
      peer.broken(); // Nobody is there any more: the kernel answers with a reset.
      return;
    }
    if (broken) {
      return;
    }
    incoming.add(piece);
    unread += piece.length;
    LockSupport.unpark(reader);
  }

  private void broken() {
    broken = true;
    if (wires.chance().nextBoolean()) {
      incoming.clear();
      unread = 0;
      firstUsed = 0;
    }
    wake();
  }

  @Override
  public int available() {
    return unread;
  }

  /// Says that no more will come, and goes on reading.
  void shutdownOutput() {
    if (!shut) {
      shut = true;
      tellEnd();
    }
  }

  private void tellEnd() {
    if (!silent && !peer.silent) {
      kernel.after(
          delay(),
          peer.process,
          () -> {
            peer.ended = true;
            peer.wake();
          });
    }
  }

  /// Breaks the connection, so that the other end hears of it, and perhaps loses what it has not
  /// read.
  void reset() {
    finish();
    if (!silent && !peer.silent) {
      kernel.after(delay(), peer.process, peer::broken);
    }
  }

  /// The process at this end is no more.
  void abandon() {
    if (machine.powered()) {
      reset();
    } else {
      silent = true;
      finish();
    }
  }

  private void finish() {
    closed = true;
    if (alarm != null) {
      alarm.cancel();
      alarm = null;
    }
    machine.wires().remove(this);
    wake();
  }

  @Override
  public void close() {
    if (!closed) {
      boolean lost = unread > 0;
      finish();
      if (lost && !silent && !peer.silent) {
        kernel.after(delay(), peer.process, peer::broken);
      } else if (!shut) {
        tellEnd();
      }
    }
  }

  @Override
  public void closeGently(Duration atMost) {
    shutdownOutput();
    deadline(atMost);
    byte[] thrownAway = new byte[4096];
    try {
      while (read(thrownAway, 0, thrownAway.length) >= 0) {
        // Until the peer ends, too.
      }
    } catch (IOException _) {
      // It is over one way or the other.
    }
    close();
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
}
