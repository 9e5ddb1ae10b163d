package dev.poststation.server;

import dev.poststation.account.Guard;
import dev.poststation.os.InTime;
import dev.poststation.os.Os;
import dev.poststation.sasl.Accounts;
import dev.poststation.sasl.Mechanism;
import dev.poststation.sasl.ScramKeys;
import dev.poststation.sasl.UnavailableException;
import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/// The accounts as one attempt of one client sees them. While it is blocked, nobody tells it
/// whether a guess was right: it goes the same way as a wrong one. Passwords are not looked at
/// then, for that takes time, and a directory might count them. Where one is looked at all the same
/// (the user is at home), that is given up when the answer is due. While it is not blocked, a
/// password waits for its turn, which lasts until it was answered. Where the user is at home it is
/// looked at while he waits, too, on a thread of its own: that can let him in, and changes nothing
/// else. Confined to the session's thread.
final class GuardedAccounts implements Accounts {
  private final Accounts accounts;
  private final Guard guard;
  private final InetAddress client;
  private final Os os;
  private Guard.@Nullable Passage passage;
  private Guard.@Nullable Turn turn;
  private boolean unanswered;
  private Duration took = Duration.ZERO;

  /// @param client where it comes from
  GuardedAccounts(Accounts accounts, Guard guard, InetAddress client, Os os) {
    this.accounts = accounts;
    this.guard = guard;
    this.client = client;
    this.os = os;
  }

  /// How the client stood when it said its password; how it stands now, where nobody came to look.
  Guard.Passage passage(String user) {
    var asked = passage;
    return asked != null ? asked : guard.passage(client, user);
  }

  /// Whether the client has said its password while it was blocked.
  boolean askedInVain() {
    return passage != null && passage.blocked();
  }

  /// Whether the client has said a password, and nobody could say whether it was right.
  boolean unanswered() {
    return unanswered;
  }

  /// How long it took to look at the password; zero: nobody did. Whatever the client takes for its
  /// own part is not in it.
  Duration took() {
    return took;
  }

  @Override
  public boolean looks(String user) {
    var now = guard.passage(client, user);
    passage = now;
    return now.looked();
  }

  @Override
  public Set<Mechanism> mechanisms() {
    return accounts.mechanisms();
  }

  @Override
  public Offer scram(String user, ScramKeys.Hash hash) throws UnavailableException {
    return accounts.scram(user, hash);
  }

  @Override
  public Optional<Login> password(String user, String password) throws UnavailableException {
    if (!looks(user)) {
      return Optional.empty();
    }
    if (askedInVain()) {
      return inTime(
          InTime.begin(os, "login-spared", () -> accounts.spared(user, password)), passage(user));
    }
    var said = passage(user);
    var inLine = guard.turn(said);
    turn = inLine;
    if (!inLine.had()) {
      var early = inLine.isAtHome() ? early(inLine, user, password) : null;
      passage = inLine.await();
      if (askedInVain()) {
        return early == null ? Optional.empty() : inTime(early, said);
      }
    }
    return look(user, password);
  }

  private InTime.Asked<Optional<Login>> early(Guard.Turn inLine, String user, String password) {
    return InTime.begin(
        os, "login-at-home", () -> inLine.meanwhile(() -> accounts.spared(user, password)));
  }

  private Optional<Login> look(String user, String password) throws UnavailableException {
    long began = os.time().nanos();
    try {
      return accounts.password(user, password);
    } catch (UnavailableException e) {
      unanswered = true;
      throw e;
    } finally {
      took = Duration.ofNanos(os.time().nanos() - began);
    }
  }

  /// The client has been answered: another one may have its turn.
  void answered() {
    if (turn != null) {
      turn.over();
    }
  }

  /// Whose password it is, if that is known before everybody else would be answered.
  private static Optional<Login> inTime(InTime.Asked<Optional<Login>> asked, Guard.Passage said)
      throws UnavailableException {
    try {
      return asked.by(said.since() + Guard.WHILE_BLOCKED.toNanos()).orElse(Optional.empty());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnavailableException cause) {
        throw cause;
      }
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("the relay ends", e);
    }
  }

  @Override
  public Optional<ClearText> clearText(String user) throws UnavailableException {
    boolean looked = looks(user);
    return accounts.clearText(user).filter(_ -> looked);
  }

  @Override
  public Optional<Login> certificate(List<X509Certificate> chain, String user)
      throws UnavailableException {
    boolean looked = looks(user);
    return accounts.certificate(chain, user).filter(_ -> looked);
  }

  @Override
  public String refusal(String user) {
    return accounts.refusal(user);
  }

  @Override
  public Standing standing() {
    return accounts.standing();
  }

  @Override
  public TokenAnswer token(String user, String token) throws UnavailableException {
    boolean looked = looks(user);
    var answer = accounts.token(user, token);
    return answer instanceof TokenAnswer.Known && !looked
        ? accounts.token(user, "-") // As one that nobody has signed.
        : answer;
  }
}
