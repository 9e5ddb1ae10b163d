package dev.poststation.delivery;

import dev.poststation.message.Outcome;
import dev.poststation.os.Time;
import java.net.http.HttpHeaders;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Who wants to be left alone, and how long: servers say so by Retry-After (RFC 9110 10.2.3). Safe
/// for any thread.
final class Rests {
  /// Where none is said, or in words that nobody understands.
  static final Duration PAUSE = Duration.ofMinutes(1);

  private static final int REMEMBERED_MAX = 10_000;
  private static final Duration RETRY_AFTER_MAX = Duration.ofDays(1);

  private final Time time;
  private final Map<String, Rest> rests = new ConcurrentHashMap<>();

  /// What nobody is asked before.
  ///
  /// @param why it is so
  record Rest(long untilNanos, Outcome.Deferred why) {}

  Rests(Time time) {
    this.time = time;
  }

  /// From now on, for a while.
  ///
  /// @param who any name of his
  void begin(String who, Duration length, Outcome.Deferred why) {
    if (rests.size() >= REMEMBERED_MAX) {
      rests.clear(); // They say so again.
    }
    rests.put(who, new Rest(time.nanos() + length.toNanos(), why));
  }

  /// He may be asked.
  void end(String who) {
    rests.remove(who);
  }

  /// Why he gets nothing now; empty: he may be asked.
  Optional<Rest> of(String who) {
    return Optional.ofNullable(rests.get(who)).filter(each -> left(each).isPositive());
  }

  /// How long it lasts.
  Duration left(Rest rest) {
    return Duration.ofNanos(rest.untilNanos - time.nanos());
  }

  /// How long somebody wants to be left alone; empty: he does not say.
  static Optional<Duration> asked(HttpHeaders answer, Instant now) {
    return answer.firstValue("Retry-After").map(each -> length(each.strip(), now));
  }

  private static Duration length(String text, Instant now) {
    try {
      var length =
          text.chars().allMatch(Character::isDigit)
              ? Duration.ofSeconds(Long.parseLong(text))
              : Duration.between(
                  now, ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME));
      return length.isNegative()
          ? Duration.ZERO
          : length.compareTo(RETRY_AFTER_MAX) > 0 ? RETRY_AFTER_MAX : length;
    } catch (NumberFormatException | DateTimeException _) {
      return PAUSE;
    }
  }
}
