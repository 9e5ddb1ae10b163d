package dev.poststation.seal;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// When a key of ours ends that no later one replaces. Immutable.
///
/// @param what it is, for people
/// @param file where it stands
public record Ending(String what, Path file, Instant at) {
  private static final int MEASURED_MOST = 100;

  /// Those that end before long or have ended, a sentence each.
  ///
  /// @param section of the configuration
  /// @param warnBefore how long before
  /// @param remedy a clause
  public static List<String> concerns(
      List<Ending> all, String section, Instant now, Duration warnBefore, String remedy) {
    var soon = now.plus(warnBefore);
    return all.stream()
        .filter(each -> each.at.isBefore(soon))
        .map(each -> section + ": " + each.described(now) + ": " + remedy)
        .toList();
  }

  private String described(Instant now) {
    String when =
        at.isAfter(now) ? " ends in " + Duration.between(now, at).toDays() + " days" : " ended";
    return what + when + " (" + at + ")";
  }

  /// When they end, by file: those that end first.
  public static Map<String, Long> expiries(List<Ending> all) {
    Map<String, Long> first = new TreeMap<>();
    all.stream()
        .sorted(Comparator.comparing(Ending::at))
        .limit(MEASURED_MOST)
        .forEach(each -> first.put(each.file.toString(), each.at.getEpochSecond()));
    return first;
  }
}
