package dev.poststation.content;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Keeps mail from waiting for a service that is down: after one failure nobody asks it until
/// `retry-after` has passed, then one mail does, for all. Safe for any thread.
final class Breaker {
  /// Mails in a row about which it says nothing: where they are of so many clients, they are not at
  /// fault themselves.
  private static final int CLIENTS_MAX = 3;

  /// The same where they are of fewer: one client tries a bad mail again and again, or has several;
  /// but it may be the only one there is.
  private static final int MAILS_MAX = 10;

  private final long retryNanos;

  /// Mails about which it has said nothing, since it answered last.
  private final List<Handed> mute = new ArrayList<>(CLIENTS_MAX);

  private @Nullable String why;

  /// Whether it is down though it lives, for it says nothing of content.
  private boolean silent;

  /// Whether it has heard an envelope since it was silent last: others may tell theirs.
  private boolean hears;

  /// The mail that asks for all others; null: there is none.
  private @Nullable Handed turn;

  private boolean hasAnswered;
  private long lastAnswer;

  /// Whether it was down with the configuration before: whoever was told so is told the end, too.
  private boolean wasDown;

  private long until;

  Breaker(Duration retryAfter) {
    this.retryNanos = retryAfter.toNanos();
  }

  /// Whether it may be asked. Who may must say how it went.
  ///
  /// @param content whether it is asked about the whole mail, and not told of its envelope alone
  /// @return why not; null: it may
  synchronized @Nullable String ask(Handed handed, boolean content, long now) {
    if (why == null || (hears && !content)) {
      return null;
    }
    if (now - until < 0) {
      return why;
    }
    until = now + retryNanos; // The others wait for what this one finds.
    turn = handed;
    return null;
  }

  /// It has said something of the envelope. That it says nothing of content may be so all the same:
  /// this the first mail finds that has some. No mail keeps its turn until then, for whoever sends
  /// it decides whether that ever comes.
  ///
  /// @return whether it was down before, and is up now
  synchronized boolean spoke(Handed handed, long now) {
    if (why == null) {
      return false;
    }
    if (!silent) {
      rise();
      return true;
    }
    if (turn != null && turn.mail().equals(handed.mail())) {
      turn = null;
      hears = true;
      until = now;
    }
    return false;
  }

  private void rise() {
    why = null;
    silent = false;
    hears = false;
    turn = null;
    wasDown = false;
  }

  /// It answered.
  ///
  /// @return whether it was down before
  synchronized boolean answered(long now) {
    boolean was = why != null || wasDown;
    hasAnswered = true;
    lastAnswer = now;
    rise();
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

  /// It did not. Where it has answered others since it was asked, that says nothing of the next.
  ///
  /// @param begun when it was asked
  /// @return whether it was up before, and is down now
  synchronized boolean failed(String reason, long begun, long now) {
    return !hasAnsweredSince(begun) && fall(reason, false, now);
  }

  /// It lives, and has said nothing about a mail. One that became several mails on its way is one.
  ///
  /// @param content whether it was asked about the whole mail
  /// @param begun when it was asked
  /// @return whether it was up before, and is down now
  synchronized boolean mute(Handed handed, boolean content, String reason, long begun, long now) {
    if (hasAnsweredSince(begun)) {
      return false;
    }
    if (mute.size() < MAILS_MAX
        && mute.stream().noneMatch(each -> each.mail().equals(handed.mail()))) {
      mute.add(handed);
    }
    return (mute.size() == MAILS_MAX || clients() >= CLIENTS_MAX)
        && fall(reason, silent || content, now);
  }

  private boolean hasAnsweredSince(long begun) {
    return hasAnswered && lastAnswer - begun > 0;
  }

  private boolean fall(String reason, boolean saysNothing, long now) {
    boolean was = why == null;
    why = reason;
    silent = saysNothing;
    hears = false;
    turn = null;
    wasDown = false;
    until = now + retryNanos;
    return was;
  }

  /// Of how many clients those are about which it has said nothing.
  private int clients() {
    List<Handed> apart = new ArrayList<>(CLIENTS_MAX);
    for (var each : mute) {
      if (apart.stream().noneMatch(each::isLike)) {
        apart.add(each);
      }
    }
    return apart.size();
  }

  /// Why it is not asked now; null: it is.
  synchronized @Nullable String down() {
    return why;
  }
}
