package dev.poststation.archive;

import dev.poststation.os.Os;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// The archives of a relay: one for each directory, whatever the configuration says of it
/// meanwhile, for a chain has one writer. Safe for any thread.
public final class Archives implements AutoCloseable {
  private final Os os;
  private final boolean working;
  private final Map<Path, Archive> all = new LinkedHashMap<>();

  private Archives(Os os, boolean working) {
    this.os = os;
    this.working = working;
  }

  /// None yet.
  public static Archives working(Os os) {
    return new Archives(os, true);
  }

  /// For commands: they touch nothing.
  public static Archives idle(Os os) {
    return new Archives(os, false);
  }

  /// That of a directory, which from now on goes by these terms.
  public synchronized Archive at(Path directory, Terms terms) {
    var there = all.get(directory);
    if (there == null) {
      there = new Archive(os, directory, terms);
      all.put(directory, there);
      if (working) {
        there.start();
      }
    } else {
      there.use(terms);
    }
    return there;
  }

  @Override
  public synchronized void close() {
    if (working) {
      all.values().forEach(Archive::close);
    }
    all.clear();
  }
}
