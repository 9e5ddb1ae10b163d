package dev.poststation.spool;

import dev.poststation.message.Content;
import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.spool.Engine.Family;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.rocksdb.RocksDBException;

/// Reads one mail as a whole, and says what is wrong with it. Used by threads that may block in
/// native code.
///
/// What is read at different moments may be of different states of the mail: who finds something
/// looks again.
record Scrutiny(Catalogue catalogue) {
  /// What is wrong with a mail.
  sealed interface Flaw {
    /// It cannot be delivered.
    ///
    /// @param chunk the one that cannot be read, or `Job.SetAside.NO_CHUNK`
    record Damaged(String reason, int chunk) implements Flaw {}

    /// It is whole, but its place does not list it: nobody would ever deliver it.
    record Unlisted(Placement place) implements Flaw {}

    /// Records that belong to no mail.
    record Leftover(List<byte[]> keys) implements Flaw {}
  }

  /// What was read of a mail.
  ///
  /// @param flaw what is wrong with it, if anything is
  record Seen(int recipients, int chunks, long octets, Optional<Flaw> flaw) {
    private static Seen of(Flaw flaw) {
      return new Seen(0, 0, 0, Optional.of(flaw));
    }
  }

  /// Reads a mail of which there are records.
  Seen of(QueueId id) throws RocksDBException, SpoolException {
    try {
      var stored = catalogue.load(id);
      if (stored == null) {
        var keys = keys(id);
        return keys.isEmpty()
            ? new Seen(0, 0, 0, Optional.empty()) // It has gone meanwhile.
            : Seen.of(new Flaw.Leftover(keys));
      }
      return of(stored);
    } catch (DamagedRecordException e) {
      return Seen.of(new Flaw.Damaged(String.valueOf(e.getMessage()), Job.SetAside.NO_CHUNK));
    }
  }

  private List<byte[]> keys(QueueId id) throws RocksDBException, SpoolException {
    var keys = new ArrayList<byte[]>();
    engine()
        .visit(
            Family.RECORDS,
            Keys.mail(id.value(), Keys.PART_HEAD),
            Keys.mail(id.value(), Keys.PART_STATE + 1),
            (key, _) -> keys.add(key));
    return keys;
  }

  private Seen of(Spool.Stored stored) throws RocksDBException, SpoolException {
    Mail mail = stored.mail();
    var content = new ContentScrutiny(mail);
    Optional<Flaw> flaw = content.read().map(reason -> new Flaw.Damaged(reason, content.bad));
    for (int i = 0; i < mail.recipients().size() && flaw.isEmpty(); i++) {
      if (mail.recipients().get(i).number() != i) {
        flaw =
            Optional.of(new Flaw.Damaged("its recipients are in disorder", Job.SetAside.NO_CHUNK));
      }
    }
    if (flaw.isEmpty() && !listed(stored)) {
      // Malware must not go on because a record is lost.
      flaw =
          Optional.of(
              stored.placement() instanceof Placement.Incoming && waitedForSomebody(mail.id())
                  ? new Flaw.Damaged(
                      "it waited for somebody, and the record of its place is missing",
                      Job.SetAside.NO_CHUNK)
                  : new Flaw.Unlisted(stored.placement()));
    }
    return new Seen(mail.recipients().size(), content.next, content.octets, flaw);
  }

  private boolean listed(Spool.Stored stored) throws RocksDBException, SpoolException {
    byte[] key = Keys.place(stored.placement(), stored.mail().id().value());
    return engine().get(Family.RECORDS, key) != null;
  }

  /// Whether an index says so; reads all of that of the quarantine.
  private boolean waitedForSomebody(QueueId id) throws RocksDBException, SpoolException {
    boolean[] found = {engine().get(Family.RECORDS, Keys.index(Keys.HELD, id.value())) != null};
    byte[] quarantine = {Keys.QUARANTINED};
    engine()
        .visit(
            Family.RECORDS,
            quarantine,
            Keys.behind(quarantine),
            (key, _) -> {
              found[0] |= Keys.idAtEnd(key).equals(id);
              return !found[0];
            });
    return found[0];
  }

  private Engine engine() {
    return catalogue.engine();
  }

  /// Reads a content chunk by chunk; holds one at a time.
  private final class ContentScrutiny {
    private final Mail mail;
    private final List<String> wrong = new ArrayList<>(1);
    private int next;
    private long octets;
    private int bad = Job.SetAside.NO_CHUNK;

    ContentScrutiny(Mail mail) {
      this.mail = mail;
    }

    Optional<String> read() throws RocksDBException, SpoolException {
      long id = mail.id().value();
      try {
        engine().visit(Family.BODY, Keys.chunk(id, 0), Keys.chunk(id, mail.chunks()), this::chunk);
      } catch (RocksDBException e) {
        if (!Engine.damagedBlob(e)) {
          throw e;
        }
        bad = next;
        return Optional.of(String.valueOf(e.getMessage()));
      }
      if (wrong.isEmpty() && next != mail.chunks()) {
        wrong.add("its content has " + next + " chunks of " + mail.chunks());
      }
      if (wrong.isEmpty() && octets != mail.envelope().traits().size()) {
        wrong.add("its content has " + octets + " octets of " + mail.envelope().traits().size());
      }
      return wrong.stream().findFirst();
    }

    private boolean chunk(byte[] key, byte[] value) {
      int number = Keys.intAt(key, 8);
      boolean last = number == mail.chunks() - 1;
      if (number != next) {
        wrong.add("chunk " + next + " of its content is missing");
      } else if (value.length > Content.CHUNK_OCTETS
          || !last && value.length != Content.CHUNK_OCTETS) {
        wrong.add("chunk " + number + " of its content has " + value.length + " octets");
      }
      next++;
      octets += value.length;
      return wrong.isEmpty();
    }
  }
}
