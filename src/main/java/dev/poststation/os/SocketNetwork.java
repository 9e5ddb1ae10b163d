package dev.poststation.os;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// TCP of the machine. One platform thread sweeps over the open connections and ends those whose
/// deadline has passed: a timed wait per read would cost more than the read. Safe for any thread.
final class SocketNetwork implements Network {
  private static final Duration SWEEP = Duration.ofMillis(200);

  private final Time time;
  private final Tasks tasks;
  private final Set<SocketConnection> open = ConcurrentHashMap.newKeySet();
  private boolean sweeping;

  SocketNetwork(Time time, Tasks tasks) {
    this.time = time;
    this.tasks = tasks;
  }

  @Override
  public Acceptor listen(InetSocketAddress address, int backlog) throws IOException {
    var socket = new ServerSocket();
    try {
      socket.setReuseAddress(true);
      socket.bind(address, backlog);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
    return new SocketAcceptor(socket);
  }

  @Override
  public Connection connect(InetSocketAddress to, @Nullable InetAddress from, Duration timeout)
      throws IOException {
    var socket = new Socket();
    try {
      if (from != null) {
        bind(socket, from);
      }
      socket.connect(to, Math.toIntExact(timeout.toMillis()));
      return adopt(socket);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private static void bind(Socket socket, InetAddress from) throws IOException {
    try {
      socket.bind(new InetSocketAddress(from, 0));
    } catch (IOException e) {
      throw NotOursException.of(from, e);
    }
  }

  @Override
  public Connection connect(String path) throws IOException {
    var socket = UnixSocket.connected(Path.of(path));
    try {
      return adopt(socket);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  @Override
  public byte[] exchange(
      InetSocketAddress to,
      byte[] datagram,
      int sizeMax,
      Duration timeout,
      Predicate<byte[]> answers)
      throws IOException {
    try (var socket = new DatagramSocket()) {
      socket.connect(to); // The kernel drops what comes from others, and reports a closed port.
      socket.send(new DatagramPacket(datagram, datagram.length));
      long end = time.nanos() + timeout.toNanos();
      var packet = new DatagramPacket(new byte[sizeMax], sizeMax);
      while (true) {
        int left = Math.toIntExact((end - time.nanos()) / 1_000_000);
        if (left <= 0) {
          throw new SocketTimeoutException("no answer from " + to);
        }
        socket.setSoTimeout(left);
        packet.setLength(sizeMax);
        socket.receive(packet);
        byte[] answer = Arrays.copyOf(packet.getData(), packet.getLength());
        if (answers.test(answer)) {
          return answer;
        }
      }
    }
  }

  @Override
  public Set<InetAddress> localAddresses() throws IOException {
    Set<InetAddress> addresses = new HashSet<>();
    NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .forEach(addresses::add);
    return addresses;
  }

  @Override
  public Map<InetAddress, String> neighbours() throws IOException {
    return NeighbourTable.read();
  }

  private Connection adopt(Socket socket) throws IOException {
    if (!(socket instanceof UnixSocket)) {
      socket.setTcpNoDelay(true);
      socket.setKeepAlive(true);
    }
    var connection = new SocketConnection(socket, time, open::remove);
    open.add(connection);
    startSweeping();
    return connection;
  }

  private synchronized void startSweeping() {
    if (!sweeping) {
      sweeping = true;
      tasks.platform("deadlines", this::sweep);
    }
  }

  private void sweep() {
    try {
      while (true) {
        time.sleep(SWEEP);
        long now = time.nanos();
        for (var connection : open) {
          connection.expire(now);
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private final class SocketAcceptor implements Acceptor {
    private final ServerSocket socket;

    private SocketAcceptor(ServerSocket socket) {
      this.socket = socket;
    }

    @Override
    public InetSocketAddress local() {
      return (InetSocketAddress) socket.getLocalSocketAddress();
    }

    @Override
    public Connection accept() throws IOException {
      Socket accepted = socket.accept();
      try {
        return adopt(accepted);
      } catch (IOException e) {
        accepted.close();
        throw e;
      }
    }

    @Override
    public void close() {
      try {
        socket.close();
      } catch (IOException _) {
        // Nothing is lost: it does not listen any more.
      }
    }
  }
}
