package dev.poststation.config;

import java.util.Optional;

/// How access tokens of OAuth 2 for an account at a next hop are got: keys of `auth`. Immutable.
///
/// None of its keys is built yet.
public record OauthGrant() {
  /// What to do where a mechanism wants tokens, and nothing says how to get them.
  static final String REMEDY = "this version cannot get tokens yet: use an account with a password";

  /// Reads what stands in `auth` beside `user`, `password` and `mechanism`; empty when nothing of
  /// it does: the account has a password then.
  static Optional<OauthGrant> read(Section in) {
    in.later("tenant", "client-id", "client-secret");
    return Optional.empty();
  }
}
