package dev.poststation.seal;

import java.io.IOException;
import java.time.Instant;
import java.util.List;

/// How keys of one kind stand in files. Implementations are safe for any thread.
///
/// @param <E> a key that is kept
public interface Form<E extends Kept> {
  /// The lines in front of each key.
  record Head(List<String> names, Kept.Origin origin, Instant added) {}

  /// Its directory in `data`.
  String word();

  /// The end of the names of files.
  String suffix();

  /// Reads what stands behind the lines.
  ///
  /// @param octets the whole file
  /// @throws IOException when it is damaged; the message is a clause
  E parse(Head head, byte[] octets) throws IOException;

  /// What stands behind the lines.
  String text(E entry);
}
