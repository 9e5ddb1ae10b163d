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
  /// Behind the label of the connector: DNSSEC vouches for the hosts.
  static final String SIGNED = "/signed";

  /// The certificates may carry these names, too; they follow, and a `)`.
  static final String NAMES = "(";

  /// The MTA-STS policy of a domain holds, which follows, and a `)`.
  static final String STS = "/sts(";

  /// The same, where the policy is only tried.
  static final String STS_TESTING = "/sts-testing(";

  /// The domain has a policy that cannot be had now.
  static final String STS_UNKNOWN = "/sts-unknown(";

  private static final List<String> MARKS = List.of(NAMES, SIGNED, STS, STS_TESTING, STS_UNKNOWN);

  private static final int LENGTH_MAX = 200;
  private static final int SPELLED_OUT = 3;

  private DestinationName() {}

  /// Whether that may stand behind the label of a connector: what is known of the hosts, and the
  /// hosts after a colon.
  static boolean follows(String rest) {
    return rest.isEmpty() || rest.startsWith(":") || MARKS.stream().anyMatch(rest::startsWith);
  }

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
