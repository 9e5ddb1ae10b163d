package dev.poststation.spool;

import dev.poststation.message.Content;
import dev.poststation.message.Mail;
import java.io.Closeable;
import java.util.List;

/// A mail that is coming in. Confined to one thread.
public interface Draft extends Closeable {
  /// Adds octets of the content. At most a fixed window of them is held in memory; may wait for the
  /// disk.
  ///
  /// @throws SpoolException when the disk is full or fails
  void write(byte[] octets, int offset, int length) throws SpoolException;

  /// Octets written so far.
  long size();

  /// Chunks that the content will have, for the `Mail` to commit.
  int chunks();

  /// Makes the mail real: returns when it and its place `incoming` are on stable storage. **Only
  /// then may 250 be said.**
  ///
  /// @param trace the first entries of its trace
  /// @return the content, from memory where the budget allows
  /// @throws SpoolException when the disk is full or fails; then the mail does not exist
  default Content commit(Mail mail, List<byte[]> trace) throws SpoolException {
    return commit(mail, Placement.INCOMING, trace);
  }

  /// The same in another place.
  ///
  /// @throws SpoolException when the disk is full or fails; then the mail does not exist
  Content commit(Mail mail, Placement place, List<byte[]> trace) throws SpoolException;

  /// What was written so far, to be read back before the commit; afterwards, and once the draft is
  /// closed, no more.
  ///
  /// @throws SpoolException when the disk is full or fails
  Content written() throws SpoolException;

  /// A draft, and the mail that it is to become.
  ///
  /// @param trace the first entries of its trace
  record Ready(Draft draft, Mail mail, Placement place, List<byte[]> trace) {
    public Ready {
      trace = List.copyOf(trace);
    }
  }

  /// Discards what was written, unless it was committed. Never throws.
  @Override
  void close();
}
