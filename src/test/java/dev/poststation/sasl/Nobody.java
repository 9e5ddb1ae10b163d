package dev.poststation.sasl;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Knows no users, so that AUTH is not offered.
public final class Nobody implements Accounts {
  private static final byte[] SALT = new byte[16];

  @Override
  public Set<Mechanism> mechanisms() {
    return Set.of();
  }

  @Override
  public Offer scram(String user, ScramKeys.Hash hash) {
    return new Offer(user, SALT, 4096, List.of());
  }

  @Override
  public Optional<Login> password(String user, String password) {
    return Optional.empty();
  }

  @Override
  public Optional<ClearText> clearText(String user) {
    return Optional.empty();
  }

  @Override
  public Optional<Login> certificate(List<X509Certificate> chain, String user) {
    return Optional.empty();
  }

  @Override
  public TokenAnswer token(String user, String token) {
    return new TokenAnswer.Refused("invalid_token", "", "", "nobody is known");
  }

  @Override
  public String refusal(String user) {
    return WRONG;
  }

  @Override
  public Standing standing() {
    return _ -> true;
  }
}
