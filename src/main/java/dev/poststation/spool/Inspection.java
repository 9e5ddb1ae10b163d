package dev.poststation.spool;

import dev.poststation.message.QueueId;
import dev.poststation.spool.Engine.Family;
import dev.poststation.spool.Upkeep.Counters;
import dev.poststation.spool.Upkeep.Finding;
import dev.poststation.spool.Upkeep.Findings;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/// One check of a spool: reads all entries of all families, and compares mails, contents, places
/// and counters. Mail may come and go meanwhile: what seems wrong is looked at again before it
/// counts. Used by one thread.
final class Inspection {
  private static final int TOLD_MAX = 1000;
  private static final int LOOKS = 3;

  private final SpoolAccess spool;
  private final LongConsumer progress;
  private final Set<Long> asideBefore;
  private final List<Finding> found = new ArrayList<>();
  private final List<Finding> before = new ArrayList<>();
  private final List<String> damage = new ArrayList<>();
  private long foundInAll;
  private long beforeInAll;

  /// @param progress is told how many mails have been read
  Inspection(SpoolAccess spool, LongConsumer progress) {
    this.spool = spool;
    this.progress = progress;
    this.asideBefore = new HashSet<>(spool.corrupt());
  }

  Findings run() throws SpoolException {
    long last = spool.greatestId();
    var mails = new MailPass(this, last);
    mails.run(progress);
    new PlacePass(this).run();
    var rest = new RestPass(this, last);
    rest.run();
    var counters = counters();
    aside();
    repairs();
    mend(List.of(), List.of(), List.of(), 0); // When this is durable, so is all before it.
    return new Findings(
        mails.mails(),
        mails.recipients(),
        mails.chunks(),
        mails.octets(),
        rest.traces(),
        found,
        foundInAll,
        before,
        beforeInAll,
        counters);
  }

  /// Something is not as it should be.
  void find(@Nullable QueueId id, String what, String done) {
    foundInAll++;
    if (found.size() < TOLD_MAX) {
      found.add(new Finding(Optional.ofNullable(id), what, done));
    }
  }

  /// Reads; also what a repair has to make readable first.
  <T> T read(SpoolAccess.Lookup<T> lookup) throws SpoolException {
    return spool.read(lookup, damage::add);
  }

  /// What was repaired, by this check or before it.
  private void repairs() throws SpoolException {
    var kept = spool.newlyDamaged();
    for (String directory : kept) {
      find(
          null,
          damage.isEmpty() ? "files were damaged" : "files were damaged: " + damage.removeFirst(),
          "what can be read of them was copied, the old ones are in " + directory);
    }
    if (kept.isEmpty() && !damage.isEmpty()) {
      find(null, "reading failed: " + damage.getFirst(), "it did not when all was read again");
    }
  }

  /// What is still so when it is looked at again and again, everything having been written in
  /// between; empty when it is not.
  <T> Optional<T> lasting(SpoolAccess.Lookup<Optional<T>> look) throws SpoolException {
    Optional<T> seen = Optional.empty();
    for (int i = 0; i < LOOKS; i++) {
      spool.barrier();
      seen = read(look);
      if (seen.isEmpty()) {
        return seen;
      }
    }
    return seen;
  }

  /// Sets a mail aside; it is told at the end, with all others.
  void setAside(QueueId id, byte @Nullable [] place, int chunk, String reason) {
    spool.setAside(id, place, chunk, reason);
  }

  void mend(List<byte[]> listed, List<byte[]> gone, List<byte[]> goneChunks, long mails)
      throws SpoolException {
    spool.mend(listed, gone, goneChunks, mails);
  }

  private record Count(Tally tally, long mails) {}

  private Counters counters() throws SpoolException {
    for (int i = 0; i < LOOKS; i++) {
      spool.barrier();
      Optional<Count> counted = read(Inspection::count);
      if (counted.isPresent()) {
        long more = counted.get().mails() - counted.get().tally().mails();
        if (more == 0) {
          return Counters.RIGHT;
        }
        find(
            null,
            "the counter says %d mails, but there are %d"
                .formatted(counted.get().tally().mails(), counted.get().mails()),
            "corrected");
        mend(List.of(), List.of(), List.of(), more);
        return Counters.CORRECTED;
      }
    }
    return Counters.NOT_COMPARED;
  }

  /// Empty when something was written meanwhile.
  private static Optional<Count> count(Catalogue catalogue)
      throws RocksDBException, SpoolException {
    long[] mails = {0};
    Tally first = tally(catalogue.engine());
    for (byte kind : PlacePass.KINDS) {
      catalogue
          .engine()
          .visit(
              Family.RECORDS,
              new byte[] {kind},
              (key, _) -> {
                mails[0] += catalogue.corrupt().contains(Keys.idAtEnd(key).value()) ? 0 : 1;
                return true;
              });
    }
    Tally last = tally(catalogue.engine());
    return first.batch() == last.batch()
        ? Optional.of(new Count(last, mails[0]))
        : Optional.empty();
  }

  private static Tally tally(Engine engine) throws RocksDBException, SpoolException {
    try {
      return Tally.in(engine);
    } catch (DamagedRecordException e) {
      throw new SpoolException("The counters are damaged: " + e.getMessage(), false, e);
    }
  }

  /// All that was set aside since the beginning was so by this check, or by what it had repaired.
  private void aside() throws SpoolException {
    spool.barrier();
    var all =
        read(
            catalogue -> {
              var entries = new ArrayList<Finding>();
              catalogue
                  .engine()
                  .visit(
                      Family.RECORDS,
                      new byte[] {Keys.CORRUPT},
                      (key, value) ->
                          entries.add(
                              new Finding(
                                  Optional.of(Keys.idAtEnd(key)), reason(value), "set aside")));
              return entries;
            });
    for (Finding each : all) {
      if (!asideBefore.contains(each.id().orElseThrow().value())) {
        find(each.id().get(), each.what(), each.done());
      } else if (++beforeInAll <= TOLD_MAX) {
        before.add(each);
      }
    }
  }

  private static String reason(byte[] record) {
    try {
      return new OctetReader(record).text();
    } catch (DamagedRecordException e) {
      return "the reason cannot be read: " + e.getMessage();
    }
  }
}
