package dev.poststation.spool;

import static dev.poststation.spool.Engine.Family.BODY;
import static dev.poststation.spool.Engine.Family.RECORDS;
import static dev.poststation.spool.Engine.Family.TRACE;

import dev.poststation.message.Mail;
import dev.poststation.message.RecipientState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/// What is written in one go, all of it or nothing. Says which records each job puts and deletes.
/// Confined to the committer's thread.
///
/// Records that are put exactly once before they are deleted, and that come with each mail, are
/// deleted with `singleDelete`: then both vanish when the write buffer is flushed, and a mail that
/// leaves within seconds never reaches a table.
final class Batch implements AutoCloseable {
  private static final byte[] NOTHING = {};
  private static final int TRACES_PER_BATCH_BITS = 20;

  private final Set<Long> settledInPlace = new HashSet<>();
  private final List<Long> removed = new ArrayList<>(0);
  private final Set<Long> corrupt;
  private Engine engine;
  private Engine.Changes batch;
  private long number;
  private long mails;
  private long octets;
  private int traces;

  /// @param corrupt ids of mail that was set aside; safe for any thread
  Batch(Set<Long> corrupt, Engine engine) {
    this.corrupt = corrupt;
    this.engine = engine;
    this.batch = engine.changes();
  }

  /// Begins anew.
  ///
  /// @param number of the batch; never used before
  /// @param mails in all places before it
  void begin(Engine engine, long number, long mails) {
    if (engine.equals(this.engine)) {
      batch.clear();
    } else {
      batch.close();
      batch = engine.changes();
      this.engine = engine;
    }
    this.number = number;
    this.mails = mails;
    octets = 0;
    traces = 0;
  }

  long number() {
    return number;
  }

  long mails() {
    return mails;
  }

  /// Octets so far, about.
  long octets() {
    return octets;
  }

  void add(Job job) throws RocksDBException {
    octets += job.octets();
    switch (job) {
      case Job.Chunk chunk -> chunk(chunk);
      case Job.Commit commit -> {
        for (NewMail mail : commit.mails()) {
          put(mail);
        }
      }
      case Job.Settle settle -> settle(settle);
      case Job.Discard discard -> discard(discard);
      case Job.Undo undo -> {
        for (NewMail mail : undo.mails()) {
          undo(mail);
        }
      }
      case Job.SetAside aside -> setAside(aside);
      case Job.Mend mend -> mend(mend);
      case Job.Distrust _, Job.Barrier _ -> {}
    }
  }

  /// What is to be written, with its tally.
  Engine.Changes finished(long greatestId) throws RocksDBException {
    batch.put(RECORDS, Keys.TALLY, new Tally(number, mails, greatestId).encode());
    return batch;
  }

  /// All batches so far are on stable storage. Until then it is not forgotten of which mail there
  /// are states: the same removal may have to be written again.
  void synced() {
    removed.forEach(settledInPlace::remove);
    removed.clear();
  }

  private void chunk(Job.Chunk chunk) throws RocksDBException {
    byte[] chunks = new OctetWriter(4).fixed(chunk.number() + 1).finished();
    batch.put(RECORDS, Keys.index(Keys.OPEN, chunk.id()), chunks);
    batch.put(BODY, Keys.chunk(chunk.id(), chunk.number()), chunk.octetsOfContent());
  }

  private void put(NewMail mail) throws RocksDBException {
    long id = mail.id();
    int number = mail.chunksBefore();
    for (byte[] chunk : mail.chunks()) {
      batch.put(BODY, Keys.chunk(id, number++), chunk);
    }
    batch.put(RECORDS, Keys.mail(id, Keys.PART_HEAD), mail.head());
    number = 0;
    for (byte[] block : mail.blocks()) {
      batch.put(RECORDS, Keys.mail(id, Keys.PART_BLOCK, number++), block);
    }
    putStates(id, mail.states());
    batch.put(RECORDS, Keys.place(mail.place(), id), Keys.entry(mail.priority()));
    if (!(mail.place() instanceof Placement.Incoming)) {
      batch.put(RECORDS, Keys.mail(id, Keys.PART_PLACE), MailCodec.encode(mail.place()));
    }
    if (mail.chunksBefore() > 0) {
      batch.delete(RECORDS, Keys.index(Keys.OPEN, id));
    }
    putTrace(id, mail.trace());
    mails++;
  }

  private void settle(Job.Settle job) throws RocksDBException {
    Settlement settlement = job.settlement();
    for (NewMail notice : job.notices()) {
      put(notice);
    }
    for (Settlement.Notice notice : settlement.notices()) {
      if (notice.pace().length > 0) {
        batch.put(RECORDS, Keys.PACE, notice.pace());
      }
    }
    long id = settlement.mail().id().value();
    putTrace(id, job.trace());
    if (corrupt.contains(id)) {
      return;
    }
    Placement from = settlement.from();
    Placement to = settlement.to();
    if (to == null) {
      unplace(from, id);
      remove(settlement.mail(), from);
      mails--;
      return;
    }
    putStates(id, job.states());
    if (to.equals(from)) {
      settledInPlace.add(id);
      return;
    }
    unplace(from, id);
    int priority = settlement.mail().envelope().priority();
    batch.put(RECORDS, Keys.place(to, id), Keys.entry(priority));
    if (to instanceof Placement.Incoming) {
      batch.delete(RECORDS, Keys.mail(id, Keys.PART_PLACE));
      settledInPlace.add(id);
    } else {
      batch.put(RECORDS, Keys.mail(id, Keys.PART_PLACE), MailCodec.encode(to));
      settledInPlace.remove(id);
    }
  }

