package dev.poststation.dns;

import dev.poststation.os.Os;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The names of hosts(5). Safe for any thread.
final class HostsFile {
  private final WatchedFile<Map<String, List<InetAddress>>> file;

  HostsFile(Os os, Path path) {
    this.file = new WatchedFile<>(os, path, HostsFile::parse);
  }

  /// The addresses of a name, in the order of the file; empty when it does not know the name.
  ///
  /// @param name as [DomainName#ascii] spells it
  List<InetAddress> addresses(String name) {
    return file.value().getOrDefault(name, List.of());
  }

  private static Map<String, List<InetAddress>> parse(String text) {
    Map<String, List<InetAddress>> names = new HashMap<>();
    text.lines().forEach(line -> parseLine(line, names));
    return names;
  }

  private static void parseLine(String line, Map<String, List<InetAddress>> names) {
    int comment = line.indexOf('#');
    String[] words = (comment < 0 ? line : line.substring(0, comment)).strip().split("\\s+", -1);
    var address = NumericAddress.parse(words[0]);
    if (address.isEmpty()) {
      return;
    }
    for (int i = 1; i < words.length; i++) {
      var name = DomainName.ascii(words[i]);
      name.ifPresent(key -> add(address.get(), names.computeIfAbsent(key, _ -> new ArrayList<>())));
    }
  }

  private static void add(InetAddress address, List<InetAddress> addresses) {
    if (!addresses.contains(address)) {
      addresses.add(address);
    }
  }
}
