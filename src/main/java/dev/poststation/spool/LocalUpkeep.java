package dev.poststation.spool;

import dev.poststation.message.QueueId;
import dev.poststation.os.Os;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The upkeep of the local spool. Safe for any thread.
final class LocalUpkeep implements Upkeep, SpoolAccess {
  private static final Logger LOG = LoggerFactory.getLogger(LocalUpkeep.class);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

  /// Copying around damage takes as long as reading the spool.
  private static final Duration REPAIR_MAX = Duration.ofHours(6);

  private static final int TRIES_MAX = 10;

  private final Os os;
  private final Path data;
  private final LocalSpool spool;
  private final Room room;
  private final AtomicBoolean fixed = new AtomicBoolean();
  private final Set<String> damagedBefore = ConcurrentHashMap.newKeySet();

  LocalUpkeep(Os os, DataDirectory directory, LocalSpool spool, Room room) {
    this.os = os;
    this.data = directory.path();
    this.damagedBefore.addAll(directory.damagedBefore());
    this.spool = spool;
    this.room = room;
  }

  @Override
  public Checkpoint checkpoint() throws SpoolException {
    if (!fixed.compareAndSet(false, true)) {
      throw new SpoolException("A backup is being made just now: wait until it has ended", false);
    }
    Path directory = data.resolve(DataDirectory.CHECKPOINT);
    try {
      haveRoom();
      os.disk().remove(directory);
      os.disk().remove(data.resolve(DataDirectory.CHECKPOINT + ".tmp")); // Of one that failed.
      // What was settled before must not be delivered again for want of a moment.
      spool.barrier();
      long mails = spool.mails();
      spool.read(
          catalogue -> {
            catalogue.engine().checkpoint(directory);
            return true;
          });
      return new Fixed(directory, mails);
    } catch (IOException e) {
      remove(directory);
      throw e instanceof SpoolException ours
          ? ours
          : new SpoolException("A backup cannot be made: " + e.getMessage(), false, e);
    }
  }

  /// What is in memory is written into tables first, and meanwhile nothing that is deleted gives
  /// its room back.
  private void haveRoom() throws IOException {
    long usable = os.disk().usableBytes(data);
    if (usable < room.reserve()) {
      throw new SpoolException(
          "A backup of a running relay takes some room in "
              + data
              + ", and only "
              + (usable / 1_000_000)
              + " MB are left, less than spool.reserve: make room, or stop the relay and run the"
              + " backup then",
          true);
    }
  }

  private void remove(Path directory) {
    try {
      os.disk().remove(directory);
    } catch (IOException e) {
      LOG.warn("{} cannot be removed: {}", directory, e.getMessage());
    } finally {
      fixed.set(false);
    }
  }

  private final class Fixed implements Checkpoint {
    private final Path directory;
    private final long mails;
    private final AtomicBoolean closed = new AtomicBoolean();

    Fixed(Path directory, long mails) {
      this.directory = directory;
      this.mails = mails;
    }

    @Override
    public Path directory() {
      return directory;
    }

    @Override
    public long mails() {
      return mails;
    }

    @Override
    public void close() {
      if (closed.compareAndSet(false, true)) {
        remove(directory);
      }
    }
  }

  @Override
  public Findings check(LongConsumer progress) throws SpoolException {
    return new Inspection(this, progress).run();
  }

  @Override
  public Set<Long> corrupt() {
    return spool.corrupt();
  }

  @Override
  public long greatestId() {
    return spool.greatestId();
  }

  @Override
  public List<String> newlyDamaged() throws SpoolException {
    try {
      List<String> fresh = new ArrayList<>();
      for (String name : DataDirectory.damaged(os, data)) {
        if (damagedBefore.add(name)) {
          fresh.add(name);
        }
      }
      return fresh;
    } catch (IOException e) {
      throw new SpoolException("The directory " + data + " cannot be read: " + e, false, e);
    }
  }

  @Override
  public void barrier() throws SpoolException {
    spool.barrier();
  }

  @Override
  public <T> T read(Lookup<T> lookup, Consumer<String> repaired) throws SpoolException {
    for (int tries = 1; ; tries++) {
      Engine engine = awaitEngine();
      try {
        return spool.read(lookup);
      } catch (SpoolException e) {
        var damage = damage(e);
        if (damage.isPresent()) {
          letExamine();
        }
        if (spool.hasOpen(engine) || tries == TRIES_MAX) {
          throw damage.isEmpty()
              ? e
              : new SpoolException(
                  "Damage that is not repaired now, as the server log says: " + damage.get(),
                  false,
                  e);
        }
        damage.ifPresent(repaired);
      }
    }
  }

  private static Optional<String> damage(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof RocksDBException of && Engine.damaged(of)) {
        return Optional.of(String.valueOf(of.getMessage()));
      }
    }
    return Optional.empty();
  }

  /// The reader that met the damage has asked for an examination. It follows the batch that the
  /// first barrier is in, and comes before the next one.
  private void letExamine() {
    for (int i = 0; i < 2; i++) {
      try {
        spool.barrier();
      } catch (SpoolException e) {
        LOG.debug("It is being examined: {}", e.getMessage());
      }
    }
  }

  private Engine awaitEngine() throws SpoolException {
    long begin = os.time().nanos();
    while (!spool.inOrder()) {
      if (spool.ended() || os.time().nanos() - begin > REPAIR_MAX.toNanos()) {
        throw new SpoolException("The check ends, for the spool is not in order", false);
      }
      try {
        os.time().sleep(LOOK_AGAIN);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new SpoolException("The check was interrupted", false, e);
      }
    }
    return spool.engine();
  }

  @Override
  public void setAside(QueueId id, byte @Nullable [] place, int chunk, String reason) {
    spool.setAside(id, place, chunk, reason);
  }

  @Override
  public void mend(List<byte[]> listed, List<byte[]> gone, List<byte[]> goneChunks, long mails)
      throws SpoolException {
    var ticket = new Ticket<Integer>();
    spool.add(new Job.Mend(listed, gone, goneChunks, mails, ticket));
    ticket.await();
  }
}
