package dev.poststation.account;

import dev.poststation.os.Time;
import dev.poststation.sasl.Accounts;
import java.time.Duration;
import java.util.Optional;

/// How long a store takes to look at a password of somebody who is there, as far as it is known:
/// the slowest of this week and the week before. From it comes how long every failed login waits at
/// least, so that nobody sees by the time for which names a store had work to do. Safe for any
/// thread.
///
/// Whoever does not know a password shall not see either what his own tries taught. So those that
/// were right teach; one that was wrong only where it was answered later than the least wait, which
/// who tried it has seen anyway, and then whatever name it was for.
final class Pace {
  private static final Duration PERIOD = Duration.ofDays(7);

  /// Twice as long as the slowest is long enough for those that come.
  private static final int ROOM = 2;

  /// So long is waited until enough is known.
  private static final Duration UNKNOWN = Duration.ofSeconds(8);

  /// Whoever is slower than that is seen to be: one slow answer must not keep everybody waiting.
  private static final Duration MOST = Duration.ofSeconds(16);

  private final Time time;
  private final Duration floor;
  private final int enough;
  private long began;
  private long slowest;
  private long slowestBefore;
  private long latest;
  private long latestBefore;
  private int right;
  private int rightBefore;

  private Pace(Time time, Duration floor, int enough) {
    this.time = time;
    this.floor = floor;
    this.enough = enough;
    this.began = time.nanos();
  }

  /// That of a file: all that it takes is a hash, of whose work the name makes no difference.
  static Pace ofFile(Time time) {
    return new Pace(time, Accounts.LEAST_WAIT, 0);
  }

  /// That of a directory, of which nothing is known at first.
  static Pace ofDirectory(Time time) {
    return new Pace(time, Duration.ofSeconds(1), 20);
  }

  /// A password was right.
  ///
  /// @param since when somebody began to look at it, as [Time#nanos] has it
  synchronized void right(long since) {
    turn();
    slowest = Math.max(slowest, time.nanos() - since);
    right++;
  }

  /// A wrong password took longer than the least wait.
  synchronized void late(Duration took) {
    turn();
    slowest = Math.max(slowest, took.toNanos());
    latest = Math.max(latest, took.toNanos());
  }

  /// The latest of these; zero: there was none.
  synchronized Duration latest() {
    turn();
    return Duration.ofNanos(Math.max(latest, latestBefore));
  }

  /// How long every failed login waits at least: the floor, or twice that, four times … so that who
  /// watches sees few steps, and nobody's login in them. It is bounded.
  synchronized Duration least() {
    turn();
    var least = right + rightBefore < enough ? UNKNOWN : floor;
    while (least.toNanos() < wanted() && least.compareTo(MOST) < 0) {
      least = least.multipliedBy(2);
    }
    return least;
  }

  private long wanted() {
    return Math.max(slowest, slowestBefore) * ROOM;
  }

  /// What an administrator should know of it.
  ///
  /// @param who took the time
  synchronized Optional<String> concern(String who) {
    turn();
    return wanted() <= MOST.toNanos()
        ? Optional.empty()
        : Optional.of(
            "%s took %d s for a password, but failed logins wait no more than %d s: by the time strangers may see which names are users'"
                .formatted(
                    who, Duration.ofNanos(wanted() / ROOM).toSeconds(), least().toSeconds()));
  }

  private void turn() {
    long periods = (time.nanos() - began) / PERIOD.toNanos();
    if (periods > 0) {
      slowestBefore = periods == 1 ? slowest : 0;
      rightBefore = periods == 1 ? right : 0;
      latestBefore = periods == 1 ? latest : 0;
      slowest = 0;
      latest = 0;
      right = 0;
      began += periods * PERIOD.toNanos();
    }
  }
}
