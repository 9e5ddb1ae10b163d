package dev.poststation.archive;

import dev.poststation.os.Os;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The archives of a relay: one for each directory, whatever the configuration says of it
/// meanwhile, for a chain has one writer. Safe for any thread.
public final class Archives implements AutoCloseable {
  private final Os os;
  private final Map<Path, Archive> all = new LinkedHashMap<>();

  /// In use no more, but they may still write what waited.
  private final List<Archive> ending = new ArrayList<>();

  /// None yet.
  public Archives(Os os) {
    this.os = os;
  }

  /// That of a directory. It touches nothing before it is in [#use].
  public synchronized Archive at(Path directory) {
    return all.computeIfAbsent(directory, each -> new Archive(os, each));
  }

  /// From now on these are in use, on these terms. All others end, and give up their directories.
  public synchronized void use(Map<Path, Terms> now) {
    ending.removeIf(Archive::hasEnded);
    for (Archive each : List.copyOf(all.values())) {
      if (!now.containsKey(each.directory())) {
        each.end();
        ending.add(each);
        all.remove(each.directory());
      }
    }
    ending.stream().filter(each -> now.containsKey(each.directory())).forEach(Archive::awaitEnd);
    now.forEach((directory, terms) -> at(directory).use(terms));
  }

  /// All write what waits, and end.
  @Override
  public synchronized void close() {
    use(Map.of());
    ending.forEach(Archive::awaitEnd);
  }
}
