package dev.poststation.queue;

import dev.poststation.os.Time;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How many connections a destination may have at the same time: grows by one for each round of
/// successes, halves at each failure to connect, and keeps to what the destination has taught
/// ([Restraint]). How many are open, and carry bulk, is counted here. Guarded by the lock of its
/// destination.
final class Window {
  private static final int START = 5;

  /// What it has said to be too much.
  final Restraint restraint = new Restraint();

  private final Time time;
  private int most;
  private double size;
  private int open;
  private int carrying;
  private int bulk;

  /// Mail went elsewhere since it grew last.
  private boolean lacking;

  /// Counts how often it shrank; read without the lock.
  private volatile int rounds;

  /// @param most never more than this
  Window(Time time, int most) {
    this.time = time;
    this.most = most;
    this.size = Math.min(START, most);
  }

  int size() {
    return Math.min((int) size, restraint.limit(most, time.nanos()));
  }

  /// The destination has said that it has too much of us.
  ///
  /// @return how long nothing is sent; zero: it goes on with fewer connections
  Duration tooMuch(String why) {
    return restraint.said(most, open, why, time.nanos());
  }

  /// The destination has said that it takes no further connection.
  void enough(String why) {
    restraint.atMost(open, why, time.nanos());
  }

  /// What the destination has said to be too much, while that counts; else empty.
  String limitedBy() {
    return restraint.words(most, time.nanos());
  }

  /// A connection was opened.
  void opened() {
    open++;
  }

  /// A connection was closed.
  ///
  /// @return how many are open still
  int closed() {
    return --open;
  }

  /// How many are open.
  int open() {
    return open;
  }

  /// How many there may be now: while it is not known whether the destination can be reached, one
  /// asks for all.
  int now() {
    return open == 0 ? 1 : size();
  }

  /// How many of them may carry bulk: one is left for other mail, if there is more than one.
  int forBulk() {
    return Math.max(1, now() - 1);
  }

  /// Whether one more may carry bulk.
  boolean moreBulk() {
    return bulk < forBulk();
  }

  /// What a connection carries.
  enum Load {
    NOTHING,
    MAIL,
    BULK;

    static Load of(@Nullable Job job) {
      return job == null ? NOTHING : job.isBulk() ? BULK : MAIL;
    }
  }

  /// What one that has nothing would carry next.
  Load next(Lanes turns) {
    return turns.others() > 0
        ? Load.MAIL
        : turns.size() > 0 && moreBulk() ? Load.BULK : Load.NOTHING;
  }

  /// A connection has another mail, or none.
  ///
  /// @param before what it carried
  /// @param now what it carries from now on
  /// @return the latter
  Load carries(Load before, Load now) {
    carrying += (now == Load.NOTHING ? 0 : 1) - (before == Load.NOTHING ? 0 : 1);
    bulk += (now == Load.BULK ? 1 : 0) - (before == Load.BULK ? 1 : 0);
    return now;
  }

  /// How many connections carry mail, or are opened for one.
  int carrying() {
    return carrying;
  }

  /// How many of them carry bulk.
  int carryingBulk() {
    return bulk;
  }

  /// How many there may be before mail goes elsewhere for want of one: all, unless one was ever
  /// refused. Then the destination decides.
  int reach() {
    return rounds == 0 ? restraint.limit(most, time.nanos()) : size();
  }

  /// There are to be as many as may be before mail goes elsewhere.
  ///
  /// @param wanted so many would be of use
  void stretch(int wanted) {
    if (rounds == 0) {
      size = Math.min(most, Math.max(size, wanted));
    }
  }

  /// Mail went elsewhere for want of a connection: more would be of use, though none waits.
  void lack() {
    lacking = true;
  }

  boolean lacking() {
    return lacking;
  }

  /// The configuration changed.
  void most(int changed) {
    if (most != changed) {
      most = changed;
      size = Math.min(size, most);
    }
  }

  /// A mail went through while others waited.
  void grow() {
    lacking = false;
    size = Math.min(most, size + 1 / size);
  }

  /// A connection is about to be opened: in which round. Safe for any thread.
  int round() {
    return rounds;
  }

  /// The destination refused another connection. Those that were tried together, and refused
  /// together, say so once.
  ///
  /// @param round in which it was tried
  void shrink(int round) {
    if (round == rounds) {
      rounds = round + 1;
      size = Math.max(1, size / 2);
    }
  }
}
