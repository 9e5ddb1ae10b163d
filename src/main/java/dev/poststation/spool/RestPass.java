package dev.poststation.spool;

import dev.poststation.message.QueueId;
import dev.poststation.spool.Engine.Family;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.rocksdb.RocksDBException;

/// The part of a check that reads all that is neither a mail nor a place: single records, drafts,
/// traces. Used by one thread.
final class RestPass {
  private static final int ENTRIES_A_PAGE = 2000;

  /// Kinds of records, in the order of their keys.
  private static final byte[] KNOWN = {
    Keys.TALLY[0],
    Keys.DEFERRED,
    Keys.FORMAT[0],
    Keys.HELD,
    Keys.INCOMING,
    Keys.MAIL,
    Keys.PACE[0],
    Keys.OPEN,
    Keys.PARKED,
    Keys.QUARANTINED,
    Keys.CORRUPT
  };

  private final Inspection inspection;
  private final long last;
  private byte[] next = Keys.trace(0, 0);
  private long traces;

  /// @param last the greatest id of which to read the trace
  RestPass(Inspection inspection, long last) {
    this.inspection = inspection;
    this.last = last;
  }

  /// Entries of traces that were read.
  long traces() {
    return traces;
  }

  void run() throws SpoolException {
    for (String what : inspection.read(RestPass::records)) {
      inspection.find(null, what, "left alone");
    }
    byte[] end = Keys.trace(last, -1);
    while (Arrays.compareUnsigned(next, end) < 0) {
      for (QueueId id : inspection.read(catalogue -> page(catalogue, end))) {
        inspection.find(id, "an entry of its trace cannot be read", "left alone");
      }
    }
  }

  private static List<String> records(Catalogue catalogue) throws RocksDBException, SpoolException {
    var engine = catalogue.engine();
    var wrong = new ArrayList<String>();
    byte[] from = {};
    for (byte kind : KNOWN) {
      unknown(engine, from, new byte[] {kind}, wrong);
      from = new byte[] {(byte) (kind + 1)};
    }
    unknown(engine, from, new byte[] {-1}, wrong);
    engine.visit(
        Family.RECORDS,
        new byte[] {Keys.OPEN},
        (key, value) -> {
          if (key.length != 9 || value.length != 4) {
            wrong.add("a record of a draft that cannot be understood");
          }
          return true;
        });
    return wrong;
  }

  private static void unknown(Engine engine, byte[] from, byte[] to, List<String> wrong)
      throws RocksDBException, SpoolException {
    int[] records = {0};
    engine.visit(Family.RECORDS, from, to, (_, _) -> ++records[0] > 0);
    if (records[0] > 0) {
      wrong.add(records[0] + " records of a kind that this program does not know");
    }
  }

  /// Mails whose trace cannot be read.
  private List<QueueId> page(Catalogue catalogue, byte[] end)
      throws RocksDBException, SpoolException {
    var wrong = new ArrayList<QueueId>();
    byte[][] behind = {end};
    int[] read = {0};
    int[] entries = {0};
    catalogue
        .engine()
        .visit(
            Family.TRACE,
            next,
            end,
            (key, value) -> {
              try {
                entries[0] += MailCodec.decodeTrace(value).size();
              } catch (DamagedRecordException _) {
                wrong.add(new QueueId(Keys.longAt(key, 0)));
              }
              boolean full = ++read[0] == ENTRIES_A_PAGE;
              behind[0] = full ? Gaps.after(key) : end;
              return !full;
            });
    next = behind[0];
    traces += entries[0];
    return wrong;
  }
}
