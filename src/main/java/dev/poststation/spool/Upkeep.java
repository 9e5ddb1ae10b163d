package dev.poststation.spool;

import dev.poststation.message.QueueId;
import java.io.Closeable;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/// What an administrator can have done to a spool while it is in use. Safe for any thread; blocks
/// for as long as it takes.
public interface Upkeep {
  /// Fixes what the spool has at this moment, for a backup: all that was acknowledged before is in
  /// it.
  ///
  /// @throws SpoolException when it cannot be done, or is being done just now
  Checkpoint checkpoint() throws SpoolException;

  /// Reads all that there is, sets aside what cannot be delivered, and puts right what can be put
  /// right.
  ///
  /// @param progress is told now and then how many mails have been read
  /// @throws SpoolException when it cannot go on
  Findings check(LongConsumer progress) throws SpoolException;

  /// The files of one moment. Closing removes them; so does the next start of the relay.
  interface Checkpoint extends Closeable {
    /// Where they are.
    Path directory();

    /// Mails in all places, about: some may have come or gone within that moment.
    long mails();

    @Override
    void close();
  }

  /// What a check has read and found.
  ///
  /// @param mails read, those included that were set aside before
  /// @param recipients of them
  /// @param chunks of their contents
  /// @param octets of their contents
  /// @param traces entries of traces
  /// @param found what is not as it should be, the first thousand
  /// @param foundInAll how many there are
  /// @param asideBefore mails that were set aside before the check, the first thousand
  /// @param asideBeforeInAll how many there are
  /// @param counters whether they are right
  record Findings(
      long mails,
      long recipients,
      long chunks,
      long octets,
      long traces,
      List<Finding> found,
      long foundInAll,
      List<Finding> asideBefore,
      long asideBeforeInAll,
      Counters counters) {
    public Findings {
      found = List.copyOf(found);
      asideBefore = List.copyOf(asideBefore);
    }
  }

  /// Something that is not as it should be.
  ///
  /// @param id the mail; empty: it is about none
  /// @param what is wrong, as a clause
  /// @param done about it, as a clause
  record Finding(Optional<QueueId> id, String what, String done) {}

  /// What was found out about the counters of the spool.
  enum Counters {
    /// They were right.
    RIGHT,
    /// They were wrong, and are right now.
    CORRECTED,
    /// Mail came and went all the time.
    NOT_COMPARED
  }
}
