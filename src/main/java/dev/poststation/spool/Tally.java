package dev.poststation.spool;

import org.rocksdb.RocksDBException;

/// Counters of the spool, written with each batch and true the moment the batch is.
///
/// @param batch the number of the batch: tells after a failure which batches were written. Never
///   used twice.
/// @param mails mails in all places
/// @param greatestId the greatest queue id given out when the batch was written
record Tally(long batch, long mails, long greatestId) {
  static final Tally NEW = new Tally(0, 0, 0);

  /// The counters as they were with the last batch.
  static Tally in(Engine engine) throws RocksDBException, SpoolException, DamagedRecordException {
    byte[] record = engine.get(Engine.Family.RECORDS, Keys.TALLY);
    return record == null ? NEW : decode(record);
  }

  byte[] encode() {
    return new OctetWriter(24).fixed(batch).fixed(mails).fixed(greatestId).finished();
  }

  static Tally decode(byte[] record) throws DamagedRecordException {
    var in = new OctetReader(record);
    var tally = new Tally(in.fixedLong(), in.fixedLong(), in.fixedLong());
    in.end();
    return tally;
  }
}
