package dev.poststation.spool;

import dev.poststation.message.QueueId;
import dev.poststation.spool.Engine.Family;
import java.util.Arrays;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads the contents that lie in a gap, mail by mail. What the tables have of them are but places
/// in blob files, and tell nothing by themselves. Used by one thread.
final class Contents implements Gaps.Gap {
  private static final Logger LOG = LoggerFactory.getLogger(Contents.class);

  private final RocksEngine engine;

  Contents(RocksEngine engine) {
    this.engine = engine;
  }

  @Override
  public void visit(byte[] from, byte[] to, Engine.Visitor visitor)
      throws RocksDBException, SpoolException {
    engine.visit(
        Family.RECORDS,
        Keys.mail(mailOf(from), Keys.PART_HEAD),
        Keys.mail(mailOf(to), Keys.PART_PLACE),
        (key, head) -> {
          if (key[9] == Keys.PART_HEAD) {
            content(Keys.longAt(key, 1), head, from, to, visitor);
          }
          return true;
        });
  }

  /// The mail that a key of a chunk, or its beginning, belongs to.
  private static long mailOf(byte[] chunk) {
    return Keys.longAt(Arrays.copyOf(chunk, 8), 0);
  }

  private void content(long id, byte[] head, byte[] from, byte[] to, Engine.Visitor visitor)
      throws RocksDBException, SpoolException {
    try {
      int chunks = MailCodec.decode(new QueueId(id), head).chunks();
      for (int number = 0; number < chunks; number++) {
        byte[] key = Keys.chunk(id, number);
        boolean within =
            Arrays.compareUnsigned(key, from) >= 0 && Arrays.compareUnsigned(key, to) < 0;
        byte[] chunk = within ? engine.get(Family.BODY, key) : null;
        if (chunk != null) {
          visitor.visit(key, chunk);
        }
      }
    } catch (DamagedRecordException e) {
      LOG.error("Mail {} is damaged: {}", new QueueId(id), e.getMessage());
    } catch (RocksDBException e) {
      if (!Engine.damaged(e)) {
        throw e;
      }
      LOG.error("The content of {} is damaged: {}", new QueueId(id), e.getMessage());
    }
  }
}
