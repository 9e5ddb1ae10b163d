package dev.poststation.sim.world;

import dev.poststation.os.Chance;
import dev.poststation.os.Os;
import dev.poststation.os.Tasks;
import dev.poststation.sim.MemoryDisk;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.random.RandomGenerator;

/// A computer of a simulated world: an address, a disk that outlives its processes, and one process
/// at a time. Confined to the kernel's thread.
final class Machine {
  private final Kernel kernel;
  private final Wires network;
  private final InetAddress address;
  private final RandomGenerator chance;
  private final Set<Wire> wires = new LinkedHashSet<>();
  private final MemoryDisk disk = new MemoryDisk();
  private Kernel.Group process;
  private boolean powered = true;
  private Duration clockWrong = Duration.ZERO;

  Machine(Kernel kernel, Wires network, String address, RandomGenerator chance) {
    this.kernel = kernel;
    this.network = network;
    this.chance = chance;
    this.process = kernel.group();
    try {
      this.address = InetAddress.getByName(address);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  InetAddress address() {
    return address;
  }

  /// The process that runs now.
  Kernel.Group process() {
    return process;
  }

  /// The ends of connections that are here.
  Set<Wire> wires() {
    return wires;
  }

  boolean powered() {
    return powered;
  }

  MemoryDisk disk() {
    return disk;
  }

  /// The machine as the process that runs now sees it.
  Os os() {
    var threads = process;
    Tasks tasks =
        new Tasks() {
          @Override
          public Thread virtual(String name, Runnable body) {
            return threads.start(name, body);
          }

          @Override
          public Thread platform(String name, Runnable body) {
            return threads.start(name, body);
          }
        };
    Chance lots =
        new Chance() {
          @Override
          public int below(int bound) {
            return chance.nextInt(bound);
          }

          @Override
          public void fill(byte[] bytes) {
            chance.nextBytes(bytes);
          }
        };
    return new Os(
        new WorldTime(kernel, threads, () -> clockWrong),
        network.of(this, threads),
        tasks,
        lots,
        new ProcessDisk(disk, kernel.log()));
  }

  /// From now on its wall clock is wrong by so much.
  void setClock(Duration wrong) {
    clockWrong = wrong;
  }

  /// The process is no more, from one moment to the next; the kernel of the machine tells those who
  /// were connected.
  void kill() {
    process.end();
    network.closeDoors(this);
    Wires.abandon(this);
    process = kernel.group();
  }

  /// The machine is no more, and tells nobody.
  void cutPower() {
    powered = false;
    kill();
  }

  void restorePower() {
    powered = true;
  }
}
