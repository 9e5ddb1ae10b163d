package dev.poststation.spool;

import dev.poststation.config.SpoolSettings;
import dev.poststation.os.Os;
import dev.poststation.spool.Engine.Family;
import dev.poststation.spool.Engines.Care;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Opens the engine, at the start and after a failure: keeps damaged files aside and repairs what
/// can be repaired, checks the format, and reads what must be known before the first batch.
/// Confined to one thread at a time.
final class Opening {
  private static final Logger LOG = LoggerFactory.getLogger(Opening.class);
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

  private static final Duration EXAMINE_AGAIN = Duration.ofHours(1);

  private final Os os;
  private final Path data;
  private final Path directory;
  private final SpoolSettings settings;
  private final Engines engines;

  /// Whether there was damage and no room to repair it, and when; monotonic.
  private boolean noRoom;

  private long noRoomNanos;
  private long roomNeeded;
  private boolean inOrder = true;

  Opening(Os os, Path data, SpoolSettings settings, Engines engines) {
    this.os = os;
    this.data = data;
    this.directory = data.resolve("spool");
    this.settings = settings;
    this.engines = engines;
  }

  /// An engine that is ready, and what was found in it.
  ///
  /// @param greatestId the greatest queue id that left a mark
  /// @param corrupt mail that was set aside
  /// @param orphans what had come of mail that was never acknowledged
  record Opened(
      Engine engine, Tally tally, long greatestId, List<Long> corrupt, List<Job.Discard> orphans) {
    Opened {
      corrupt = List.copyOf(corrupt);
      orphans = List.copyOf(orphans);
    }
  }

  /// Opens it, whatever it takes, except when the disk cannot be used or a newer program wrote the
  /// spool. When the spool is in order with it, `healthy` is to be called.
  ///
  /// @param suspicious whether damage was met before: then everything is read and, if need be,
  ///   copied around the damage
  Opened open(boolean suspicious) throws SpoolException {
    inOrder = true;
    try {
      if (!suspicious || !mayExamine()) {
        try {
          return read(openOrRecover(care()));
        } catch (RocksDBException e) {
          if (!Engine.damaged(e)) {
            throw e;
          }
          LOG.error("The spool in {} is damaged: {}", directory, e.getMessage());
        } catch (DamagedRecordException e) {
          LOG.error("The counters of the spool in {} are damaged: {}", directory, e.getMessage());
        }
      }
      rescue();
      return read(openOrRecover(care()));
    } catch (RocksDBException e) {
      throw Engine.failure("The spool in " + directory + " cannot be used", e);
    } catch (DamagedRecordException e) {
      throw new SpoolException("The spool in " + directory + " cannot be rescued", false, e);
    }
  }

  /// Reads what must be known; closes the engine when that fails.
  private Opened read(Engine engine)
      throws RocksDBException, SpoolException, DamagedRecordException {
    try {
      checkFormat(engine);
      var orphans = new ArrayList<Job.Discard>();
      engine.visit(
          Family.RECORDS,
          new byte[] {Keys.OPEN},
          (key, chunks) ->
              orphans.add(new Job.Discard(Keys.longAt(key, 1), Keys.intAt(chunks, 0))));
      if (!orphans.isEmpty()) {
        LOG.info(
            "Discarding what had come of {} mails that were never acknowledged", orphans.size());
      }
      Tally tally = Tally.in(engine);
      return new Opened(
          engine, tally, Catalogue.greatestId(engine, tally), Catalogue.setAside(engine), orphans);
    } catch (RocksDBException | SpoolException | DamagedRecordException | RuntimeException e) {
      engine.close();
      throw e;
    }
  }

  /// The files are kept aside while nobody has them open, for they must be of one moment.
  private void rescue() throws RocksDBException, SpoolException {
    noRoom = false;
    Set<Family> damaged;
    try (var engine = openOrRecover(Care.STILL)) {
      damaged = Rescue.damaged(engine);
      if (damaged.isEmpty()) {
        LOG.info("The spool in {} was read to the end: nothing is damaged now", directory);
        return;
      }
      if (!hasRoomFor(engine, damaged)) {
        return;
      }
    }
    LOG.error(
        "The spool in {} is copied around the damage; its files are kept in {}. Check the disk.",
        directory,
        keepAside());
    try (var engine = openOrRecover(Care.STILL)) {
      engine.renew(damaged, os.time());
    }
  }

