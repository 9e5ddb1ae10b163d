package dev.poststation.spool;

import dev.poststation.message.QueueId;
import dev.poststation.os.Time;
import dev.poststation.spool.Engine.Family;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Copies what can be read of a damaged family into a new one, and drops the old. That is more than
/// a matter of reading: the engine would stop for every compaction that meets the damage. Used by
/// the thread that opens the engine; takes as long as reading the whole spool.
///
/// The indexes are made anew from the mails, so that damage to an index costs nothing. An entry of
/// an index whose mail cannot be read becomes a mail that was set aside.
final class Rescue {
  private static final Logger LOG = LoggerFactory.getLogger(Rescue.class);
  private static final byte[] ALL_FROM = {};
  private static final byte[] ALL_TO = {-1, -1, -1, -1, -1, -1, -1, -1, -1};
  private static final byte[] NOTHING = {};
  private static final long BATCH_BYTES = 1L << 20;

  private final RocksEngine engine;
  private final Time time;

  /// Mail that was set aside before.
  private final Set<Long> aside = new HashSet<>();

  private Rescue(RocksEngine engine, Time time) {
    this.engine = engine;
    this.time = time;
  }

  /// Reads everything, and says which families are damaged.
  static Set<Family> damaged(Engine engine) throws RocksDBException, SpoolException {
    var damaged = EnumSet.noneOf(Family.class);
    for (Family family : Family.values()) {
      try {
        engine.visit(family, ALL_FROM, ALL_TO, (_, _) -> true);
      } catch (RocksDBException e) {
        if (!Engine.damaged(e)) {
          throw e;
        }
        damaged.add(family);
      }
    }
    return damaged;
  }

  /// Renews these families.
  static void renew(RocksEngine engine, Set<Family> damaged, Time time)
      throws RocksDBException, SpoolException {
    var rescue = new Rescue(engine, time);
    for (Family family : damaged) {
      rescue.renew(family);
    }
  }

  private void renew(Family family) throws RocksDBException, SpoolException {
    ColumnFamilyHandle successor = engine.successor(family);
    try (var copy = new Copy(successor)) {
      var gaps = copy(family, copy);
      copy.finish();
      LOG.error(
          "The {} of the spool were copied around {} damaged places: {} entries.",
          family,
          gaps.found(),
          copy.entries);
    }
    engine.replace(family, successor);
  }

  private Gaps copy(Family family, Copy copy) throws RocksDBException, SpoolException {
    if (family == Family.BODY) {
      var gaps = new Gaps(engine, family, new Contents(engine));
      gaps.visit(ALL_FROM, ALL_TO, copy::put);
      return gaps;
    }
    try (var pieces = new Pieces(engine, family, aside)) {
      var gaps = new Gaps(engine, family, pieces);
      if (family == Family.RECORDS) {
        records(gaps, copy);
      } else {
        gaps.visit(ALL_FROM, ALL_TO, copy::put);
      }
      return gaps;
    }
  }

  /// Writes entries into the new family.
  private final class Copy implements AutoCloseable {
    private final ColumnFamilyHandle to;
    private final WriteBatch batch = new WriteBatch();
    private long entries;

    Copy(ColumnFamilyHandle to) {
      this.to = to;
    }

    boolean put(byte[] key, byte[] value) throws RocksDBException {
      batch.put(to, key, value);
      entries++;
      if (batch.getDataSize() > BATCH_BYTES) {
        engine.write(batch, false);
        batch.clear();
      }
      return true;
    }

    void finish() throws RocksDBException {
      engine.write(batch, true);
    }

    @Override
    public void close() {
      batch.close();
    }
  }

