package dev.poststation.server;

import dev.poststation.account.Guard;
import dev.poststation.os.Os;
import dev.poststation.os.Time;
import dev.poststation.sasl.Accounts;
import dev.poststation.sasl.Channel;
import dev.poststation.sasl.Exchange;
import dev.poststation.sasl.Guess;
import dev.poststation.sasl.Mechanism;
import dev.poststation.sasl.UnavailableException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/// Lets the clients of all sessions log in: the users, and who stands before them. Safe for any
/// thread.
public final class Logins {
  /// Nobody waits longer for the sake of steps.
  private static final Duration LONGEST_STEP = Duration.ofMinutes(1);

  private final Supplier<Accounts> accounts;
  private final Guard guard;
  private final Os os;
  private final Time time;

  /// By which a session knows wrong passwords again; nobody else can do anything with what it
  /// keeps.
  private final byte[] guessKey = new byte[32];

  /// @param accounts who knows the users now; asked often, so it must be at hand
  /// @param guard stands before them
  public Logins(Supplier<Accounts> accounts, Guard guard, Os os) {
    this.accounts = accounts;
    this.guard = guard;
    this.time = os.time();
    this.os = os;
    os.chance().fill(guessKey);
  }

  /// Whether anybody can log in.
  boolean possible() {
    return !accounts.get().mechanisms().isEmpty();
  }

  /// What can be offered over this channel, the best first.
  List<Mechanism> offered(Channel channel) {
    return Mechanism.offered(accounts.get().mechanisms(), channel);
  }

  /// An attempt of a client.
  ///
  /// @param guarded whom it asks
  record Attempt(Exchange exchange, GuardedAccounts guarded) {}

  /// A new attempt of a client.
  Attempt attempt(Mechanism mechanism, Channel channel, InetAddress client) {
    var guarded = new GuardedAccounts(accounts.get(), guard, client, os);
    return new Attempt(Exchange.of(mechanism, guarded, channel, os.chance()), guarded);
  }

  /// What a session may keep of a password that was wrong.
  Guess kept(Guess guess) {
    return guess.kept(guessKey);
  }

  /// Whether somebody has logged in from there lately.
  boolean atHome(InetAddress client) {
    return guard.atHome(client);
  }

  /// Whether somebody for whom a proxy vouches is disabled here.
  boolean disabled(String user) throws UnavailableException {
    return accounts.get().disabled(user);
  }

  /// By which it is told later whether a login that begins now still holds.
  Accounts.Standing standing() {
    return accounts.get().standing();
  }

  /// An attempt failed.
  void failed(Guard.Passage passage) {
    guard.failed(passage);
  }

  /// An attempt failed, and the client may know another mechanism.
  Guard.Mistake failedSoFar(Guard.Passage passage) {
    return guard.failedSoFar(passage);
  }

  /// Nobody could say whether the password of an attempt was right.
  void unanswered(Guard.Passage passage) {
    guard.unanswered(passage);
  }

  /// How long it is yet until it is answered: whoever guesses waits longer each time. It counts
  /// from when the password was said, so that nobody tells by the time who was asked about it, a
  /// file or a directory. To be asked before it is counted.
  ///
  /// @param again whether the same password was counted before
  /// @param took how long somebody looked at it ([GuardedAccounts#took])
  Duration delay(Guard.Passage passage, boolean again, Duration took) {
    if (!passage.blocked() && took.compareTo(whole(passage, again)) > 0) {
      // Whoever tried it sees that; so from now on all are answered as late.
      accounts.get().late(took);
    }
    return whole(passage, again).minusNanos(time.nanos() - passage.since());
  }

  /// The same where nobody could say whether it was right: what was longer than the least wait is
  /// made twice that, four times …, so that few steps are seen. A directory that is silent is so
  /// for all names, so nothing is learned of it.
  Duration delayInOutage(Guard.Passage passage, Duration took) {
    var whole = whole(passage, false);
    while (whole.compareTo(took) < 0 && whole.compareTo(LONGEST_STEP) < 0) {
      whole = whole.multipliedBy(2);
    }
    return whole.minusNanos(time.nanos() - passage.since());
  }

  private Duration whole(Guard.Passage passage, boolean again) {
    var delay = again && !passage.blocked() ? Duration.ZERO : guard.delay(passage);
    var least = accounts.get().leastWait();
    return delay.compareTo(least) < 0 ? least : delay;
  }

  /// Waits.
  void pause(Duration delay) throws InterruptedException {
    if (delay.isPositive()) {
      time.sleep(delay);
    }
  }

  /// An attempt succeeded.
  ///
  /// @param passage by the name as the client said it
  /// @param before what failed in the same session
  void succeeded(Guard.Passage passage, Accounts.Login login, List<Guard.Mistake> before) {
    guard.succeeded(passage, login, before);
  }
}
