package dev.poststation.content;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Keeps mail from waiting for a service that is down: after one failure nobody asks it until
/// `retry-after` has passed, then one mail does, for all. Safe for any thread.
final class Breaker {
  /// So many mails in a row about which it says nothing are not at fault themselves.
  private static final int MUTE_MAX = 3;

  private final long retryNanos;

  /// Mails about which it has said nothing, since it answered last.
  private final Set<Object> mute = new HashSet<>(MUTE_MAX);

  private @Nullable String why;

  /// Whether it was down with the configuration before: whoever was told so is told the end, too.
  private boolean wasDown;

  private long until;

  Breaker(Duration retryAfter) {
    this.retryNanos = retryAfter.toNanos();
  }

  /// Whether it may be asked. Who may must say how it went.
  ///
  /// @return why not; null: it may
  synchronized @Nullable String ask(long now) {
    if (why == null) {
      return null;
    }
    if (now - until < 0) {
      return why;
    }
    until = now + retryNanos; // The others wait for what this one finds.
    return null;
  }

  /// It answered.
  ///
  /// @return whether it was down before
  synchronized boolean answered() {
    boolean was = why != null || wasDown;
    why = null;
    wasDown = false;
    mute.clear();
    return was;
  }

  /// Takes the place of one of the configuration before. It is asked at once: it may be the service
  /// that was mended by the new one.
  synchronized void follow(Breaker before) {
    wasDown = before.isDown();
  }

  private synchronized boolean isDown() {
    return why != null || wasDown;
  }

  /// It did not.
  ///
  /// @return whether it was up before
  synchronized boolean failed(String reason, long now) {
    boolean was = why == null;
    why = reason;
    wasDown = false;
    until = now + retryNanos;
    return was;
  }

  /// It lives, and has said nothing about a mail. One that became several mails on its way is one.
  ///
  /// @return whether it was up before, and is down now
  synchronized boolean mute(Object mail, String reason, long now) {
    if (mute.size() < MUTE_MAX) {
      mute.add(mail);
    }
    return mute.size() == MUTE_MAX && failed(reason, now);
  }

  /// Why it is not asked now; null: it is.
  synchronized @Nullable String down() {
    return why;
  }
}
