package dev.poststation.account;

import dev.poststation.account.Guard.Mistake;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;

/// Failures that do not count yet: a device may try CRAM-MD5 or SCRAM in vain before PLAIN, with
/// the same right password. Nobody has seen them counted, so that nobody sees that they are not.
/// Safe for any thread.
final class Unsettled {
  /// Of more than that, those of before count.
  private static final int MOST = 1000;

  private final Deque<Mistake> mistakes = new ArrayDeque<>();

  /// One more.
  synchronized void add(Mistake mistake) {
    mistakes.add(mistake);
  }

  /// Never happened, unless it counts already.
  synchronized void drop(Mistake mistake) {
    mistakes.remove(mistake);
  }

  /// Those whose time has come, or that are meant: from now on they are none of these.
  synchronized List<Mistake> take(long now, Predicate<Mistake> meant) {
    List<Mistake> taken = new ArrayList<>(0);
    while (!mistakes.isEmpty()
        && (mistakes.size() > MOST || now - mistakes.getFirst().due() >= 0)) {
      taken.add(mistakes.removeFirst());
    }
    mistakes.removeIf(each -> meant.test(each) && taken.add(each));
    return taken;
  }
}
