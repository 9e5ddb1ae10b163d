package dev.poststation;

import dev.poststation.config.Account;
import dev.poststation.config.OauthGrant;
import dev.poststation.delivery.TokenUnavailableException;
import dev.poststation.delivery.Tokens;
import dev.poststation.oauth.AccessTokens;
import dev.poststation.oauth.NoTokenException;
import dev.poststation.oauth.TokenSite;
import dev.poststation.os.Os;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The tokens of accounts that are tried: those of the relay that runs, where it gets them in the
/// same way, else one that is got for the trial. A refresh token is never used for one: the relay
/// might lose it. Safe for any thread.
///
/// @param known those of a relay that runs; null: none does
record TrialTokens(Os os, Path data, @Nullable AccessTokens known) implements Tokens {
  @Override
  public String token(Account account) throws TokenUnavailableException {
    var grant = account.grant();
    if (grant == null) {
      throw new TokenUnavailableException("the account has no way to get tokens");
    }
    try {
      return known != null && isKnown(known, account, grant)
          ? known.token(account)
          : AccessTokens.once(account, TokenSite.of(grant, os), os, data);
    } catch (NoTokenException e) {
      throw new TokenUnavailableException(e.clause(), e);
    }
  }

  private static boolean isKnown(AccessTokens known, Account account, OauthGrant grant) {
    return known.states().stream()
        .filter(state -> state.account().connector().equals(account.connector()))
        .filter(state -> state.account().user().equals(account.user()))
        .anyMatch(state -> alike(state.grant(), grant));
  }

  /// Whether both get the same token by the same proof.
  private static boolean alike(OauthGrant one, OauthGrant other) {
    return one.type() == other.type()
        && one.clientId().equals(other.clientId())
        && one.tokenUrl().equals(other.tokenUrl())
        && Objects.equals(one.scope(), other.scope())
        && Objects.equals(one.clientSecret(), other.clientSecret())
        && Objects.equals(one.certificate(), other.certificate())
        && Objects.equals(one.key(), other.key());
  }
}
