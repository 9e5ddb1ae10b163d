package dev.poststation.spool;

import dev.poststation.message.QueueId;
import dev.poststation.spool.Engine.Family;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads what lies in a gap of a family in pieces: the keys from each table by itself, and the
/// value of each by itself. Used by one thread.
///
/// The engine can look up an entry where it cannot read on: a table knows of most keys that it has
/// not got them, and then its blocks are not read.
final class Pieces implements Gaps.Gap, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Pieces.class);

  private final RocksEngine engine;
  private final Family family;
  private final Tables tables;
  private final Set<Long> aside;

  /// Mail that was removed, though a table still shows its head.
  private final Set<Long> removed = new HashSet<>();

  /// @param aside mail that was set aside, as far as that is known
  Pieces(RocksEngine engine, Family family, Set<Long> aside) throws RocksDBException {
    this.engine = engine;
    this.family = family;
    this.aside = aside;
    tables = new Tables(engine, family);
  }

  @Override
  public void visit(byte[] from, byte[] to, Engine.Visitor visitor)
      throws RocksDBException, SpoolException {
    tables.visit(
        from,
        to,
        (key, shown) -> {
          byte[] value = lookUp(key, shown);
          return value == null || visitor.visit(key, value);
        });
  }

  /// An entry that is in a table, or null if it was deleted. Where the engine cannot tell, because
  /// that would be in the damaged block, it is what the table shows: better twice than never.
  private byte @Nullable [] lookUp(byte[] key, byte[] shown)
      throws RocksDBException, SpoolException {
    try {
      return engine.get(family, key);
    } catch (RocksDBException e) {
      if (!Engine.damaged(e)) {
        throw e;
      }
      return family == Family.RECORDS && isOfRemovedMail(key, shown) ? null : shown;
    }
  }

  /// Whether other entries tell that a mail was removed, of which a table shows this one. Else many
  /// that were delivered would be reported as damaged, for a mail is removed in one go, but not in
  /// one block.
  private boolean isOfRemovedMail(byte[] key, byte[] shown) throws SpoolException {
    if (!isOfMail(key[0])) {
      return false;
    }
    boolean ofMail = key[0] == Keys.MAIL;
    long id = ofMail ? Keys.longAt(key, 1) : Keys.idAtEnd(key).value();
    if (removed.contains(id)) {
      return true;
    }
    try {
      if (!ofMail || key[9] != Keys.PART_HEAD) {
        return engine.get(Family.RECORDS, Keys.mail(id, Keys.PART_HEAD)) == null;
      }
      int chunks = MailCodec.decode(new QueueId(id), shown).chunks();
      if (chunks == 0 || aside.contains(id) || engine.get(Family.BODY, Keys.chunk(id, 0)) != null) {
        return false;
      }
    } catch (RocksDBException | DamagedRecordException _) {
      return false; // Nothing is sure.
    }
    LOG.warn("Mail {} is taken for one that was removed: its content is gone", new QueueId(id));
    return removed.add(id);
  }

  private static boolean isOfMail(byte kind) {
    return switch (kind) {
      case Keys.MAIL, Keys.INCOMING, Keys.DEFERRED, Keys.PARKED, Keys.HELD, Keys.QUARANTINED ->
          true;
      default -> false;
    };
  }

  @Override
  public void close() {
    tables.close();
  }
}
