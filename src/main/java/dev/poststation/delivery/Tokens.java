package dev.poststation.delivery;

import dev.poststation.config.Account;
import java.util.Optional;

/// Where access tokens of OAuth 2 come from, for XOAUTH2 and OAUTHBEARER at a next hop. Safe for
/// any thread; blocks the calling one for a bounded time.
@FunctionalInterface
public interface Tokens {
  /// None, for whatever account.
  Tokens NONE =
      account -> {
        throw new TokenUnavailableException(
            "no OAuth is configured for connector " + account.connector());
      };

  /// A token of the account that is good for some minutes at least. Asked once per login.
  ///
  /// @throws TokenUnavailableException when there is none now: all mail of the account waits
  String token(Account account) throws TokenUnavailableException;

  /// Why there is no token of the account now, where that is known without asking anybody; empty:
  /// it is worth a try.
  default Optional<String> missing(Account account) {
    return Optional.empty();
  }

  /// A next hop refused this token, though it was given a moment ago: the next call of `token`
  /// should not give it again.
  default void refused(Account account, String token) {}

  /// The next hop takes the token, and lets the account send nothing.
  ///
  /// @param why what it says, a clause
  default void barred(Account account, String why) {}

  /// The account may send.
  default void welcome(Account account) {}
}
