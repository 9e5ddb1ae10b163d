package dev.poststation.policy;

import dev.poststation.config.OutbreakSettings;
import dev.poststation.message.AddressPatterns;
import dev.poststation.message.QueueId;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which bounces that come in count for outbreaks, and which mail is from before the end of one.
/// Some come days after their mail, and whoever got one can write as many about it as he likes.
/// Bounded. Safe for any thread.
final class LateBounces {
  /// Mails of which bounces were counted; clients and senders whose last outbreak is known.
  static final int MOST = 10_000;

  /// One mail gives a tenth of what makes an outbreak, or else ten recipients of it could say that
  /// somebody is not himself.
  private static final int PART = 10;

  /// And no more recipients than these, whatever makes an outbreak.
  static final int OF_A_MAIL_MOST = 20;

  private final Instant started;
  private final Map<Subject, Instant> over = bounded();
  private final Map<QueueId, Set<String>> counted = bounded();

  /// @param started what was sent before was not counted either
  LateBounces(Instant started) {
    this.started = started;
  }

  private static <K, V> Map<K, V> bounded() {
    return new LinkedHashMap<>(16, 0.75f, true) {
      @Override
      protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > MOST;
      }
    };
  }

  /// An outbreak was over then: what was sent until then is known already.
  synchronized void over(Subject who, Instant when) {
    over.put(who, when);
  }

  /// Whether mail that was taken then is older than the end of an outbreak of one of them, or than
  /// this start: what becomes of it was known, or is what somebody meant who released it.
  ///
  /// @param sender null: of a mail without one
  synchronized boolean isKnown(Instant taken, Subject who, @Nullable Subject sender) {
    return taken.isBefore(started)
        || isBeforeEnd(taken, who)
        || (sender != null && isBeforeEnd(taken, sender));
  }

  private boolean isBeforeEnd(Instant taken, Subject who) {
    return taken.isBefore(over.getOrDefault(who, Instant.MIN));
  }

  /// Whether one counts; it was counted then.
  ///
  /// @param sender null: of a mail without one
  synchronized boolean count(
      LateBounce bounce,
      Subject who,
      @Nullable Subject sender,
      OutbreakSettings settings,
      Instant now) {
    var queued = bounce.queued();
    if (bounce.status().subject() == 4 // RFC 3463 3.5: nobody was reached who could refuse it.
        || queued.isBefore(now.minus(settings.within()))
        || isKnown(queued, who, sender)) {
      return false;
    }
    int most = Math.clamp(settings.failures().least() / PART, 1, OF_A_MAIL_MOST);
    var recipients = counted.computeIfAbsent(bounce.mail(), _ -> new HashSet<>());
    return recipients.size() < most
        && recipients.add(AddressPatterns.mailboxKey(bounce.recipient()));
  }
}
