package dev.poststation.sim;

import dev.poststation.os.Time;
import dev.poststation.sim.SimEngines.Fault;
import dev.poststation.sim.SimEngines.Operation;
import dev.poststation.sim.SimState.Change;
import dev.poststation.sim.SimState.Kind;
import dev.poststation.sim.SimState.Value;
import dev.poststation.spool.Engine;
import dev.poststation.spool.SpoolException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/// An opening of a simulated disk.
final class SimEngine implements Engine {
  private final SimEngines process;
  private final SimDisk disk;
  private final RandomGenerator chance;
  private final SimState state;
  private Health health = Health.SOUND;
  private boolean closed;

  /// What can be said of writes: after one has failed, that they fail too, or that they succeed and
  /// nothing of them reaches the disk.
  private enum Health {
    SOUND,
    REFUSES,
    PRETENDS
  }

  SimEngine(SimEngines process, SimDisk disk, RandomGenerator chance) {
    this.process = process;
    this.disk = disk;
    this.chance = chance;
    state = disk.recovered();
  }

  SimState state() {
    return state;
  }

  @Override
  public Changes changes() {
    return new SimChanges();
  }

  private final class SimChanges implements Changes {
    private List<Change> changes = new ArrayList<>();

    @Override
    public void put(Family family, byte[] key, byte[] value) {
      changes.add(new Change(Kind.PUT, family, key.clone(), value.clone()));
    }

    @Override
    public void delete(Family family, byte[] key) {
      changes.add(new Change(Kind.DELETE, family, key.clone(), new byte[0]));
    }

    @Override
    public void singleDelete(Family family, byte[] key) {
      changes.add(new Change(Kind.SINGLE_DELETE, family, key.clone(), new byte[0]));
    }

    @Override
    public int count() {
      return changes.size();
    }

    @Override
    public void clear() {
      changes = new ArrayList<>();
    }

    @Override
    public void write(boolean sync) throws RocksDBException {
      SimEngine.this.write(List.copyOf(changes), sync);
    }

    @Override
    public void close() {
      clear();
    }
  }

  private void write(List<Change> changes, boolean sync) throws RocksDBException {
    Fault fault = process.begin(sync ? Operation.SYNCED_WRITE : Operation.WRITE);
    synchronized (disk) {
      checkWriting();
      if (health == Health.PRETENDS) {
        state.apply(changes, disk.misuses());
        return;
      }
      boolean fits = disk.hasRoomFor(state, changes);
      switch (fault == Fault.NONE && !fits ? Fault.NO_SPACE : fault) {
        case NONE -> {
          disk.append(changes);
          disk.heal(changes);
          state.apply(changes, disk.misuses());
          if (sync) {
            disk.sync();
          }
        }
        case IO_ERROR -> throw failWrite(changes, sync, Fault.IO_ERROR);
        case NO_SPACE -> throw failWrite(changes, false, Fault.NO_SPACE);
        case POWER_CUT, KILL -> {
          if (fits && chance.nextBoolean()) {
            disk.append(changes);
          }
          throw process.end(fault);
        }
      }
    }
  }

  private RocksDBException failWrite(List<Change> changes, boolean sync, Fault fault) {
    boolean written = disk.hasRoomFor(state, changes) && chance.nextBoolean();
    if (written) {
      disk.append(changes);
    }
    if (written && sync) {
      disk.syncSome(chance);
    }
    return fail(fault, "While appending to file: 000008.log");
  }

  private RocksDBException fail(Fault fault, String what) {
    health = chance.nextBoolean() ? Health.REFUSES : Health.PRETENDS;
    return SimEngines.failure(fault, what);
  }

  private void checkWriting() throws RocksDBException {
    if (closed) {
      throw new IllegalStateException("an engine that is closed was to write");
    }
    if (health == Health.REFUSES) {
      throw SimEngines.failure(Fault.IO_ERROR, "A write failed before");
    }
  }

  @Override
  public void sync() throws RocksDBException {
    Fault fault = process.begin(Operation.SYNC);
    synchronized (disk) {
      checkWriting();
      if (health == Health.PRETENDS) {
        return;
      }
      switch (fault) {
        case NONE -> disk.sync();
        case IO_ERROR, NO_SPACE -> {
          disk.syncSome(chance);
          throw fail(fault, "While fdatasync: 000008.log");
        }
        case POWER_CUT, KILL -> throw process.end(fault);
      }
    }
  }

