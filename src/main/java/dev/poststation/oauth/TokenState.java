package dev.poststation.oauth;

import dev.poststation.config.OauthGrant;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How it is with the tokens of an account.
///
/// @param grant how they are got, now
/// @param expires when the one that is there expires, or did; null: there is none
/// @param lastSuccess when the token server gave one, since the start
/// @param problem why it does not now; empty: it does
/// @param since when the problem began
public record TokenState(
    AccountName account,
    OauthGrant grant,
    Standing standing,
    @Nullable Instant expires,
    @Nullable Instant lastSuccess,
    String problem,
    @Nullable Instant since) {
  /// Whether mail can go.
  public enum Standing {
    /// There has been no need for a token yet.
    NEW,
    /// There is a token.
    WORKING,
    /// There is none: mail waits.
    PAUSED
  }

  /// What an administrator should know, in one sentence.
  Optional<String> concern() {
    if (problem.isEmpty() || since == null) {
      return Optional.empty();
    }
    var from = since.truncatedTo(ChronoUnit.SECONDS);
    return Optional.of(
        standing == Standing.PAUSED
            ? "No mail leaves by connector %s as %s, and none is returned, for there is no token since %s: %s"
                .formatted(account.connector(), account.user(), from, problem)
            : "The token of connector %s as %s cannot be renewed since %s and is good until %s: %s"
                .formatted(
                    account.connector(),
                    account.user(),
                    from,
                    expires == null ? "?" : expires.truncatedTo(ChronoUnit.SECONDS),
                    problem));
  }
}
