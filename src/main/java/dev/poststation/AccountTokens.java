package dev.poststation;

import dev.poststation.config.Account;
import dev.poststation.delivery.TokenUnavailableException;
import dev.poststation.delivery.Tokens;
import dev.poststation.log.Metrics;
import dev.poststation.oauth.AccessTokens;
import dev.poststation.oauth.NoTokenException;
import dev.poststation.oauth.TokenState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The tokens of all accounts, as logins at next hops, the queue and the metrics ask for them. Safe
/// for any thread.
record AccountTokens(AccessTokens all) implements Tokens {
  @Override
  public String token(Account account) throws TokenUnavailableException {
    try {
      return all.token(account);
    } catch (NoTokenException e) {
      throw new TokenUnavailableException(e.clause(), e);
    }
  }

  @Override
  public Optional<String> missing(Account account) {
    return all.pause(account);
  }

  @Override
  public void refused(Account account, String token) {
    all.refused(account, token);
  }

  @Override
  public void barred(Account account, String why) {
    all.barred(account, why);
  }

  @Override
  public void welcome(Account account) {
    all.welcome(account);
  }

  List<Metrics.Token> measured() {
    return all.states().stream()
        .map(
            state ->
                new Metrics.Token(
                    state.account().connector(),
                    state.account().user(),
                    seconds(state.expires()),
                    seconds(state.lastSuccess()),
                    state.standing() == TokenState.Standing.PAUSED))
        .toList();
  }

  private static long seconds(@Nullable Instant time) {
    return time == null ? 0 : time.getEpochSecond();
  }
}
