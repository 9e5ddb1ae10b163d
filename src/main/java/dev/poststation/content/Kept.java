package dev.poststation.content;

import dev.poststation.archive.Archives;
import dev.poststation.os.Os;
import java.nio.file.Path;

/// What services keep, whatever the configuration says meanwhile. Safe for any thread.
///
/// @param correspondents to whom our people have written
public record Kept(Correspondents correspondents, Archives archives) implements AutoCloseable {
  /// What there is.
  ///
  /// @param data where it is kept
  public static Kept in(Os os, Path data) {
    return new Kept(new Correspondents(os, data), Archives.working(os));
  }

  /// As it was written last: for commands, which keep nothing.
  public static Kept asWritten(Os os, Path data) {
    return new Kept(Correspondents.asWritten(os, data), Archives.idle(os));
  }

  @Override
  public void close() {
    archives.close();
    correspondents.close();
  }
}