  /// Begins to read. What is left of the faults ends it; the caller holds the lock of the disk.
  private void checkReading(Fault fault) throws RocksDBException, SpoolException {
    if (closed) {
      throw new SpoolException("The spool is being opened anew", false);
    }
    switch (fault) {
      case NONE, NO_SPACE -> {}
      case IO_ERROR -> throw SimEngines.failure(fault, "While pread offset 0 len 4096: 000007.sst");
      case POWER_CUT, KILL -> throw process.end(fault);
    }
  }

  @Override
  public byte @Nullable [] get(Family family, byte[] key) throws RocksDBException, SpoolException {
    Fault fault = process.begin(Operation.GET);
    synchronized (disk) {
      checkReading(fault);
      Value found = state.get(family, key);
      if (found != null && disk.isDamaged(family, key)) {
        throw SimEngines.damage(family);
      }
      return found == null ? null : found.octets().clone();
    }
  }

  @Override
  public void visit(Family family, byte[] from, byte[] to, Visitor visitor)
      throws RocksDBException, SpoolException {
    Fault fault = process.begin(Operation.VISIT);
    NavigableMap<byte[], Value> entries;
    synchronized (disk) {
      checkReading(fault);
      entries = state.lend(family);
    }
    try {
      for (var entry = entries.ceilingEntry(from);
          entry != null && Arrays.compareUnsigned(entry.getKey(), to) < 0;
          entry = entries.higherEntry(entry.getKey())) {
        if (!show(family, entry, visitor)) {
          return;
        }
      }
    } finally {
      synchronized (disk) {
        state.giveBack(family, entries);
      }
    }
  }

  private boolean show(Family family, Map.Entry<byte[], Value> entry, Visitor visitor)
      throws RocksDBException, SpoolException {
    synchronized (disk) {
      if (disk.isDamaged(family, entry.getKey())) {
        throw SimEngines.damage(family);
      }
    }
    return visitor.visit(entry.getKey().clone(), entry.getValue().octets().clone());
  }

  @Override
  public byte @Nullable [] lastUpTo(Family family, byte[] key)
      throws RocksDBException, SpoolException {
    Fault fault = process.begin(Operation.GET);
    synchronized (disk) {
      checkReading(fault);
      byte[] found = state.floor(family, key);
      return found == null ? null : found.clone();
    }
  }

  @Override
  public long bytesOnDisk() throws RocksDBException, SpoolException {
    Fault fault = process.begin(Operation.MEASURE);
    synchronized (disk) {
      checkReading(fault);
      return disk.occupied(state);
    }
  }

  @Override
  public long bytesOnDisk(Family family) throws RocksDBException, SpoolException {
    Fault fault = process.begin(Operation.MEASURE);
    synchronized (disk) {
      checkReading(fault);
      return state.octets(family);
    }
  }

  @Override
  public void collectGarbage() throws RocksDBException {
    Fault fault = process.begin(Operation.COLLECT);
    synchronized (disk) {
      checkWriting();
      switch (fault) {
        case NONE -> disk.garbage(0);
        case IO_ERROR, NO_SPACE -> {
          health = chance.nextBoolean() ? health : Health.REFUSES;
          throw SimEngines.failure(fault, "While appending to file: 000010.sst");
        }
        case POWER_CUT, KILL -> throw process.end(fault);
      }
    }
  }

  /// All entries can be copied that are not damaged themselves.
  @Override
  public void renew(Set<Family> damaged, Time time) throws RocksDBException {
    Fault fault = process.begin(Operation.RENEW);
    synchronized (disk) {
      checkWriting();
      switch (fault) {
        case NONE -> damaged.forEach(this::renew);
        case IO_ERROR, NO_SPACE -> throw fail(fault, "While appending to file: 000011.sst");
        case POWER_CUT, KILL -> throw process.end(fault);
      }
    }
  }

  private void renew(Family family) {
    List<Change> losses = disk.losses(family);
    disk.append(losses);
    disk.heal(losses);
    state.apply(losses, disk.misuses());
    disk.sync();
  }

  @Override
  public void close() {
    try {
      Fault fault = process.begin(Operation.CLOSE);
      if (fault == Fault.POWER_CUT || fault == Fault.KILL) {
        process.end(fault);
      }
    } catch (RocksDBException _) {
      // It is dead already, and nothing is left to be closed.
    }
    synchronized (disk) {
      if (!closed) {
        closed = true;
        process.closed();
      }
    }
  }
}