  /// Damage that there was no room to repair must not be met by a merge again and again.
  private Care care() {
    return mayExamine() ? Care.STRICT : Care.STILL;
  }

  /// Whether it makes sense to look for damage: not, as long as there was no room to repair it.
  boolean mayExamine() {
    return !noRoom || os.time().nanos() - noRoomNanos >= EXAMINE_AGAIN.toNanos();
  }

  /// Whether there is room now for a repair that there was none for. Until then tables are not
  /// merged, so that what is settled still occupies the disk.
  boolean canRepairNow() throws SpoolException {
    return noRoom && mayExamine() && hasRoom();
  }

  /// The copy must not fill the disk: that would keep from being delivered what is not damaged.
  private boolean hasRoomFor(Engine engine, Set<Family> damaged)
      throws RocksDBException, SpoolException {
    roomNeeded = settings.reserve();
    for (Family family : damaged) {
      roomNeeded += engine.bytesOnDisk(family);
    }
    return hasRoom();
  }

  private boolean hasRoom() throws SpoolException {
    try {
      long usable = os.disk().usableBytes(data);
      if (usable >= roomNeeded) {
        return true;
      }
      LOG.error(
          "The spool in {} is damaged, and stays so: to copy it around the damage takes {} MB, and"
              + " {} MB are left. Make room on the disk; the relay looks again every hour.",
          directory,
          roomNeeded / 1_000_000,
          usable / 1_000_000);
      noRoom = true;
      noRoomNanos = os.time().nanos();
      return false;
    } catch (IOException e) {
      noRoomNanos = os.time().nanos(); // It is not asked for each batch.
      throw new SpoolException("Cannot find out how much space is left: " + e, false, e);
    }
  }

  private Engine openOrRecover(Care care) throws SpoolException {
    try {
      return open(care);
    } catch (RocksDBException e) {
      if (!Engine.damaged(e)) {
        throw Engine.failure("The spool in " + directory + " cannot be opened", e);
      }
      return recover(e);
    }
  }

  private Engine open(Care care) throws RocksDBException, SpoolException {
    return engines.open(directory, care);
  }

  private Engine recover(RocksDBException damage) throws SpoolException {
    Path aside = keepAside();
    LOG.error(
        "The spool in {} is damaged: {}. Its files are kept in {}; whatever can be read is"
            + " recovered now. Compare the mail log with the queue, and check the disk.",
        directory,
        damage.getMessage(),
        aside);
    try {
      return recount(open(Care.SKIP_IN_LOG));
    } catch (RocksDBException e) {
      return recoverTables(aside, e);
    }
  }

  /// Even the index of a table is damaged: what is in this table is lost, but not the others.
  private Engine recoverTables(Path aside, RocksDBException damage) throws SpoolException {
    if (!Engine.damaged(damage)) {
      throw Engine.failure("The spool in " + directory + " cannot be opened", damage);
    }
    try (var engine = open(Care.LENIENT)) {
      Set<Family> damaged = Rescue.damaged(engine);
      if (!hasRoomFor(engine, damaged)) {
        throw new SpoolException("There is no room to repair the spool in " + data, true);
      }
      renew(engine, damaged);
    } catch (RocksDBException e) {
      return beginAnew(aside, e);
    }
    return openRecovered();
  }

  /// Nothing is given up for what cannot be copied: it stays as it is.
  private void renew(Engine engine, Set<Family> damaged) throws SpoolException {
    try {
      engine.renew(damaged, os.time());
    } catch (RocksDBException e) {
      if (!Engine.damaged(e)) {
        throw Engine.failure("The spool in " + directory + " cannot be copied", e);
      }
      LOG.error("The spool in {} cannot be copied as a whole: {}", directory, e.getMessage());
    }
  }

