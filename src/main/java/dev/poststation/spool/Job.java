package dev.poststation.spool;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Something that the committer is to write.
sealed interface Job {
  /// Octets that it adds to a batch, about.
  long octets();

  /// Of the one who waits for it; null when nobody does.
  default @Nullable Ticket<Integer> ticket() {
    return null;
  }

  /// Whether it must be on stable storage before its ticket ends.
  default boolean durable() {
    return false;
  }

  /// A chunk of a draft, ahead of its commit. The ticket is given the number of the engine's
  /// opening that took it.
  record Chunk(long id, int number, byte[] octetsOfContent, Ticket<Integer> ticket) implements Job {
    @Override
    public long octets() {
      return octetsOfContent.length;
    }
  }

  /// Mails to make real together, and synced.
  ///
  /// @param mails at least one
  /// @param opening the opening of the engine that took the chunks before, if there are any
  record Commit(List<NewMail> mails, int opening, Ticket<Integer> ticket) implements Job {
    @Override
    public long octets() {
      long octets = 0;
      for (NewMail mail : mails) {
        octets += mail.octets();
      }
      return octets;
    }

    boolean hasChunksBefore() {
      for (NewMail mail : mails) {
        if (mail.chunksBefore() > 0) {
          return true;
        }
      }
      return false;
    }

    @Override
    public boolean durable() {
      return true;
    }
  }

  /// What became of a mail.
  ///
  /// @param states the changes, encoded
  /// @param trace entries for its trace, encoded, or null
  record Settle(
      Settlement settlement,
      List<NewMail.State> states,
      List<NewMail> notices,
      byte @Nullable [] trace)
      implements Job {
    static Settle of(Settlement settlement) {
      var states = new ArrayList<NewMail.State>(settlement.changes().size());
      if (settlement.to() != null) {
        for (Settlement.Change change : settlement.changes()) {
          states.add(new NewMail.State(change.recipient(), MailCodec.encode(change.state())));
        }
      }
      var notices = new ArrayList<NewMail>(settlement.notices().size());
      for (Settlement.Notice notice : settlement.notices()) {
        notices.add(NewMail.of(notice));
      }
      byte[] trace =
          settlement.trace().isEmpty() ? null : MailCodec.encodeTrace(settlement.trace());
      return new Settle(settlement, states, notices, trace);
    }

    @Override
    public long octets() {
      long octets = 200L * (1 + states.size()) + (trace == null ? 0 : trace.length);
      for (NewMail notice : notices) {
        octets += notice.octets();
      }
      return octets;
    }
  }

  /// The chunks of a draft that was not committed.
  record Discard(long id, int chunks) implements Job {
    @Override
    public long octets() {
      return 20L * chunks;
    }
  }

  /// Mails that were refused although the engine, as it turned out, had written them.
  record Undo(List<NewMail> mails) implements Job {
    @Override
    public long octets() {
      return 200L * mails.size();
    }
  }

  /// A mail that cannot be read.
  ///
  /// @param place its key in the index of its place, or null when not even that is known
  /// @param chunk the chunk that cannot be read, or `NO_CHUNK`; it is deleted, for otherwise the
  ///   collection of garbage would stumble over it
  record SetAside(long id, byte @Nullable [] place, int chunk, String reason) implements Job {
    static final int NO_CHUNK = -1;

    @Override
    public long octets() {
      return 200;
    }
  }

  /// What a check found to be wrong and can put right.
  ///
  /// @param listed keys to put into indexes
  /// @param gone keys of indexes and mails to delete
  /// @param goneChunks keys of contents to delete
  /// @param mails how many mails there are more than the counter says
  /// @param ticket of the check, which waits until it is synced
  record Mend(
      List<byte[]> listed,
      List<byte[]> gone,
      List<byte[]> goneChunks,
      long mails,
      Ticket<Integer> ticket)
      implements Job {
    @Override
    public boolean durable() {
      return true;
    }

    @Override
    public long octets() {
      return 50L * (1 + listed.size() + gone.size() + goneChunks.size());
    }
  }

  /// Nothing, but the engine is to be examined: a reader met damage in a table.
  ///
  /// @param engine the one that it was met in
  record Distrust(Engine engine, String reason) implements Job {
    @Override
    public long octets() {
      return 0;
    }
  }

  /// Nothing, for one who waits until all before it is written.
  ///
  /// @param durable and synced
  record Barrier(boolean durable, Ticket<Integer> ticket) implements Job {
    @Override
    public long octets() {
      return durable ? 20 : 0; // There must be something to write for a sync to come of it.
    }
  }
}
