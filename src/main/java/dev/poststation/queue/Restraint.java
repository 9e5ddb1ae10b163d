package dev.poststation.queue;

import dev.poststation.delivery.Diagnosis;
import dev.poststation.message.Classification;
import dev.poststation.message.Outcome;
import dev.poststation.smtp.Category;
import dev.poststation.smtp.Reply;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What a destination has taught by saying "too many": from then on it has half of the connections,
/// and one more after each quiet while. When one connection is too many still, it is left alone for
/// a while, longer each time. Guarded by the lock of its destination.
final class Restraint {
  /// One connection more after so long without a word.
  static final Duration RECOVERY = Duration.ofMinutes(10);

  /// What several connections hear at the same time is said once.
  static final Duration ECHO = Duration.ofSeconds(10);

  /// How long it is left alone first.
  static final Duration PAUSE = Duration.ofSeconds(30);

  private static final Duration PAUSE_MAX = Duration.ofMinutes(15);

  /// 0: it has said nothing.
  private int base;

  private long saidNanos;
  private int pauses;
  private String words = "";

  /// The outcome that says so, of those of an attempt; null: none does. That one mailbox gets too
  /// much, or one transaction has too many recipients, is no word about us.
  static Outcome.@Nullable Deferred heard(List<? extends @Nullable Outcome> outcomes) {
    for (var outcome : outcomes) {
      if (outcome instanceof Outcome.Deferred deferred
          && deferred.reply() != null
          && !isOfOneMailbox(deferred.reply())
          && !(deferred.stage() == Outcome.Stage.RCPT && Diagnosis.isTooMany(deferred.reply()))
          && Classification.category(deferred).filter(Category.RATE_LIMIT::equals).isPresent()) {
        return deferred;
      }
    }
    return null;
  }

  /// What the reply itself says counts, not the status that is ours where it has none: for 450 that
  /// is 4.2.0 (RFC 5321 4.2.3: the mailbox is not available), whatever its words are.
  private static boolean isOfOneMailbox(Reply reply) {
    String words = Classification.said(reply).toLowerCase(Locale.ROOT);
    if (words.contains("receiving mail")) {
      return true;
    }
    // Google means the relay of a customer by 4.2.1, too.
    return reply.status() != null
        && reply.status().subject() == 2
        && !words.contains("relay limit exceeded");
  }

  /// How many connections there may be now.
  ///
  /// @param most without it
  int limit(int most, long nanos) {
    if (base == 0) {
      return most;
    }
    long limit = base + (nanos - saidNanos) / RECOVERY.toNanos();
    if (limit >= most) {
      base = 0;
      pauses = 0;
      words = "";
      return most;
    }
    return (int) limit;
  }

  /// It took no more connections than it has: so many are fine.
  void atMost(int open, String why, long nanos) {
    base = Math.max(1, open);
    saidNanos = nanos;
    words = why;
  }

  /// It has said so.
  ///
  /// @param most connections that there may be without it
  /// @param open connections that there are
  /// @return how long nothing is sent; zero: it goes on with fewer connections
  Duration said(int most, int open, String why, long nanos) {
    int limit = Math.min(limit(most, nanos), Math.max(1, open));
    boolean known = base > 0;
    if (known && nanos - saidNanos < ECHO.toNanos()) {
      return Duration.ZERO;
    }
    atMost(limit / 2, why, nanos);
    if (limit > 1) {
      return Duration.ZERO;
    }
    var pause = PAUSE.multipliedBy(1L << Math.min(pauses++, 10));
    return pause.compareTo(PAUSE_MAX) < 0 ? pause : PAUSE_MAX;
  }

  /// Forgets it.
  void forget() {
    base = 0;
    pauses = 0;
    words = "";
  }

  /// What it has said, while that counts; else empty.
  String words(int most, long nanos) {
    limit(most, nanos);
    return words;
  }
}