  /// All that can be read was read. It is not given up for what may still keep the engine from
  /// opening.
  private Engine openRecovered() throws SpoolException {
    try {
      return recount(open(Care.STRICT));
    } catch (RocksDBException e) {
      if (!Engine.damaged(e)) {
        throw Engine.failure("The spool in " + directory + " cannot be opened", e);
      }
      LOG.error("The spool in {} is used, though not in order: {}", directory, e.getMessage());
    }
    inOrder = false;
    try {
      return open(Care.LENIENT);
    } catch (RocksDBException e) {
      throw Engine.failure("The spool in " + directory + " cannot be opened", e);
    }
  }

  /// Links do: RocksDB never changes a file that it did not make in this very opening, and none is
  /// open now. What later attempts to repair the same spool find is not kept, it would fill the
  /// disk: the copy stays `damaged-now`, also across restarts, until the spool is in order.
  private Path keepAside() throws SpoolException {
    Path aside = data.resolve("damaged-now");
    Path begun = data.resolve("damaged-begun");
    var disk = os.disk();
    try {
      if (disk.identity(aside).isEmpty()) {
        disk.makeDirectory(begun);
        for (Path file : disk.list(directory)) {
          Path second = begun.resolve(file.getFileName());
          if (!disk.identity(second).equals(disk.identity(file))) {
            disk.link(file, second);
          }
        }
        disk.move(begun, aside);
      }
      return aside;
    } catch (IOException e) {
      throw new SpoolException(
          "The spool is damaged, and its files cannot be kept in " + aside + ": " + e, false, e);
    }
  }

  /// The spool works again: unless it is not in order all the same, the next damage will be another
  /// one.
  void healthy() {
    if (!inOrder) {
      return;
    }
    Path aside = data.resolve("damaged-now");
    try {
      if (os.disk().identity(aside).isPresent()) {
        Path kept = data.resolve("damaged-" + STAMP.format(os.time().now()));
        os.disk().move(aside, kept);
        LOG.error("The spool works again; the damaged files are kept in {}", kept);
      }
    } catch (IOException e) {
      LOG.error("The damaged files stay in {}: {}", aside, e.toString());
    }
  }

  private Engine beginAnew(Path aside, RocksDBException damage) throws SpoolException {
    if (!Engine.damaged(damage)) {
      throw Engine.failure("The spool in " + directory + " cannot be opened", damage);
    }
    LOG.error(
        "The spool in {} cannot be recovered: {}. The relay starts with an empty one; the mail in"
            + " {} needs help by hand.",
        directory,
        damage.getMessage(),
        aside);
    try {
      os.disk().move(directory, aside.resolve("spool-" + STAMP.format(os.time().now())));
      return open(Care.STRICT);
    } catch (IOException e) {
      throw new SpoolException(
          "The damaged spool cannot be moved to " + aside + ": " + e, false, e);
    } catch (RocksDBException e) {
      throw Engine.failure("A new spool cannot be made in " + directory, e);
    }
  }

  /// The counters may be wrong when batches were skipped: the indexes tell. An engine that this
  /// fails for is closed, for nothing else could be opened beside it.
  private static Engine recount(Engine engine) throws RocksDBException, SpoolException {
    long[] mails = {0};
    try (var changes = engine.changes()) {
      for (byte kind : PlacePass.KINDS) {
        engine.visit(Family.RECORDS, new byte[] {kind}, (_, _) -> ++mails[0] > 0);
      }
      Tally found = Tally.in(engine);
      var right = new Tally(found.batch(), mails[0], found.greatestId());
      changes.put(Family.RECORDS, Keys.TALLY, right.encode());
      changes.write(true);
    } catch (DamagedRecordException e) {
      LOG.error("The counters of the spool are damaged: {}", e.getMessage());
    } catch (RocksDBException | SpoolException | RuntimeException e) {
      engine.close();
      throw e;
    }
    return engine;
  }

  private void checkFormat(Engine engine) throws RocksDBException, SpoolException {
    byte[] found = engine.get(Family.RECORDS, Keys.FORMAT);
    boolean older = found != null && found.length == 1 && found[0] >= 1 && found[0] < Format.KNOWN;
    if (found == null || older) {
      Format.note(os, data);
      try (var changes = engine.changes()) {
        changes.put(Family.RECORDS, Keys.FORMAT, new byte[] {(byte) Format.KNOWN});
        changes.write(true);
      }
    } else {
      Format.check(found.length == 1 ? found[0] : 0, "The spool in " + directory);
    }
  }
}
