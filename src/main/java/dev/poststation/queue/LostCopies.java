package dev.poststation.queue;

import dev.poststation.message.Envelope;
import dev.poststation.os.Time;
import dev.poststation.smtp.Address;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/// Copies of mail that a filter did not take (`use = mirror`), since the start: nobody is told of
/// them but the administrator. Safe for any thread.
public final class LostCopies {
  /// So long after the last one it is worth a word.
  private static final Duration TOLD = Duration.ofDays(1);

  private final Time time;

  /// By the address of the filter: there are as many as were ever configured.
  private final ConcurrentHashMap<String, Lost> lost = new ConcurrentHashMap<>();

  private record Lost(long count, Instant last, String why) {}

  /// None yet.
  public LostCopies(Time time) {
    this.time = time;
  }

  /// Whether a mail is such a copy.
  static boolean concern(Envelope envelope) {
    return envelope.source().equals(Envelope.Source.MIRROR);
  }

  /// One more.
  void add(Address filter, String why) {
    var one = new Lost(1, time.now(), why);
    lost.merge(filter.toString(), one, (old, now) -> new Lost(old.count + 1, now.last, now.why));
  }

  /// What an administrator should know, one sentence for each filter.
  public List<String> concerns() {
    var since = time.now().minus(TOLD);
    return lost.entrySet().stream()
        .filter(each -> each.getValue().last.isAfter(since))
        .map(each -> sentence(each.getKey(), each.getValue()))
        .sorted()
        .toList();
  }

  private static String sentence(String filter, Lost lost) {
    return "the filter at %s (use = mirror) did not take %s since the start, the last one at %s: %s"
        .formatted(
            filter,
            lost.count == 1 ? "1 copy" : lost.count + " copies",
            lost.last.truncatedTo(ChronoUnit.SECONDS),
            lost.why);
  }
}
