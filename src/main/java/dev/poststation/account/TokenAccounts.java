package dev.poststation.account;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.poststation.config.OauthSettings;
import dev.poststation.os.Os;
import dev.poststation.os.Time;
import dev.poststation.os.Workers;
import dev.poststation.sasl.Accounts.Lease;
import dev.poststation.sasl.Accounts.Login;
import dev.poststation.sasl.Accounts.TokenAnswer;
import dev.poststation.sasl.UnavailableException;
import dev.poststation.sasl.UserNames;
import java.text.ParseException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Those who log in by a token of an issuer: a JWT (RFC 7519) that it has signed for us. Safe for
/// any thread.
///
/// Limits: a token that the issuer has revoked is good until it expires; the issuer is not asked.
final class TokenAccounts {
  /// Clocks differ.
  private static final Duration LEEWAY = Duration.ofMinutes(1);

  /// Only such as the issuer alone can sign with: with `HS256`, whoever can verify can sign, and
  /// with `none` everybody (RFC 8725 3.1). What is not listed is refused, whatever the token says.
  private static final Set<JWSAlgorithm> ALGORITHMS =
      Set.of(
          JWSAlgorithm.RS256,
          JWSAlgorithm.RS384,
          JWSAlgorithm.RS512,
          JWSAlgorithm.PS256,
          JWSAlgorithm.PS384,
          JWSAlgorithm.PS512,
          JWSAlgorithm.ES256,
          JWSAlgorithm.ES384,
          JWSAlgorithm.ES512);

  private static final String EMAIL = "email";
  private static final String INVALID = "invalid_token"; // RFC 6750 3.1
  private static final String INSUFFICIENT = "insufficient_scope";

  private final OauthSettings settings;
  private final IssuerKeys keys;
  private final Time time;
  private volatile boolean closed;

  /// @param fetching by which the keys of the issuer are fetched
  TokenAccounts(Os os, OauthSettings settings, Workers fetching) {
    this(
        settings,
        new IssuerKeys(IssuerSite.of(settings, os.disk(), fetching), os.time()),
        os.time());
  }

  /// With keys from elsewhere.
  TokenAccounts(OauthSettings settings, IssuerKeys keys, Time time) {
    this.settings = settings;
    this.keys = keys;
    this.time = time;
  }

  /// What it was made from.
  OauthSettings settings() {
    return settings;
  }

  /// Whose token it is.
  ///
  /// @param user the name that the client gave, or empty: that of the token
  /// @throws UnavailableException when the keys of the issuer cannot be had
  TokenAnswer token(String user, String token) throws UnavailableException {
    SignedJWT jwt;
    JWTClaimsSet claims;
    try {
      jwt = SignedJWT.parse(token);
      claims = jwt.getJWTClaimsSet();
    } catch (ParseException _) {
      return refused("it is no signed JWT");
    }
    if (!ALGORITHMS.contains(jwt.getHeader().getAlgorithm())) {
      return refused("its algorithm is not taken");
    }
    // Before any key is fetched: tokens of others are none of our issuer's business.
    if (!settings.issuer().equals(claims.getIssuer())) {
      return refused("iss is not users.oauth.issuer");
    }
    if (!isSigned(jwt)) {
      return refused("it is not signed with a key of the issuer");
    }
    var flaw = flaw(claims);
    if (flaw.isPresent()) {
      return refused(flaw.get());
    }
    var name = name(claims);
    if (name == null) {
      return refused(settings.userClaim() + " has no name of a user");
    }
    if (!user.isEmpty() && !UserNames.folded(user).equals(UserNames.folded(name))) {
      return refused("it is another user's");
    }
    var scope = settings.scope();
    return scope == null || isAllowed(claims, scope)
        ? new TokenAnswer.Known(new Login(name, "", lease(claims)))
        : refused(INSUFFICIENT, "it does not allow " + scope);
  }

  /// As long as the token is good, and nobody configures another issuer.
  private Lease lease(JWTClaimsSet claims) {
    var end = claims.getExpirationTime().toInstant().plus(LEEWAY);
    return () -> !closed && time.now().isBefore(end);
  }

  private boolean isSigned(SignedJWT jwt) throws UnavailableException {
    for (var key : keys.of(jwt.getHeader())) {
      try {
        if (key instanceof AsymmetricJWK pair
            && jwt.verify(
                new DefaultJWSVerifierFactory()
                    .createJWSVerifier(jwt.getHeader(), pair.toPublicKey()))) {
          return true;
        }
      } catch (JOSEException _) {
        // Another key may do.
      }
    }
    return false;
  }

  private Optional<String> flaw(JWTClaimsSet claims) {
    if (claims.getAudience().stream().noneMatch(settings.audience()::contains)) {
      return Optional.of("aud has none of users.oauth.audience");
    }
    var now = time.now();
    var end = claims.getExpirationTime();
    if (end == null) {
      return Optional.of("it has no exp");
    }
    if (!now.isBefore(end.toInstant().plus(LEEWAY))) {
      return Optional.of("it has expired");
    }
    var begin = claims.getNotBeforeTime();
    return begin != null && now.isBefore(begin.toInstant().minus(LEEWAY))
        ? Optional.of("it is not valid yet")
        : Optional.empty();
  }

  private @Nullable String name(JWTClaimsSet claims) {
    if (settings.userClaim().equals(EMAIL)
        && "false".equals(String.valueOf(claims.getClaim("email_verified")))) {
      return null; // Whoever may write there what he wants is not yet whom he names.
    }
    return claims.getClaim(settings.userClaim()) instanceof String name
            && UserNames.flaw(name).isEmpty()
        ? name
        : null;
  }

  /// RFC 9068 2.2.3 has one text; others have a list, or call it `scp`.
  private static boolean isAllowed(JWTClaimsSet claims, String wanted) {
    for (String claim : List.of("scope", "scp")) {
      boolean has =
          switch (claims.getClaim(claim)) {
            case String text -> List.of(text.split(" ", -1)).contains(wanted);
            case Collection<?> each -> each.contains(wanted);
            case null, default -> false;
          };
      if (has) {
        return true;
      }
    }
    return false;
  }

  private TokenAnswer refused(String why) {
    return refused(INVALID, why);
  }

  private TokenAnswer refused(String status, String why) {
    var scope = settings.scope();
    return new TokenAnswer.Refused(
        status, scope == null ? "" : scope, settings.configuration(), why);
  }

  /// What an administrator should know.
  Optional<String> concern() {
    return keys.concern();
  }

  /// Nobody whom it let in stays.
  void close() {
    closed = true;
  }
}
