package dev.poststation.route;

import dev.poststation.route.Exchangers.Host;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;

/// The name of the destination that a set of mail exchangers is. Pure functions.
///
/// Hosts of equal preference stand in the order of their names, whatever the shuffle; a `~` stands
/// before those that are tried only when the ones before fail:
/// `internet:mx1.example.com,mx2.example.com~backup.example.com`. Domains with the same exchangers
/// in the same order of preference so share one destination.
final class DestinationName {
  private static final int LENGTH_MAX = 200;
  private static final int SPELLED_OUT = 3;

  private DestinationName() {}

  /// @param hosts at least one, by preference
  static String of(String connector, List<Host> hosts) {
    List<Host> sorted = new ArrayList<>(hosts);
    sorted.sort(Comparator.comparingInt(Host::preference).thenComparing(Host::name));
    String name = connector + ":" + join(sorted);
    if (name.length() <= LENGTH_MAX) {
      return name;
    }
    var first = sorted.subList(0, Math.min(SPELLED_OUT, sorted.size()));
    int more = sorted.size() - first.size();
    String rest = "+" + more + "-" + digest(name);
    String start = connector + ":" + join(first);
    return start.substring(0, Math.min(start.length(), LENGTH_MAX - rest.length())) + rest;
  }

  private static String join(List<Host> sorted) {
    var joined = new StringBuilder();
    for (int i = 0; i < sorted.size(); i++) {
      if (i > 0) {
        joined.append(sorted.get(i).preference() == sorted.get(i - 1).preference() ? ',' : '~');
      }
      joined.append(sorted.get(i).name());
    }
    return joined.toString();
  }

  private static String digest(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // Every Java has it.
    }
  }
}
