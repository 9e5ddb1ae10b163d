package dev.poststation.sim;

import dev.poststation.message.QueueId;
import dev.poststation.spool.Engine;
import dev.poststation.spool.Engine.Family;
import dev.poststation.spool.Engines;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/// Engines of a process over a simulated disk, which outlives them: power cuts, kills, and failures
/// of single operations. What a fault leaves behind is drawn by lot from all that the promises of
/// `Engine` allow. Nothing here waits, starts threads or knows the time; with one thread, the same
/// faults and the same lots, everything is the same. Safe for any thread.
///
/// All openings are of the same entries, whatever the directory.
public final class SimEngines implements Engines {
  /// What a process asks of an engine.
  public enum Operation {
    /// Opens it.
    OPEN,
    /// Writes, and does not wait for the disk.
    WRITE,
    /// Writes, and syncs.
    SYNCED_WRITE,
    /// Syncs what was written.
    SYNC,
    /// Reads one entry.
    GET,
    /// Begins to read several.
    VISIT,
    /// Asks how much it occupies.
    MEASURE,
    /// Collects garbage.
    COLLECT,
    /// Copies entries around damage.
    RENEW,
    /// Closes it.
    CLOSE
  }

  /// What becomes of an operation.
  public enum Fault {
    /// It succeeds.
    NONE,
    /// The disk fails. What was to be written may be there or not; of a sync, any part. After that
    /// this opening refuses to write, or pretends to.
    IO_ERROR,
    /// The same, for want of space. Reading goes on.
    NO_SPACE,
    /// The machine loses power. What was synced stays, and of the rest the beginning, up to any
    /// batch. Nothing works any more in this process.
    POWER_CUT,
    /// The process is killed. What was written stays.
    KILL
  }

  /// Decides what goes wrong. Called before each operation, by the thread that asks for it, without
  /// a lock: it may let others run, cut the power, or look at the simulated world.
  public interface Faults {
    /// Nothing goes wrong.
    Faults NONE = (_, _) -> Fault.NONE;

    /// What becomes of an operation.
    ///
    /// @param number how many operations of this process there were, this one included
    Fault before(Operation operation, long number);
  }

  private final SimDisk disk;
  private final RandomGenerator chance;
  private volatile Faults faults = Faults.NONE;
  private @Nullable SimEngine open;
  private long operations;
  private boolean dead;

  /// Engines over an empty disk.
  ///
  /// @param chance draws the lots
  public SimEngines(RandomGenerator chance) {
    this(new SimDisk(), chance);
  }

  private SimEngines(SimDisk disk, RandomGenerator chance) {
    this.disk = disk;
    this.chance = chance;
  }

  /// The engines of a new process on the same disk. This one is killed, if it is not dead yet.
  public SimEngines restarted() {
    kill();
    return new SimEngines(disk, chance);
  }

  /// From now on these faults happen.
  public void faults(Faults faults) {
    this.faults = faults;
  }

  /// The faults that happen now.
  public Faults faults() {
    return faults;
  }

  /// The machine loses power now.
  public void cutPower() {
    synchronized (disk) {
      if (!dead) {
        disk.losePower(chance);
        dead = true;
      }
    }
  }

  /// The process is killed now.
  public void kill() {
    synchronized (disk) {
      dead = true;
    }
  }

  /// Whether the process has neither lost power nor been killed.
  public boolean alive() {
    synchronized (disk) {
      return !dead;
    }
  }

  /// How many operations there were.
  public long operations() {
    synchronized (disk) {
      return operations;
    }
  }

  /// How many batches a power cut could take.
  public int unsynced() {
    synchronized (disk) {
      return disk.unsynced();
    }
  }

  /// What was asked of the engine, in whatever process, that a real one does not promise.
  public List<String> misuses() {
    synchronized (disk) {
      return List.copyOf(disk.misuses());
    }
  }

  /// From now on the disk holds this much; writing more fails.
  public void capacity(long octets) {
    synchronized (disk) {
      disk.capacity(octets);
    }
  }

  /// From now on this much of what the engine occupies is garbage, until it is collected.
  public void garbage(long octets) {
    synchronized (disk) {
      disk.garbage(octets);
    }
  }

  /// What is left on the disk.
  public long usableBytes() {
    synchronized (disk) {
      return disk.usable(state());
    }
  }

  /// From now on the first chunk of the content of this mail cannot be read.
  public void damageContent(QueueId id) {
    damage(Family.BODY, ByteBuffer.allocate(Long.BYTES).putLong(id.value()).array());
  }

  /// From now on the envelope of this mail cannot be read.
  public void damageMail(QueueId id) {
    byte[] key = ByteBuffer.allocate(10).put((byte) 'm').putLong(id.value()).put((byte) 0).array();
    damage(Family.RECORDS, key);
  }

  private void damage(Family family, byte[] beginning) {
    synchronized (disk) {
      disk.damage(family, beginning, state());
    }
  }

  private SimState state() {
    return open == null ? disk.durable() : open.state();
  }

  @Override
  public Engine open(Path directory, Care care) throws RocksDBException {
    Fault fault = begin(Operation.OPEN);
    synchronized (disk) {
      switch (fault) {
        case NONE -> {}
        case IO_ERROR, NO_SPACE -> throw failure(fault, "While appending to file: 000007.sst");
        case POWER_CUT, KILL -> throw end(fault);
      }
      if (open != null) {
        throw ioError("lock hold by current process: LOCK", Status.SubCode.None);
      }
      open = new SimEngine(this, disk, chance);
      return open;
    }
  }

  void closed() {
    open = null;
  }

  /// Counts an operation, and says what becomes of it.
  Fault begin(Operation operation) throws RocksDBException {
    long number;
    synchronized (disk) {
      checkAlive();
      number = ++operations;
    }
    Fault fault = faults.before(operation, number);
    synchronized (disk) {
      checkAlive();
    }
    return fault;
  }

  private void checkAlive() throws RocksDBException {
    if (dead) {
      throw ioError("the machine is off, or the process is dead", Status.SubCode.None);
    }
  }

  /// Ends the process.
  RocksDBException end(Fault fault) {
    if (fault == Fault.POWER_CUT) {
      cutPower();
    }
    kill();
    return ioError("the machine is off, or the process is dead", Status.SubCode.None);
  }

  /// What an engine throws, in the words of RocksDB.
  static RocksDBException failure(Fault fault, String what) {
    return fault == Fault.NO_SPACE
        ? ioError(what + ": No space left on device", Status.SubCode.NoSpace)
        : ioError(what + ": Input/output error", Status.SubCode.None);
  }

  private static RocksDBException ioError(String what, Status.SubCode kind) {
    return new RocksDBException(what, new Status(Status.Code.IOError, kind, what));
  }

  /// What an engine throws of an entry that is not as it was written.
  static RocksDBException damage(Family family) {
    String what =
        family == Family.BODY
            ? "Blob CRC mismatch in 000009.blob"
            : "block checksum mismatch in 000007.sst";
    return new RocksDBException(
        what, new Status(Status.Code.Corruption, Status.SubCode.None, what));
  }
}
