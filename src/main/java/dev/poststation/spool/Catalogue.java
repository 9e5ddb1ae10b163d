package dev.poststation.spool;

import dev.poststation.message.Lane;
import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.message.Recipient;
import dev.poststation.message.RecipientState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/// Finds mail in the engine: by its id, and in the indexes over the places. Used by threads that
/// may block in native code.
///
/// @param corrupt mail that was set aside: it is in no place
record Catalogue(Engine engine, Set<Long> corrupt) {
  private static final Engine.Family RECORDS = Engine.Family.RECORDS;

  /// A mail with its place; null when there is none.
  ///
  /// @throws DamagedRecordException when there is one that cannot be understood
  Spool.@Nullable Stored load(QueueId id)
      throws RocksDBException, SpoolException, DamagedRecordException {
    var parts = new Parts();
    byte[] from = Keys.mail(id.value(), Keys.PART_HEAD);
    byte[] to = Keys.mail(id.value(), Keys.PART_STATE + 1);
    engine.visit(RECORDS, from, to, parts::add);
    Placement place =
        parts.place == null ? Placement.INCOMING : MailCodec.decodePlacement(parts.place);
    if (parts.head == null) {
      if (engine.get(RECORDS, Keys.place(place, id.value())) == null) {
        return null;
      }
      throw new DamagedRecordException("its envelope is missing");
    }
    return new Spool.Stored(mail(MailCodec.decode(id, parts.head), parts), place);
  }

  /// The records of a mail as they are found.
  private static final class Parts {
    byte @Nullable [] head;
    byte @Nullable [] place;
    final List<byte[]> blocks = new ArrayList<>(0);
    final Map<Integer, byte[]> states = new HashMap<>(0);

    boolean add(byte[] key, byte[] value) {
      switch (key[9]) {
        case Keys.PART_HEAD -> head = value;
        case Keys.PART_PLACE -> place = value;
        case Keys.PART_BLOCK -> blocks.add(value);
        default -> states.put(Keys.intAt(key, 10), value);
      }
      return true;
    }
  }

  private static Mail mail(MailCodec.Head head, Parts parts) throws DamagedRecordException {
    List<Recipient> recipients = head.inline();
    if (MailCodec.blocks(head.recipients()) != parts.blocks.size()) {
      throw new DamagedRecordException("recipients are missing");
    }
    if (!parts.blocks.isEmpty()) {
      recipients = new ArrayList<>();
      for (byte[] block : parts.blocks) {
        recipients.addAll(MailCodec.decodeBlock(block));
      }
    }
    if (recipients.size() != head.recipients()) {
      throw new DamagedRecordException("recipients are missing");
    }
    var fresh = RecipientState.fresh(head.envelope().begins());
    var states = new ArrayList<RecipientState>(recipients.size());
    for (int i = 0; i < recipients.size(); i++) {
      byte[] state = parts.states.get(i);
      states.add(state == null ? fresh : MailCodec.decodeState(state));
    }
    return new Mail(head.envelope(), head.trace(), head.chunks(), recipients, states);
  }

  /// The key of a mail in the index of its place, as far as that can be read; else null.
  byte @Nullable [] place(QueueId id) {
    try {
      byte[] record = engine.get(RECORDS, Keys.mail(id.value(), Keys.PART_PLACE));
      Placement place = record == null ? Placement.INCOMING : MailCodec.decodePlacement(record);
      return Keys.place(place, id.value());
    } catch (RocksDBException | SpoolException | DamagedRecordException _) {
      return null;
    }
  }

  /// A chunk of a content, or null.
  byte @Nullable [] chunk(QueueId id, int number) throws RocksDBException, SpoolException {
    return engine.get(Engine.Family.BODY, Keys.chunk(id.value(), number));
  }

  /// Whether there is such a mail.
  boolean has(QueueId id) throws RocksDBException, SpoolException {
    return engine.get(RECORDS, Keys.mail(id.value(), Keys.PART_HEAD)) != null;
  }

  /// Ids after another one in an index whose keys are a prefix and an id.
  List<QueueId> ids(Lane lane, byte[] prefix, QueueId after, int most)
      throws RocksDBException, SpoolException {
    return ranked(lane, prefix, after, most).stream().map(Spool.Ranked::id).toList();
  }

