package dev.poststation.hostile;

import dev.poststation.os.Connection;
import dev.poststation.os.Network;
import dev.poststation.os.NotOursException;
import dev.poststation.sim.MemoryConnection;
import dev.poststation.sim.SimTime;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// A network within memory: what listens, and who serves at an address. Safe for any thread.
final class Streets implements Network {
  private final SimTime time;
  private final Crew crew;
  private final Map<String, Consumer<MemoryConnection>> houses = new ConcurrentHashMap<>();
  private final Map<String, Door> doors = new ConcurrentHashMap<>();
  private final Set<String> silent = ConcurrentHashMap.newKeySet();
  private final Set<InetAddress> strange = ConcurrentHashMap.newKeySet();
  private final Set<MemoryConnection> opened = ConcurrentHashMap.newKeySet();
  private final AtomicInteger port = new AtomicInteger(40_000);

  Streets(SimTime time, Crew crew) {
    this.time = time;
    this.crew = crew;
  }

  /// At this address somebody serves each connection, on a thread of its own.
  void house(String address, Consumer<MemoryConnection> host) {
    houses.put(address, host);
  }

  /// There nobody answers at all.
  void silentAt(String address) {
    silent.add(address);
  }

  /// There somebody answers again.
  void noLongerSilentAt(String address) {
    silent.remove(address);
  }

  /// This machine does not have that address, or has it again.
  void lacks(String address, boolean lacks) {
    if (lacks) {
      strange.add(World.address(address));
    } else {
      strange.remove(World.address(address));
    }
  }

  /// Connections that we opened and that are open at our end.
  long open() {
    opened.removeIf(MemoryConnection::closed);
    return opened.size();
  }

  private static String name(InetSocketAddress address) {
    return address.getAddress().getHostAddress() + ":" + address.getPort();
  }

  @Override
  public Connection connect(InetSocketAddress to, InetAddress from, Duration timeout)
      throws IOException {
    if (from != null && strange.contains(from)) {
      throw new NotOursException(from);
    }
    String there = name(to);
    if (silent.contains(there)) {
      try {
        time.sleep(timeout);
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      throw new SocketTimeoutException("Connect timed out");
    }
    var host = houses.get(there);
    if (host == null) {
      throw new ConnectException("Connection refused");
    }
    var pair =
        MemoryConnection.pair(time, here(from == null ? "192.0.2.200" : from.getHostAddress()), to);
    opened.add(pair.client());
    crew.virtual("hop-" + there, () -> host.accept(pair.server()));
    return pair.client();
  }

  /// A client of ours calls a listener from this address.
  MemoryConnection call(String from, InetSocketAddress listener) {
    var pair = MemoryConnection.pair(time, here(from), listener);
    var door = doors.get(name(listener));
    if (door == null) {
      throw new AssertionError("nobody listens at " + listener);
    }
    door.waiting.add(pair.server());
    return pair.client();
  }

  private InetSocketAddress here(String address) {
    return new InetSocketAddress(World.address(address), port.incrementAndGet());
  }

  @Override
  public Acceptor listen(InetSocketAddress address, int backlog) {
    var door = new Door(address);
    doors.put(name(address), door);
    return door;
  }

  private static final class Door implements Acceptor {
    private final InetSocketAddress address;
    private final BlockingQueue<MemoryConnection> waiting = new LinkedBlockingQueue<>();
    private volatile Thread accepting;
    private volatile boolean closed;

    Door(InetSocketAddress address) {
      this.address = address;
    }

    @Override
    public InetSocketAddress local() {
      return address;
    }

    @Override
    public Connection accept() throws IOException {
      accepting = Thread.currentThread();
      try {
        if (closed) {
          throw new IOException("closed");
        }
        return waiting.take();
      } catch (InterruptedException e) {
        throw new IOException("closed", e);
      }
    }

    @Override
    public void close() {
      closed = true;
      var thread = accepting;
      if (thread != null) {
        thread.interrupt();
      }
    }
  }

  @Override
  public byte[] exchange(
      InetSocketAddress to,
      byte[] datagram,
      int sizeMax,
      Duration timeout,
      Predicate<byte[]> answers) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Set<InetAddress> localAddresses() {
    return Set.of();
  }
}
