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

/// The accounts as one client sees them: while it is blocked, no password of it is looked at, so
/// that it does not learn whether a guess was right.
///
/// @param client where it comes from
record GuardedAccounts(Accounts accounts, Guard guard, InetAddress client) implements Accounts {
  private void pass(String user) throws UnavailableException {
    var left = guard.blocked(client, user);
    if (left.isPresent()) {
      throw new BlockedException(left.get());
    }
  }

  @Override
  public Set<Mechanism> mechanisms() {
    return accounts.mechanisms();
  }

  @Override
  public Offer scram(String user, ScramKeys.Hash hash) throws UnavailableException {
    pass(user);
    return accounts.scram(user, hash);
  }

  @Override
  public Optional<Login> password(String user, String password) throws UnavailableException {
    pass(user);
    return accounts.password(user, password);
  }

  @Override
  public Optional<ClearText> clearText(String user) throws UnavailableException {
    pass(user);
    return accounts.clearText(user);
  }

  @Override
  public Optional<Login> certificate(List<X509Certificate> chain, String user)
      throws UnavailableException {
    pass(user);
    return accounts.certificate(chain, user);
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
    pass(user);
    return accounts.token(user, token);
  }
}
