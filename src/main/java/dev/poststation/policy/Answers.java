package dev.poststation.policy;

import dev.poststation.config.OutbreakSettings.Share;
import dev.poststation.message.Outcome;
import java.util.Arrays;

/// What next hops answered to the recipients of somebody lately. Counted by halves of the time that
/// matters, so that it takes the same memory whatever comes. Confined to one lock.
final class Answers {
  /// A recipient was taken.
  static final int TAKEN = 0;

  /// There is no such recipient.
  static final int UNKNOWN = 1;

  /// It was refused by policy: spam, a list, a reputation.
  static final int BARRED = 2;

  /// It was refused for another reason.
  static final int REFUSED = 3;

  /// A sender whose mail was an outbreak of its own; not counted among the recipients.
  static final int SENDERS = 4;

  private long half;
  private int[] now = new int[5];
  private int[] before = new int[5];

  /// Which of them an outcome is; -1: none, for nobody has answered yet, or only for now.
  static int of(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Delivered _ -> TAKEN;
      case Outcome.Deferred _, Outcome.Held _, Outcome.Discarded _ -> -1;
      case Outcome.Bounced bounced -> {
        int subject = bounced.status().subject();
        if (subject == 1) {
          yield UNKNOWN; // Also where it was the DNS that said so.
        }
        if (bounced.reply() == null) {
          yield -1;
        }
        yield subject == 7 ? BARRED : REFUSED;
      }
    };
  }

  /// Counts some more.
  ///
  /// @param current the number of the half of the time that is now
  void add(long current, int what, int many) {
    if (current != half) {
      int[] old = before;
      before = current == half + 1 ? now : new int[5];
      now = old;
      Arrays.fill(now, 0);
      half = current;
    }
    now[what] += many;
  }

  int count(int what) {
    return now[what] + before[what];
  }

  int refused() {
    return count(UNKNOWN) + count(BARRED) + count(REFUSED);
  }

  int all() {
    return count(TAKEN) + refused();
  }

  /// Whether too many were refused.
  boolean exceed(Share share) {
    long all = all();
    return all >= share.least() && refused() * 100L >= share.percent() * all;
  }

  /// Leaves out what is counted elsewhere.
  void without(Answers others) {
    for (int what = TAKEN; what <= REFUSED; what++) {
      now[what] = Math.max(0, now[what] - others.now[what]);
      before[what] = Math.max(0, before[what] - others.before[what]);
    }
  }

  void clear() {
    Arrays.fill(now, 0);
    Arrays.fill(before, 0);
  }

  /// For people.
  @Override
  public String toString() {
    var text = new StringBuilder("next hops refused ");
    text.append(refused()).append(" of ").append(all()).append(" recipients");
    text.append(" (").append(count(UNKNOWN)).append(" unknown, ");
    text.append(count(BARRED)).append(" by policy, ").append(count(REFUSED)).append(" else)");
    return text.toString();
  }
}
