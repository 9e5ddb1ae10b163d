package dev.poststation.sim.world;

import dev.poststation.config.Configuration;
import dev.poststation.os.Os;
import dev.poststation.sim.SimEngines;
import dev.poststation.sim.SimEngines.Fault;
import dev.poststation.sim.SimEngines.Operation;
import dev.poststation.spool.LocalSpool;
import dev.poststation.spool.Spool;
import dev.poststation.spool.SpoolException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// The disk of the relay in a simulated world, and the real spool on it. It takes its time, fails
/// now and then for a while, and chooses the worst moments for the power to be cut. Confined to the
/// kernel's thread.
final class Storage {
  private final Kernel kernel;
  private final RandomGenerator chance;
  private final double ends;
  private final double failsWithin;
  private final long syncMicros;
  private final Consumer<Boolean> onEnd;
  private SimEngines engines;
  private long failsUntil;
  private long firstFailure = Long.MAX_VALUE;
  private long faults;
  private boolean calm;

  /// @param ends the part of operations at which the process ends
  /// @param failsWithin the part of operations that fail while the disk is in a bad state
  /// @param syncMicros a sync takes up to twice as long
  /// @param onEnd is told that the process ends, and whether the power is cut; by a thread of it
  Storage(
      Kernel kernel,
      RandomGenerator chance,
      double ends,
      double failsWithin,
      long syncMicros,
      Consumer<Boolean> onEnd) {
    this.kernel = kernel;
    this.chance = chance;
    this.ends = ends;
    this.failsWithin = failsWithin;
    this.syncMicros = syncMicros;
    this.onEnd = onEnd;
    this.engines = new SimEngines(chance);
  }

  /// The spool for a new process.
  Spool open(Configuration configuration, Os os) throws SpoolException {
    engines.faults((operation, _) -> before(operation, os));
    return LocalSpool.open(
        os,
        configuration.data(),
        configuration.spool(),
        engines,
        configuration.limits().bodyMemory());
  }

  private Fault before(Operation operation, Os os) {
    boolean syncs = operation == Operation.SYNCED_WRITE || operation == Operation.SYNC;
    if (syncs) {
      take(os, Duration.ofNanos(1000 * (syncMicros + chance.nextLong(syncMicros + 1))));
    } else if (chance.nextInt(4) == 0) {
      Kernel.letOthersRun();
    }
    boolean writes = syncs || operation == Operation.WRITE;
    if (!calm && writes && chance.nextDouble() < ends) {
      onEnd.accept(chance.nextBoolean());
      while (true) {
        LockSupport.park(); // It never comes back: its process is no more.
      }
    }
    if (fails(operation)) {
      faults++;
      firstFailure = Math.min(firstFailure, kernel.nanos());
      return chance.nextInt(4) == 0 && writes ? Fault.NO_SPACE : Fault.IO_ERROR;
    }
    if (operation == Operation.SYNCED_WRITE) {
      firstFailure = Long.MAX_VALUE;
    }
    return Fault.NONE;
  }

  /// Failures come together: for some minutes, every now and then.
  private boolean fails(Operation operation) {
    if (calm || failsWithin == 0 || operation == Operation.CLOSE) {
      return false;
    }
    if (kernel.nanos() < failsUntil) {
      return chance.nextDouble() < 0.3;
    }
    if (chance.nextDouble() < failsWithin) {
      failsUntil = kernel.nanos() + Duration.ofSeconds(chance.nextInt(300)).toNanos();
      return true;
    }
    return false;
  }

  private static void take(Os os, Duration time) {
    try {
      os.time().sleep(time);
    } catch (InterruptedException e) {
      throw new AssertionError("nobody interrupts the committer", e);
    }
  }

  /// The process that had it open has ended.
  ///
  /// @param power whether because the power was cut
  void ended(boolean power) {
    if (power) {
      engines.cutPower();
    }
    engines = engines.restarted();
    firstFailure = Long.MAX_VALUE;
  }

  /// Whether something may not have got to the disk that the relay could write again.
  boolean failing() {
    return firstFailure != Long.MAX_VALUE;
  }

  /// Since when nothing that was settled has surely got to the disk; now, when it does.
  long untoldSince() {
    return Math.min(firstFailure, kernel.nanos());
  }

  /// From now on it works.
  void calm() {
    calm = true;
  }

  /// Failures so far.
  long faults() {
    return faults;
  }
}