  /// The same with the priorities.
  List<Spool.Ranked> ranked(Lane lane, byte[] prefix, QueueId after, int most)
      throws RocksDBException, SpoolException {
    var found = new ArrayList<Spool.Ranked>();
    if (most <= 0 || after.value() == Long.MAX_VALUE) {
      return found;
    }
    byte[] from = new byte[prefix.length + 8];
    System.arraycopy(prefix, 0, from, 0, prefix.length);
    Keys.putLong(from, prefix.length, after.value() + 1);
    engine.visit(
        RECORDS,
        from,
        Keys.behind(prefix),
        (key, value) -> {
          QueueId id = Keys.idAtEnd(key);
          int priority = Keys.priority(value);
          if (lane.has(priority) && !corrupt.contains(id.value())) {
            found.add(new Spool.Ranked(id, priority));
          }
          return found.size() < most;
        });
    return found;
  }

  /// Entries of an index by time (`deferred`, quarantine) after another one and until a time.
  List<Spool.Due> timed(byte kind, Lane lane, Spool.Due after, Instant until, int most)
      throws RocksDBException, SpoolException {
    var found = new ArrayList<Spool.Due>();
    if (most <= 0 || until.isBefore(Instant.EPOCH)) {
      return found;
    }
    byte[] first = Keys.timed(kind, after.time(), after.id().value());
    engine.visit(
        RECORDS,
        first,
        Keys.behind(Keys.timed(kind, until, Long.MAX_VALUE)),
        (key, value) -> {
          if (!lane.has(Keys.priority(value))) {
            return true;
          }
          QueueId id = Keys.idAtEnd(key);
          var due = new Spool.Due(Keys.instant(Keys.longAt(key, 1)), id);
          if (!corrupt.contains(id.value()) && !due.equals(after)) {
            found.add(due);
          }
          return found.size() < most;
        });
    return found;
  }

  /// The destinations for which mail is parked.
  List<String> parkedDestinations() throws RocksDBException, SpoolException {
    var found = new ArrayList<String>();
    byte[] prefix = {Keys.PARKED};
    byte[] end = Keys.behind(prefix);
    byte[] from = prefix;
    while (true) {
      int before = found.size();
      engine.visit(
          RECORDS,
          from,
          end,
          (key, _) -> {
            if (corrupt.contains(Keys.idAtEnd(key).value())) {
              return true;
            }
            found.add(Keys.parkedDestination(key));
            return false;
          });
      if (found.size() == before) {
        return found;
      }
      from = Keys.behind(Keys.parkedPrefix(found.getLast()));
    }
  }

  /// The entries of a trace.
  List<byte[]> trace(QueueId id) throws RocksDBException, SpoolException {
    var records = new ArrayList<byte[]>();
    engine.visit(
        Engine.Family.TRACE,
        Keys.trace(id.value(), 0),
        Keys.trace(id.value() + 1, 0),
        (_, value) -> records.add(value));
    var entries = new ArrayList<byte[]>();
    for (byte[] record : records) {
      try {
        entries.addAll(MailCodec.decodeTrace(record));
      } catch (DamagedRecordException e) {
        throw new SpoolException(
            "A trace entry of " + id + " is damaged: " + e.getMessage(), false, e);
      }
    }
    return entries;
  }

  /// Ids that were set aside.
  static List<Long> setAside(Engine engine) throws RocksDBException, SpoolException {
    var found = new ArrayList<Long>();
    engine.visit(RECORDS, new byte[] {Keys.CORRUPT}, (key, _) -> found.add(Keys.longAt(key, 1)));
    return found;
  }

  /// The greatest queue id that left a mark, also a trace of a mail that is gone.
  static long greatestId(Engine engine, Tally tally) throws RocksDBException, SpoolException {
    long greatest = tally.greatestId();
    byte[] mail = engine.lastUpTo(RECORDS, new byte[] {Keys.MAIL + 1});
    if (mail != null && mail[0] == Keys.MAIL) {
      greatest = Math.max(greatest, Keys.longAt(mail, 1));
    }
    byte[] trace = engine.lastUpTo(Engine.Family.TRACE, Keys.trace(Long.MAX_VALUE, -1));
    return trace == null ? greatest : Math.max(greatest, Keys.longAt(trace, 0));
  }
}