  private void records(Gaps gaps, Copy copy) throws RocksDBException, SpoolException {
    var mails = new Mails(copy, aside);
    byte[] corrupt = {Keys.CORRUPT};
    gaps.visit(
        corrupt,
        Keys.behind(corrupt),
        (key, value) -> aside.add(Keys.longAt(key, 1)) && copy.put(key, value));
    for (byte kind : Mails.KEPT) { // First: what waits for somebody must not go on by itself.
      byte[] prefix = {kind};
      gaps.visit(prefix, Keys.behind(prefix), mails::kept);
    }
    gaps.visit(new byte[] {Keys.MAIL}, new byte[] {Keys.MAIL + 1}, mails::part);
    mails.endOfMail();
    mails.endOfKept();
    for (byte kind : new byte[] {Keys.INCOMING, Keys.DEFERRED, Keys.PARKED}) {
      byte[] prefix = {kind};
      gaps.visit(prefix, Keys.behind(prefix), mails::oldEntry);
    }
    for (byte kind : new byte[] {Keys.OPEN, Keys.FORMAT[0], Keys.PACE[0]}) {
      byte[] prefix = {kind};
      gaps.visit(prefix, Keys.behind(prefix), copy::put);
    }
    Tally old = oldTally();
    copy.put(Keys.TALLY, new Tally(old.batch(), mails.count, old.greatestId()).encode());
  }

  /// Batch numbers are never used twice. Where the last one is unknown, the milliseconds since 1970
  /// are surely greater.
  private Tally oldTally() throws SpoolException {
    try {
      return Tally.in(engine);
    } catch (RocksDBException | DamagedRecordException e) {
      LOG.error("The counters of the spool are damaged: {}", e.getMessage());
      return new Tally(time.now().toEpochMilli(), 0, 0);
    }
  }

  /// Copies the parts of mails, which come in order, and makes the indexes from them.
  private static final class Mails {
    /// The indexes of mail that waits for somebody, the one that counts last.
    static final byte[] KEPT = {Keys.HELD, Keys.QUARANTINED};

    private final Copy copy;
    private final Map<Long, Placement> kept = new HashMap<>();
    private final Set<Long> aside;
    private long[] ids = new long[1024];
    private int count;
    private long id = -1;
    private boolean head;
    private byte @Nullable [] place;

    Mails(Copy copy, Set<Long> aside) {
      this.copy = copy;
      this.aside = aside;
    }

    boolean kept(byte[] key, byte[] value) {
      kept.put(
          Keys.idAtEnd(key).value(),
          key[0] == Keys.HELD
              ? Placement.HELD
              : new Placement.Quarantined(Keys.instant(Keys.longAt(key, 1))));
      return true;
    }

    /// Who is listed there, and is no more.
    void endOfKept() throws RocksDBException {
      for (long each : kept.keySet()) {
        oldEntry(each);
      }
    }

    boolean part(byte[] key, byte[] value) throws RocksDBException {
      if (Keys.longAt(key, 1) != id) {
        endOfMail();
        id = Keys.longAt(key, 1);
      }
      head |= key[9] == Keys.PART_HEAD;
      place = key[9] == Keys.PART_PLACE ? value : place;
      return copy.put(key, value);
    }

    void endOfMail() throws RocksDBException {
      if (aside.contains(id)) {
        LOG.debug("Mail {} was set aside before", new QueueId(id));
      } else if (head) {
        copy.put(Keys.place(placement(), id), NOTHING);
        ids = count == ids.length ? Arrays.copyOf(ids, 2 * count) : ids;
        ids[count++] = id;
      } else if (id >= 0) {
        setAside(id);
      }
      head = false;
      place = null;
    }

    private Placement placement() throws RocksDBException {
      if (place == null && !kept.containsKey(id)) {
        return Placement.INCOMING;
      }
      try {
        if (place != null) {
          return MailCodec.decodePlacement(place);
        }
      } catch (DamagedRecordException e) {
        LOG.error("The place of {} is damaged: {}", new QueueId(id), e.getMessage());
      }
      var listed = kept.getOrDefault(id, Placement.INCOMING);
      copy.put(Keys.mail(id, Keys.PART_PLACE), MailCodec.encode(listed));
      return listed;
    }

    boolean oldEntry(byte[] key, byte[] value) throws RocksDBException {
      oldEntry(Keys.idAtEnd(key).value());
      return true;
    }

    private void oldEntry(long listed) throws RocksDBException {
      if (Arrays.binarySearch(ids, 0, count, listed) < 0 && !aside.contains(listed)) {
        setAside(listed);
      }
    }

    private void setAside(long lost) throws RocksDBException {
      LOG.error(
          "Mail {} is damaged and was set aside: its envelope cannot be read. What is left of it"
              + " stays in the spool.",
          new QueueId(lost));
      byte[] reason = new OctetWriter(64).text("its envelope cannot be read").finished();
      copy.put(Keys.index(Keys.CORRUPT, lost), reason);
    }
  }
}
