package dev.poststation.tls;

import dev.poststation.os.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/// By which it is known that a file is no more as it was when it was read; to be taken before that,
/// so that no change is missed. Who may read it belongs to it: a file may be put in place first,
/// and given to the relay's user then. Immutable.
///
/// @param identity empty when there is none, or nobody may look, as of the others
record Stamp(Optional<String> identity, Optional<Instant> modified, long size, boolean readable) {
  /// Of nothing, or of what may not be looked at.
  static final Stamp NONE = new Stamp(Optional.empty(), Optional.empty(), 0, false);

  static Stamp of(Path file, Disk disk) {
    try {
      return new Stamp(
          disk.identity(file), disk.modified(file), disk.size(file), disk.isReadable(file));
    } catch (IOException _) {
      return NONE;
    }
  }
}
