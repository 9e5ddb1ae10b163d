package dev.poststation.intake;

import java.util.concurrent.atomic.AtomicInteger;

/// Counts recipients of mails that are coming in, over all sessions, against
/// `limits.incoming-recipients`. Safe for any thread.
public final class RecipientCount {
  /// So many of each mail are not counted, so that nobody is kept out by what others do.
  public static final int FREE = 10;

  private final AtomicInteger taken = new AtomicInteger();

  /// Room for one more recipient of a mail.
  ///
  /// @param before how many the mail has already
  /// @param most in all
  /// @return whether there is
  public boolean take(int before, int most) {
    if (before < FREE) {
      return true;
    }
    if (taken.incrementAndGet() > most) {
      taken.decrementAndGet();
      return false;
    }
    return true;
  }

  /// A mail is over, or its last recipient was one that it had already.
  ///
  /// @param from how many recipients it had
  /// @param to how many it has now
  public void giveBack(int from, int to) {
    int less = Math.max(from, FREE) - Math.max(to, FREE);
    if (less > 0) {
      taken.addAndGet(-less);
    }
  }

  /// How many are counted now.
  public int taken() {
    return taken.get();
  }
}
