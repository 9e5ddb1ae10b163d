package dev.poststation.spool;

import dev.poststation.message.QueueId;
import dev.poststation.spool.Engine.Family;
import dev.poststation.spool.Scrutiny.Flaw;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.rocksdb.RocksDBException;

/// The part of a check that reads mails and contents, in the order of their ids: each mail as a
/// whole, and what lies between the contents of two mails. Used by one thread.
final class MailPass {
  private static final int MAILS_A_PAGE = 100;
  private static final long OCTETS_A_PAGE = 4L << 20;
  private static final int LEFT_OVER_A_PAGE = 1000;

  private final Inspection inspection;
  private final long last;

  /// The next mail, and the end of the contents that have been read.
  private long next;

  private byte[] behind = Keys.chunk(0, 0);
  private boolean ended;
  private long mails;
  private long recipients;
  private long chunks;
  private long octets;

  /// What seems wrong on the page that is being read.
  private final List<QueueId> suspects = new ArrayList<>();

  private final List<byte[]> leftOver = new ArrayList<>();
  private boolean unreadable;

  /// @param last the greatest id to read: what comes meanwhile is not waited for
  MailPass(Inspection inspection, long last) {
    this.inspection = inspection;
    this.last = last;
  }

  long mails() {
    return mails;
  }

  long recipients() {
    return recipients;
  }

  long chunks() {
    return chunks;
  }

  long octets() {
    return octets;
  }

  void run(LongConsumer progress) throws SpoolException {
    while (!ended) {
      suspects.clear();
      leftOver.clear();
      inspection.read(this::page);
      for (QueueId id : suspects) {
        judge(id);
      }
      removeLeftOver();
      progress.accept(mails);
    }
    if (unreadable) {
      inspection.find(
          null,
          "content that belongs to no mail, or to one that was set aside, cannot be read",
          "left alone");
    }
  }

  /// Begins where it was interrupted.
  private boolean page(Catalogue catalogue) throws RocksDBException, SpoolException {
    long enough = octets + OCTETS_A_PAGE;
    for (int i = 0; i < MAILS_A_PAGE && octets < enough && !ended; i++) {
      long id = nextMail(catalogue.engine());
      boolean end = id < 0 || id > last;
      between(catalogue, Keys.chunk(end ? last : id, 0));
      if (leftOver.size() >= LEFT_OVER_A_PAGE) {
        return false;
      }
      ended = end;
      if (!end) {
        mail(catalogue, id);
      }
    }
    return true;
  }

  private void mail(Catalogue catalogue, long id) throws RocksDBException, SpoolException {
    if (catalogue.corrupt().contains(id)) {
      behind = Keys.chunk(id + 1, 0); // What is left of it is for people to look at.
    } else {
      var seen = new Scrutiny(catalogue).of(new QueueId(id));
      if (seen.flaw().isPresent()) {
        suspects.add(new QueueId(id));
      }
      recipients += seen.recipients();
      chunks += seen.chunks();
      octets += seen.octets();
      boolean damaged = seen.flaw().filter(Flaw.Damaged.class::isInstance).isPresent();
      behind = damaged ? Keys.chunk(id + 1, 0) : Keys.chunk(id, seen.chunks());
    }
    mails++;
    next = id + 1;
  }

  /// Negative when there is none.
  private long nextMail(Engine engine) throws RocksDBException, SpoolException {
    long[] found = {-1};
    engine.visit(
        Family.RECORDS,
        Keys.mail(next, Keys.PART_HEAD),
        new byte[] {Keys.MAIL + 1},
        (key, _) -> {
          found[0] = Keys.longAt(key, 1);
          return false;
        });
    return found[0];
  }

  /// What lies between the contents of two mails belongs to a draft, or to a mail that was set
  /// aside, or is left over.
  private void between(Catalogue catalogue, byte[] to) throws RocksDBException, SpoolException {
    if (Arrays.compareUnsigned(behind, to) < 0) {
      try {
        catalogue
            .engine()
            .visit(
                Family.BODY,
                behind,
                to,
                (key, _) -> {
                  if (isLeftOver(catalogue, key)) {
                    leftOver.add(key);
                  }
                  behind = Gaps.after(key);
                  return leftOver.size() < LEFT_OVER_A_PAGE;
                });
      } catch (RocksDBException e) {
        if (!Engine.damagedBlob(e)) {
          throw e;
        }
        unreadable = true;
      }
    }
    if (leftOver.size() < LEFT_OVER_A_PAGE) {
      behind = to;
    }
  }

  private static boolean isLeftOver(Catalogue catalogue, byte[] chunk)
      throws RocksDBException, SpoolException {
    long id = Keys.longAt(chunk, 0);
    byte[] draft = catalogue.engine().get(Family.RECORDS, Keys.index(Keys.OPEN, id));
    if (draft != null || catalogue.corrupt().contains(id)) {
      return false;
    }
    try {
      byte[] head = catalogue.engine().get(Family.RECORDS, Keys.mail(id, Keys.PART_HEAD));
      return head == null
          || MailCodec.decode(new QueueId(id), head).chunks() <= Keys.intAt(chunk, 8);
    } catch (DamagedRecordException _) {
      return false; // The mail is judged as a whole.
    }
  }

  private void judge(QueueId id) throws SpoolException {
    Optional<Flaw> flaw = inspection.lasting(catalogue -> new Scrutiny(catalogue).of(id).flaw());
    if (flaw.isEmpty()) {
      return;
    }
    switch (flaw.get()) {
      case Flaw.Damaged(String reason, int chunk) -> {
        byte[] place =
            inspection.read(catalogue -> Optional.ofNullable(catalogue.place(id))).orElse(null);
        inspection.setAside(id, place, chunk, reason);
      }
      case Flaw.Unlisted(Placement place) -> {
        inspection.mend(List.of(Keys.place(place, id.value())), List.of(), List.of(), 0);
        inspection.find(
            id,
            "no place lists it, so nobody would ever deliver it",
            place instanceof Placement.Incoming
                ? "listed; taken up at the next start of the relay"
                : "listed");
      }
      case Flaw.Leftover(List<byte[]> keys) -> {
        inspection.mend(List.of(), keys, List.of(), 0);
        inspection.find(id, keys.size() + " records of a mail that is gone", "removed");
      }
    }
  }

  private void removeLeftOver() throws SpoolException {
    List<byte[]> gone = new ArrayList<>();
    for (byte[] chunk : leftOver) {
      inspection
          .lasting(
              catalogue ->
                  isLeftOver(catalogue, chunk) ? Optional.of(chunk) : Optional.<byte[]>empty())
          .ifPresent(gone::add);
    }
    if (!gone.isEmpty()) {
      inspection.mend(List.of(), List.of(), gone, 0);
      inspection.find(null, gone.size() + " chunks of contents of mails that are gone", "removed");
    }
  }
}
