package dev.poststation.sim.world;

import dev.poststation.os.Connection;
import dev.poststation.os.Network;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/// All that connects the machines of a simulated world: who listens where, how long octets take,
/// and what breaks. Confined to the kernel's thread.
final class Wires {
  private static final int FIRST_PORT = 40_000;

  private final Kernel kernel;
  private final RandomGenerator chance;
  private final Trouble trouble;
  private final Map<InetSocketAddress, Door> doors = new HashMap<>();
  private final Map<InetAddress, Machine> machines = new HashMap<>();
  private Consumer<Machine> opened = _ -> {};
  private int ports = FIRST_PORT;

  Wires(Kernel kernel, RandomGenerator chance, Trouble trouble) {
    this.kernel = kernel;
    this.chance = chance;
    this.trouble = trouble;
  }

  Kernel kernel() {
    return kernel;
  }

  /// Puts a new machine into the world.
  Machine machine(String address, RandomGenerator lots) {
    var machine = new Machine(kernel, this, address, lots);
    machines.put(machine.address(), machine);
    return machine;
  }

  /// @param onOpened is told of the machine that has opened a connection
  void watch(Consumer<Machine> onOpened) {
    opened = onOpened;
  }

  RandomGenerator chance() {
    return chance;
  }

  Trouble trouble() {
    return trouble;
  }

  /// The network as a machine sees it as long as this process of it lives.
  Network of(Machine machine, Kernel.Group process) {
    return new Plug(machine, process);
  }

  /// The wires of a process that has ended: the other ends hear of it, unless the power is off.
  static void abandon(Machine machine) {
    for (var wire : List.copyOf(machine.wires())) {
      wire.abandon();
    }
    machine.wires().clear();
  }

  void closeDoors(Machine machine) {
    doors.values().removeIf(door -> door.machine == machine);
  }

  private final class Plug implements Network {
    private final Machine machine;
    private final Kernel.Group process;

    private Plug(Machine machine, Kernel.Group process) {
      this.machine = machine;
      this.process = process;
    }

    @Override
    public Acceptor listen(InetSocketAddress address, int backlog) throws IOException {
      var door = new Door(machine, address);
      if (doors.putIfAbsent(address, door) != null) {
        throw new BindException("Address already in use");
      }
      return door;
    }

    @Override
    public Connection connect(InetSocketAddress to, InetAddress from, Duration timeout)
        throws IOException {
      var host = machines.get(to.getAddress());
      var outcome = host == null || !host.powered() ? Trouble.Dial.SILENCE : trouble.dial(chance);
      kernel.tell(() -> machine.address() + " dials " + to + ": " + outcome);
      var clock = new WorldTime(kernel, process, () -> Duration.ZERO);
      try {
        if (outcome == Trouble.Dial.SILENCE) {
          clock.sleep(timeout);
          throw new SocketTimeoutException("Connect timed out");
        }
        clock.sleep(trouble.latency(chance).multipliedBy(2));
      } catch (InterruptedException e) {
        throw new IOException("interrupted", e);
      }
      var door = doors.get(to);
      if (door == null || outcome == Trouble.Dial.REFUSED) {
        throw new ConnectException("Connection refused");
      }
      var address = from == null ? machine.address() : from;
      var here = new InetSocketAddress(address, ports++);
      var mine = new Wire(Wires.this, machine, process, here, to);
      var theirs = new Wire(Wires.this, door.machine, door.process, to, here);
      Wire.join(mine, theirs);
      opened.accept(machine);
      door.come(theirs);
      return mine;
    }

    @Override
    public byte[] exchange(
        InetSocketAddress to,
        byte[] datagram,
        int sizeMax,
        Duration timeout,
        Predicate<byte[]> answers)
        throws IOException {
      throw new ConnectException("nobody answers datagrams in this world");
    }

    @Override
    public Set<InetAddress> localAddresses() {
      return Set.of(machine.address());
    }
  }

  /// A listening socket.
  private final class Door implements Network.Acceptor {
    private final Machine machine;
    private final Kernel.Group process;
    private final InetSocketAddress address;
    private final ArrayDeque<Wire> waiting = new ArrayDeque<>();
    private Thread acceptor;
    private boolean closed;

    private Door(Machine machine, InetSocketAddress address) {
      this.machine = machine;
      this.process = machine.process();
      this.address = address;
    }

    private void come(Wire wire) {
      waiting.add(wire);
      LockSupport.unpark(acceptor);
    }

    @Override
    public InetSocketAddress local() {
      return address;
    }

    @Override
    public Connection accept() throws IOException {
      acceptor = Thread.currentThread();
      while (waiting.isEmpty() && !closed) {
        LockSupport.park(this);
      }
      if (closed) {
        throw new IOException("closed");
      }
      return waiting.poll();
    }

    @Override
    public void close() {
      closed = true;
      doors.remove(address, this);
      new ArrayList<>(waiting).forEach(Wire::reset);
      LockSupport.unpark(acceptor);
    }
  }
}
