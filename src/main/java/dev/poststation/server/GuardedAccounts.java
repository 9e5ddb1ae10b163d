package dev.poststation.server;

import dev.poststation.account.Guard;
import dev.poststation.sasl.Accounts;
import dev.poststation.sasl.Mechanism;
import dev.poststation.sasl.ScramKeys;
import dev.poststation.sasl.UnavailableException;
import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The accounts as one attempt of one client sees them. While it is blocked, nobody tells it
/// whether a guess was right: it goes the same way as a wrong one. Passwords are not looked at
/// then, for that takes time, and a directory might count them; the answer comes later than it
/// would take. Confined to the session's thread.
final class GuardedAccounts implements Accounts {
  private final Accounts accounts;
  private final Guard guard;
  private final InetAddress client;
  private Guard.@Nullable Passage passage;

  /// @param client where it comes from
  GuardedAccounts(Accounts accounts, Guard guard, InetAddress client) {
    this.accounts = accounts;
    this.guard = guard;
    this.client = client;
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
    return looks(user) ? accounts.password(user, password) : Optional.empty();
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