  private void unplace(Placement from, long id) throws RocksDBException {
    deleteEntry(Keys.place(from, id));
  }

  private void deleteEntry(byte[] key) throws RocksDBException {
    if (key[0] == Keys.INCOMING) {
      batch.singleDelete(RECORDS, key);
    } else {
      batch.delete(RECORDS, key);
    }
  }

  private void remove(Mail mail, Placement from) throws RocksDBException {
    long id = mail.id().value();
    batch.singleDelete(RECORDS, Keys.mail(id, Keys.PART_HEAD));
    for (int chunk = 0; chunk < mail.chunks(); chunk++) {
      batch.singleDelete(BODY, Keys.chunk(id, chunk));
    }
    int recipients = mail.recipients().size();
    for (int block = 0; block < MailCodec.blocks(recipients); block++) {
      batch.delete(RECORDS, Keys.mail(id, Keys.PART_BLOCK, block));
    }
    boolean placed = !(from instanceof Placement.Incoming);
    if (placed) {
      batch.delete(RECORDS, Keys.mail(id, Keys.PART_PLACE));
    }
    // Straight through, as nearly all mail goes, no state was ever written.
    boolean inPlace = settledInPlace.contains(id);
    if (inPlace) {
      removed.add(id);
    }
    if (inPlace || placed || !allFresh(mail)) {
      for (int recipient = 0; recipient < recipients; recipient++) {
        batch.delete(RECORDS, Keys.mail(id, Keys.PART_STATE, recipient));
      }
    }
  }

  private static boolean allFresh(Mail mail) {
    List<RecipientState> states = mail.states();
    if (states.isEmpty()) {
      return true;
    }
    var fresh = RecipientState.fresh(mail.envelope().begins());
    for (RecipientState state : states) {
      if (!state.equals(fresh)) {
        return false;
      }
    }
    return true;
  }

  private void discard(Job.Discard job) throws RocksDBException {
    for (int chunk = 0; chunk < job.chunks(); chunk++) {
      batch.singleDelete(BODY, Keys.chunk(job.id(), chunk));
    }
    batch.delete(RECORDS, Keys.index(Keys.OPEN, job.id()));
  }

  private void undo(NewMail mail) throws RocksDBException {
    long id = mail.id();
    unplace(mail.place(), id);
    if (!(mail.place() instanceof Placement.Incoming)) {
      batch.delete(RECORDS, Keys.mail(id, Keys.PART_PLACE));
    }
    batch.singleDelete(RECORDS, Keys.mail(id, Keys.PART_HEAD));
    for (int block = 0; block < mail.blocks().size(); block++) {
      batch.delete(RECORDS, Keys.mail(id, Keys.PART_BLOCK, block));
    }
    for (NewMail.State state : mail.states()) {
      batch.delete(RECORDS, Keys.mail(id, Keys.PART_STATE, state.recipient()));
    }
    discard(new Job.Discard(id, mail.chunksBefore() + mail.chunks().size()));
    mails--;
  }

  private void setAside(Job.SetAside aside) throws RocksDBException {
    if (aside.place() != null) {
      deleteEntry(aside.place());
    }
    if (aside.chunk() != Job.SetAside.NO_CHUNK) {
      batch.delete(BODY, Keys.chunk(aside.id(), aside.chunk()));
    }
    byte[] reason = new OctetWriter(64).text(aside.reason()).finished();
    batch.put(RECORDS, Keys.index(Keys.CORRUPT, aside.id()), reason);
    mails--;
  }

  private void mend(Job.Mend mend) throws RocksDBException {
    for (byte[] key : mend.listed()) {
      batch.put(RECORDS, key, NOTHING);
    }
    for (byte[] key : mend.gone()) {
      deleteEntry(key);
    }
    for (byte[] key : mend.goneChunks()) {
      batch.singleDelete(BODY, key);
    }
    mails += mend.mails();
  }

  private void putStates(long id, List<NewMail.State> states) throws RocksDBException {
    for (NewMail.State state : states) {
      batch.put(RECORDS, Keys.mail(id, Keys.PART_STATE, state.recipient()), state.record());
    }
  }

  private void putTrace(long id, byte @Nullable [] entries) throws RocksDBException {
    if (entries != null) {
      batch.put(TRACE, Keys.trace(id, number << TRACES_PER_BATCH_BITS | traces++), entries);
    }
  }

  @Override
  public void close() {
    batch.close();
  }
}
