package dev.poststation.spool;

import dev.poststation.message.QueueId;
import dev.poststation.spool.Engine.Family;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.rocksdb.RocksDBException;

/// The part of a check that reads the indexes over the places: whether each mail that they list is
/// there, and in that place. Used by one thread.
final class PlacePass {
  /// The indexes.
  static final byte[] KINDS = {
    Keys.INCOMING, Keys.DEFERRED, Keys.PARKED, Keys.HELD, Keys.QUARANTINED
  };

  private static final int ENTRIES_A_PAGE = 1000;

  private final Inspection inspection;
  private byte[] next = {};

  private enum Wrong {
    /// There is no such mail.
    LOST,
    /// The mail is in another place.
    STRAY
  }

  PlacePass(Inspection inspection) {
    this.inspection = inspection;
  }

  void run() throws SpoolException {
    for (byte kind : KINDS) {
      next = new byte[] {kind};
      byte[] end = {(byte) (kind + 1)};
      while (Arrays.compareUnsigned(next, end) < 0) {
        for (byte[] key : inspection.read(catalogue -> page(catalogue, end))) {
          judge(key);
        }
      }
    }
  }

  /// What seems wrong.
  private List<byte[]> page(Catalogue catalogue, byte[] end)
      throws RocksDBException, SpoolException {
    var suspects = new ArrayList<byte[]>();
    byte[][] behind = {end};
    int[] read = {0};
    catalogue
        .engine()
        .visit(
            Family.RECORDS,
            next,
            end,
            (key, _) -> {
              if (wrong(catalogue, key).isPresent()) {
                suspects.add(key);
              }
              boolean full = ++read[0] == ENTRIES_A_PAGE;
              behind[0] = full ? Gaps.after(key) : end;
              return !full;
            });
    next = behind[0];
    return suspects;
  }

  private static Optional<Wrong> wrong(Catalogue catalogue, byte[] key)
      throws RocksDBException, SpoolException {
    var engine = catalogue.engine();
    long id = Keys.idAtEnd(key).value();
    if (catalogue.corrupt().contains(id) || engine.get(Family.RECORDS, key) == null) {
      return Optional.empty();
    }
    if (engine.get(Family.RECORDS, Keys.mail(id, Keys.PART_HEAD)) == null) {
      return Optional.of(Wrong.LOST);
    }
    byte[] place = engine.get(Family.RECORDS, Keys.mail(id, Keys.PART_PLACE));
    try {
      var placement = place == null ? Placement.INCOMING : MailCodec.decodePlacement(place);
      return Arrays.equals(Keys.place(placement, id), key)
          ? Optional.empty()
          : Optional.of(Wrong.STRAY);
    } catch (DamagedRecordException _) {
      return Optional.empty(); // The mail was judged as a whole.
    }
  }

  private void judge(byte[] key) throws SpoolException {
    QueueId id = Keys.idAtEnd(key);
    Optional<Wrong> wrong = inspection.lasting(catalogue -> wrong(catalogue, key));
    if (wrong.isEmpty()) {
      return;
    }
    switch (wrong.get()) {
      case LOST -> inspection.setAside(id, key, Job.SetAside.NO_CHUNK, "its envelope is missing");
      case STRAY -> {
        inspection.mend(List.of(), List.of(key), List.of(), 0);
        inspection.find(id, "a place lists it that it is not in", "no longer listed there");
      }
    }
  }
}
