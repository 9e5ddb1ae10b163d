package dev.poststation.account;

import dev.poststation.account.FailureBook.Place;
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

  private final Deque<Waiting> mistakes = new ArrayDeque<>();

  /// One of them, with its place: to fold a name anew for each question would take long.
  private record Waiting(Mistake mistake, Place place) {}

  /// One more.
  void add(Mistake mistake) {
    var passage = mistake.passage();
    var waiting = new Waiting(mistake, Place.of(passage.address(), passage.user()));
    synchronized (this) {
      mistakes.add(waiting);
    }
  }

  /// Never happened, unless it counts already.
  synchronized void drop(Mistake mistake) {
    mistakes.removeIf(each -> each.mistake.equals(mistake));
  }

  /// Those whose time has come, or that are meant: from now on they are none of these.
  synchronized List<Mistake> take(long now, Predicate<Place> meant) {
    List<Mistake> taken = new ArrayList<>(0);
    while (!mistakes.isEmpty()
        && (mistakes.size() > MOST || now - mistakes.getFirst().mistake.due() >= 0)) {
      taken.add(mistakes.removeFirst().mistake);
    }
    mistakes.removeIf(each -> meant.test(each.place) && taken.add(each.mistake));
    return taken;
  }
}
