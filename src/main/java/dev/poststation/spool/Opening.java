package dev.poststation.spool;

import dev.poststation.config.SpoolSettings;
import dev.poststation.config.TraceSettings;
import dev.poststation.os.Os;
import java.io.IOException;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Opens the engine, at the start and after a failure: keeps damaged files aside and repairs what can be repaired, checks
/// the format, and discards the chunks of mail that was never acknowledged. Confined to one thread at a time.
final class Opening {
  private static final Logger LOG = LoggerFactory.getLogger(Opening.class);
  private static final int FORMAT = 1;
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

  private final Os os;
  private final Path data;
  private final Path directory;
  private final SpoolSettings settings;
  private final TraceSettings trace;

  Opening(Os os, Path data, SpoolSettings settings, TraceSettings trace) {
    this.os = os;
    this.data = data;
    this.directory = data.resolve("spool");
    this.settings = settings;
    this.trace = trace;
  }

  /// Opens it, whatever it takes, except when the disk cannot be used or a newer program wrote the spool.
  Engine open() throws SpoolException {
    Engine engine = openOrRepair();
    try {
      checkFormat(engine);
      discardOrphans(engine);
      return engine;
    } catch (RocksDBException e) {
      engine.close();
      throw Engine.failure("The spool in " + directory + " cannot be used", e);
    } catch (SpoolException e) {
      engine.close();
      throw e;
    }
  }

  private Engine openOrRepair() throws SpoolException {
    try {
      return Engine.open(directory, settings, trace, WALRecoveryMode.TolerateCorruptedTailRecords);
    } catch (RocksDBException e) {
      if (!damaged(e)) {
        throw Engine.failure("The spool in " + directory + " cannot be opened", e);
      }
      return repair(e);
    }
  }

  private static boolean damaged(RocksDBException e) {
    Status status = e.getStatus();
    return status != null && status.getCode() == Status.Code.Corruption;
  }

  private Engine repair(RocksDBException damage) throws SpoolException {
    Path aside = keepAside();
    LOG.error(
        "The spool in {} is damaged: {}. Its files are kept in {}; whatever can be read is recovered now. Compare the mail"
            + " log with the queue, and check the disk.",
        directory,
        damage.getMessage(),
        aside);
    try {
      var engine =
          Engine.open(directory, settings, trace, WALRecoveryMode.SkipAnyCorruptedRecords);
      recount(engine);
      return engine;
    } catch (RocksDBException e) {
      if (!damaged(e)) {
        throw Engine.failure("The spool in " + directory + " cannot be opened", e);
      }
      return beginAnew(aside, e);
    }
  }

  private Path keepAside() throws SpoolException {
    Path aside = data.resolve("damaged-" + STAMP.format(os.time().now()));
    try {
      os.disk().makeDirectory(aside);
      for (Path file : os.disk().list(directory)) {
        os.disk().link(file, aside.resolve(file.getFileName()));
      }
      return aside;
    } catch (IOException e) {
      throw new SpoolException(
          "The spool is damaged, and its files cannot be kept aside in " + aside + ": " + e, false, e);
    }
  }

  private Engine beginAnew(Path aside, RocksDBException damage) throws SpoolException {
    LOG.error(
        "The spool in {} cannot be recovered: {}. The relay starts with an empty one; the mail in {} needs help by hand.",
        directory,
        damage.getMessage(),
        aside);
    try {
      os.disk().move(directory, aside.resolve("spool"));
      return Engine.open(directory, settings, trace, WALRecoveryMode.TolerateCorruptedTailRecords);
    } catch (IOException e) {
      throw new SpoolException("The damaged spool cannot be moved to " + aside + ": " + e, false, e);
    } catch (RocksDBException e) {
      throw Engine.failure("A new spool cannot be made in " + directory, e);
    }
  }

  /// The counters may be wrong when records were skipped: the indexes tell.
  private static void recount(Engine engine) throws RocksDBException, SpoolException {
    long[] mails = {0};
    for (byte kind : new byte[] {Keys.INCOMING, Keys.DEFERRED, Keys.PARKED, Keys.HELD}) {
      byte[] prefix = {kind};
      engine.visit(
          Engine.Family.RECORDS,
          prefix,
          Keys.behind(prefix),
          (_, _) -> {
            mails[0]++;
            return true;
          });
    }
    try (var batch = new WriteBatch()) {
      Tally found = tally(engine);
      batch.put(Keys.TALLY, new Tally(found.batch(), mails[0], found.greatestId()).encode());
      engine.write(batch, true);
    }
  }

  /// The counters as they were with the last batch.
  static Tally tally(Engine engine) throws RocksDBException, SpoolException {
    try {
      return engine.tally();
    } catch (DamagedRecordException e) {
      LOG.error("The counters of the spool are damaged: {}. They begin anew.", e.getMessage());
      return Tally.NEW;
    }
  }

  private void checkFormat(Engine engine) throws RocksDBException, SpoolException {
    byte[] found = engine.get(Engine.Family.RECORDS, Keys.FORMAT);
    if (found == null) {
      try (var batch = new WriteBatch()) {
        batch.put(Keys.FORMAT, new byte[] {FORMAT});
        engine.write(batch, true);
      }
    } else if (found.length != 1 || found[0] != FORMAT) {
      throw new SpoolException(
          "The spool in "
              + directory
              + " has format "
              + found[0]
              + ", which this program does not know (it knows "
              + FORMAT
              + "): start the program that wrote it",
          false);
    }
  }

  private static void discardOrphans(Engine engine) throws RocksDBException, SpoolException {
    var orphans = new ArrayList<Job.Discard>();
    byte[] prefix = {Keys.OPEN};
    engine.visit(
        Engine.Family.RECORDS,
        prefix,
        Keys.behind(prefix),
        (key, value) -> {
          orphans.add(new Job.Discard(Keys.longAt(key, 1), Keys.intAt(value, 0)));
          return true;
        });
    for (Job.Discard orphan : orphans) {
      try (var batch = new WriteBatch()) {
        Batch.discard(batch, engine.handle(Engine.Family.BODY), orphan);
        engine.write(batch, false);
      }
    }
    if (!orphans.isEmpty()) {
      LOG.info("Discarded what had come of {} mails that were never acknowledged.", orphans.size());
    }
  }
}
