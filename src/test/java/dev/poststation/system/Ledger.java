package dev.poststation.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What was acknowledged, next to what the sink has: which mails are lost, which ones came more
/// than once, and how many may have after the crashes that there were.
///
/// A mail may come again after a crash when its attempt was in flight, or was settled in the last
/// second. The sink's own record says when each mail was complete there. Each copy that was
/// followed by another one is charged to the first crash from which the relay was back only after
/// it.
final class Ledger {
  private static final Pattern RECIPIENT = Pattern.compile("(?m)^X-Rcpt-Args: <([^@]+)@there");
  private static final Duration UNSETTLED = Duration.ofSeconds(1);

  /// A mail that the sink has as a whole.
  record Arrival(String token, Instant at) {}

  /// A moment in which the relay may forget what it has just done.
  ///
  /// @param from when it came
  /// @param back when the relay was back
  /// @param inFlight how many attempts there were at most
  record Crash(Instant from, Instant back, int inFlight) {}

  private final List<Crash> crashes = new ArrayList<>();
  private final Map<String, List<Instant>> arrivals = new HashMap<>();

  /// Notes a crash; in the order in which they come.
  void crash(Crash crash) {
    crashes.add(crash);
  }

  void arrived(Arrival arrival) {
    arrivals.computeIfAbsent(arrival.token(), _ -> new ArrayList<>()).add(arrival.at());
  }

  /// Notes all that smtp-sink wrote; what does not end as it should is no mail but a part of one.
  void arrived(List<Path> files, Predicate<String> whole) {
    for (Path file : files) {
      String dump = Home.readFile(file);
      Matcher recipient = RECIPIENT.matcher(dump);
      if (recipient.find() && whole.test(dump.substring(0, Math.max(0, dump.length() - 1)))) {
        arrived(new Arrival(recipient.group(1), lastWritten(file)));
      }
    }
  }

  private static Instant lastWritten(Path file) {
    try {
      return Files.getLastModifiedTime(file).toInstant();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int crashes() {
    return crashes.size();
  }

  Set<String> arrived() {
    return Set.copyOf(arrivals.keySet());
  }

  /// What of this did not arrive.
  Set<String> missing(Set<String> acknowledged) {
    Set<String> missing = new HashSet<>(acknowledged);
    missing.removeAll(arrivals.keySet());
    return missing;
  }

  int duplicates() {
    return arrivals.values().stream().mapToInt(copies -> copies.size() - 1).sum();
  }

  /// How many duplicates all crashes together excuse.
  int bound() {
    return crashes.stream().mapToInt(this::bound).sum();
  }

  private int bound(Crash crash) {
    Instant since = crash.from().minus(UNSETTLED);
    long settled =
        arrivals.values().stream()
            .flatMap(List::stream)
            .filter(at -> !at.isBefore(since) && !at.isAfter(crash.back()))
            .count();
    return crash.inFlight() + (int) settled;
  }

  /// Each crash with more duplicates than it excuses, and how many none excuses.
  List<String> excess() {
    Map<Crash, Integer> charged = new HashMap<>();
    List<String> excess = new ArrayList<>();
    arrivals.forEach(
        (token, copies) ->
            copies.stream()
                .sorted()
                .limit(copies.size() - 1L)
                .forEach(
                    copy ->
                        crashes.stream()
                            .filter(crash -> !crash.back().isBefore(copy))
                            .findFirst()
                            .ifPresentOrElse(
                                crash -> charged.merge(crash, 1, Integer::sum),
                                () -> excess.add(token + " came again without a crash"))));
    charged.forEach(
        (crash, copies) -> {
          if (copies > bound(crash)) {
            excess.add(copies + " duplicates, " + bound(crash) + " excused by " + crash);
          }
        });
    return excess;
  }
}
