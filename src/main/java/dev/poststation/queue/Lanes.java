package dev.poststation.queue;

import dev.poststation.message.Lane;
import dev.poststation.message.Priority;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What is ready for one destination, in the order in which it goes: by priority (RFC 6710), and
/// within one in fair turns between clients. Bulk may take half of the room, so that other mail
/// finds some whenever it comes; what is urgent has an eighth more, for where it is not let in it
/// does not go first. Guarded by the lock of its destination.
final class Lanes {
  private static final int EIGHTH = 8;

  private final @Nullable FairTurns<Job>[] levels;
  private int size;
  private int bulk;
  private int urgent;

  /// Whether more waits in the spool, so that somebody is to be told when little is left.
  private boolean waiting;

  /// Whether some of that is urgent.
  private boolean urgentWaiting;

  @SuppressWarnings({"unchecked", "rawtypes"})
  Lanes() {
    levels = new FairTurns[Priority.HIGHEST - Priority.LOWEST + 1];
  }

  int size() {
    return size;
  }

  /// Jobs that are not bulk.
  int others() {
    return size - bulk;
  }

  /// Whether there is no room for this job, where so many have. Then it waits in the spool.
  boolean full(Job job, int most) {
    boolean rest = size >= most || (job.isBulk() && bulk >= Math.max(1, most / 2));
    boolean full = rest && !(job.isUrgent() && urgent < extra(most));
    waiting |= full;
    urgentWaiting |= full && job.isUrgent();
    return full;
  }

  private static int extra(int most) {
    return Math.max(1, most / EIGHTH);
  }

  /// How many more jobs are to be brought.
  ///
  /// @param lane of which
  /// @param ahead so many are brought ahead of their turn
  /// @param most so many have room
  int room(Lane lane, int ahead, int most) {
    int urgentOnes = lane == Lane.URGENT ? Math.min(ahead, extra(most)) - urgent : 0;
    return Math.max(0, Math.max(ahead - size, urgentOnes));
  }

  /// More waits in the spool, if so; what was said before stays true.
  void waiting(boolean more) {
    waiting |= more;
  }

  /// Whether more waits in the spool, and nobody was told that it has room.
  boolean waiting() {
    return waiting;
  }

  /// More of a lane waits in the spool.
  void expect(Lane lane) {
    waiting = true;
    urgentWaiting |= lane == Lane.URGENT;
  }

  /// Whether so little is left, where so many have room, that more is to be brought.
  boolean few(Lane lane, int most) {
    return size <= most / 4 || (lane == Lane.URGENT && urgent <= extra(most) / 4);
  }

  /// Whether it is to be told now that there is room for more, which is told once.
  boolean wantsMore(int most) {
    boolean all = waiting && few(Lane.ALL, most);
    boolean some = urgentWaiting && few(Lane.URGENT, most);
    waiting &= !all;
    urgentWaiting &= !some;
    return all || some;
  }

  void add(Job job) {
    level(job.priority()).add(clientOf(job), job.recipients().size(), job);
    count(job, 1);
  }

  /// Puts a job back that was taken but could not be tried: it is the next one of its client.
  void putBack(Job job) {
    level(job.priority()).putBack(clientOf(job), job.recipients().size(), job);
    count(job, 1);
  }

  /// The next job; null when there is none.
  ///
  /// @param withBulk whether it may be bulk
  @Nullable Job poll(boolean withBulk) {
    int last = withBulk ? Priority.LOWEST : Priority.NORMAL;
    for (int priority = Priority.HIGHEST; priority >= last; priority--) {
      var turns = levels[priority - Priority.LOWEST];
      var job = turns == null ? null : turns.poll();
      if (job != null) {
        count(job, -1);
        return job;
      }
    }
    return null;
  }

  /// Jobs that are bulk.
  int bulk() {
    return bulk;
  }

  /// Some of these jobs, of each client the first, about in the order in which they go.
  ///
  /// @param most so many
  List<Job> first(Predicate<Job> which, int most) {
    List<Job> some = new ArrayList<>(0);
    for (int i = levels.length - 1; i >= 0 && some.size() < most; i--) {
      var turns = levels[i];
      if (turns != null) {
        some.addAll(turns.first(which, most - some.size()));
      }
    }
    return some;
  }

  /// Takes this very job out, at its client's expense as `poll` does.
  ///
  /// @return whether it was there
  boolean take(Job job) {
    boolean taken = level(job.priority()).take(clientOf(job), job);
    count(job, taken ? -1 : 0);
    return taken;
  }

  /// Takes all jobs out.
  List<Job> drain() {
    List<Job> all = new ArrayList<>(size);
    for (var job = poll(true); job != null; job = poll(true)) {
      all.add(job);
    }
    return all;
  }

  /// Takes these jobs out.
  List<Job> takeOut(Predicate<Job> which) {
    List<Job> some = new ArrayList<>(0);
    for (var turns : levels) {
      if (turns != null) {
        some.addAll(turns.takeOut(which));
      }
    }
    some.forEach(job -> count(job, -1));
    return some;
  }

  private void count(Job job, int more) {
    size += more;
    bulk += job.isBulk() ? more : 0;
    urgent += job.isUrgent() ? more : 0;
  }

  private FairTurns<Job> level(int priority) {
    var turns = levels[priority - Priority.LOWEST];
    if (turns == null) {
      turns = new FairTurns<>();
      levels[priority - Priority.LOWEST] = turns;
    }
    return turns;
  }

  private static String clientOf(Job job) {
    return job.mail().mail().envelope().source().client();
  }
}
