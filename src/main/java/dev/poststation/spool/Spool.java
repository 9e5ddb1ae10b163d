package dev.poststation.spool;

import dev.poststation.message.Content;
import dev.poststation.message.Lane;
import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import java.io.Closeable;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The durable store of mail. A mail is in one of five places: `incoming` (never tried to the end),
/// `deferred` (with the time it is due), `parked` (until its destination has room), `held`, or in
/// quarantine (with the time until which it is kept); the indexes over them are all that has to be
/// read to know what to do. Every reading method sees all settlements that were handed over before
/// it was called, written or not. Safe for any thread.
public interface Spool extends Closeable {
  /// A queue id that was never used before, and greater than all before it.
  QueueId nextId();

  /// Begins to store a new mail. Nothing of it is visible, and a restart discards it, until it is
  /// committed.
  Draft draft(QueueId id);

  /// Makes several mails real at once, or none of them: the parts of one mail, of which some
  /// recipients get another content than others. Otherwise as `Draft.commit`.
  ///
  /// @param together drafts of this spool; at least one
  /// @return their contents, in that order
  /// @throws SpoolException when the disk is full or fails; then none of the mails exists
  List<Content> commit(List<Draft.Ready> together) throws SpoolException;

  /// Records what became of a mail. Returns at once; written with the next batch, durable within a
  /// second. When writing fails the spool keeps it and tries again: the caller's view stands.
  ///
  /// When the mail leaves `incoming`, the memory that its content may have had is free for others:
  /// let go of the content.
  void settle(Settlement settlement);

  /// Returns when everything that was settled before is durable.
  ///
  /// @throws SpoolException when that is not so yet; the spool keeps what was settled, and tries
  ///   again
  void sync() throws SpoolException;

  /// Nobody holds the content that `commit` returned any more, though the mail stays in `incoming`:
  /// the memory that it may have had is free for others.
  void letGo(QueueId id);

  /// A mail with its place; empty when there is none of that name.
  ///
  /// @throws SpoolException when it cannot be read; a damaged mail is set aside as corrupt and
  ///   reported, and then empty
  Optional<Stored> load(QueueId id) throws SpoolException;

  /// The content of a mail, read back chunk by chunk.
  Content content(Mail mail);

  /// The next ids of the place `incoming` after `after`, in order, of mail in this lane. What is of
  /// other lanes is skipped in the index: a hundred thousand take about a tenth of a second. Mail
  /// that a former program placed counts as normal.
  List<QueueId> incoming(Lane lane, QueueId after, int most) throws SpoolException;

  /// The same of all mail.
  default List<QueueId> incoming(QueueId after, int most) throws SpoolException {
    return incoming(Lane.ALL, after, most);
  }

  /// The next entries of the place `deferred` that follow `after` and are due at or before `until`,
  /// in order of time, of mail in this lane.
  List<Due> deferred(Lane lane, Due after, Instant until, int most) throws SpoolException;

  /// The same of all mail.
  default List<Due> deferred(Due after, Instant until, int most) throws SpoolException {
    return deferred(Lane.ALL, after, until, most);
  }

  /// The next mails that are parked for a destination after `after`, in order of their ids, with
  /// their priorities. Mail that a former program placed counts as normal.
  List<Ranked> parkedRanked(String destination, QueueId after, int most) throws SpoolException;

  /// The same without.
  default List<QueueId> parked(String destination, QueueId after, int most) throws SpoolException {
    return parkedRanked(destination, after, most).stream().map(Ranked::id).toList();
  }

  /// The destinations for which mail is parked, in the order of their names; skips from one to the
  /// next.
  List<String> parkedDestinations() throws SpoolException;

  /// The next ids of the place `held` after `after`, in order.
  List<QueueId> held(QueueId after, int most) throws SpoolException;

  /// The next mails in quarantine that follow `after` and are kept until `until` or not so long, in
  /// order of that time.
  List<Due> quarantined(Due after, Instant until, int most) throws SpoolException;

  /// The trace of a mail in the order it was written, also after the mail is gone, as long as
  /// traces are kept.
  List<byte[]> trace(QueueId id) throws SpoolException;

  /// What the last notice said of the pace of notices; empty when none ever did.
  ///
  /// @throws SpoolException when it cannot be read
  byte[] pace() throws SpoolException;

  /// Whether what is settled now gets to the disk. While it does not, each delivery is one that a
  /// restart may make a second time.
  boolean inOrder();

  /// Why new mail is refused now; empty while it is taken.
  Optional<Problem> problem();

  /// Whether it is so full that nothing had better be added but mail.
  boolean isScarce();

  /// How full it is.
  Usage usage();

  /// What an administrator can have done to it.
  Upkeep upkeep();

  /// Commits what waits and closes. Everything else must have stopped before.
  @Override
  void close();

  /// An entry of the place `deferred`, or of quarantine.
  record Due(Instant time, QueueId id) {
    /// Before every entry.
    public static final Due FIRST = new Due(Instant.EPOCH, QueueId.FIRST);
  }

  /// An entry of the place `parked`.
  record Ranked(QueueId id, int priority) {}

  /// How full the spool is, and what it did.
  ///
  /// @param mails mails in all places
  /// @param corrupt mails that were set aside as damaged; they are in no place
  /// @param bytesOnDisk what the engine occupies, garbage included
  /// @param commits mails of clients, no notices, acknowledged since the start
  /// @param syncs syncs of the log since the start
  record Usage(long mails, long corrupt, long bytesOnDisk, long commits, long syncs) {}

  /// Why new mail is refused.
  ///
  /// @param full for want of space; else the spool is out of order, and mail cannot leave either
  /// @param text in a sentence
  record Problem(boolean full, String text) {}

  /// A mail and its place.
  record Stored(Mail mail, Placement placement) {}
}
