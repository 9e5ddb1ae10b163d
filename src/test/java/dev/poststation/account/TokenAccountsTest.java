package dev.poststation.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.poststation.config.OauthSettings;
import dev.poststation.sasl.Accounts.Login;
import dev.poststation.sasl.Accounts.TokenAnswer;
import dev.poststation.sasl.UnavailableException;
import dev.poststation.sim.ManualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Which tokens are good, and how the keys of their issuer are kept.
class TokenAccountsTest {
  private static final String ISSUER = "https://login.example.com";
  private static final RSAKey RSA = rsa("one");
  private static final RSAKey OTHER = rsa("two");
  private static final ECKey ELLIPTIC = elliptic();

  private final ManualTime time = new ManualTime();
  private final List<JWK> published = new ArrayList<>(List.of(RSA, ELLIPTIC));
  private int fetches;
  private boolean down;
  private final TokenAccounts accounts = accounts("");

  private TokenAccounts accounts(String more) {
    OauthSettings settings =
        Objects.requireNonNull(
            Sample.configured(
                    "oauth { issuer = \"%s\", audience = [poststation, other], %s }"
                        .formatted(ISSUER, more))
                .oauth());
    return new TokenAccounts(settings, new IssuerKeys(this::fetch, time), time);
  }

  private JWKSet fetch() throws IOException {
    fetches++;
    if (down) {
      throw new IOException("no route to host");
    }
    return new JWKSet(published).toPublicJWKSet();
  }

  private static RSAKey rsa(String name) {
    try {
      return new RSAKeyGenerator(2048).keyID(name).generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ECKey elliptic() {
    try {
      return new ECKeyGenerator(Curve.P_256).keyID("curve").generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private JWTClaimsSet.Builder good() {
    return new JWTClaimsSet.Builder()
        .issuer(ISSUER)
        .audience("poststation")
        .claim("email", "anna@example.com")
        .expirationTime(Date.from(time.now().plus(Duration.ofMinutes(10))));
  }

  private static String signed(JWTClaimsSet.Builder claims) throws JOSEException {
    return signed(claims, JWSAlgorithm.RS256, "one", new RSASSASigner(RSA));
  }

  private static String signed(
      JWTClaimsSet.Builder claims, JWSAlgorithm algorithm, String key, JWSSigner signer)
      throws JOSEException {
    var jwt = new SignedJWT(new JWSHeader.Builder(algorithm).keyID(key).build(), claims.build());
    jwt.sign(signer);
    return jwt.serialize();
  }

  private static void assertTaken(TokenAnswer answer, String user) {
    assertThat(answer).isEqualTo(new TokenAnswer.Known(new Login(user, "")));
  }

  private static void assertInvalid(TokenAnswer answer) {
    assertThat(answer).isInstanceOf(TokenAnswer.Refused.class);
    var refused = (TokenAnswer.Refused) answer;
    assertThat(refused.status()).isEqualTo("invalid_token");
    assertThat(refused.scope()).isEmpty();
    assertThat(refused.configuration()).isEqualTo(ISSUER + "/.well-known/openid-configuration");
    assertThat(refused.reason()).as("for the log").isNotEmpty();
  }

  @Test
  void aTokenOfTheIssuerIsTaken() throws Exception {
    assertTaken(accounts.token("anna@example.com", signed(good())), "anna@example.com");
    assertTaken(accounts.token("Anna@Example.com", signed(good())), "anna@example.com");
    assertTaken(accounts.token("", signed(good())), "anna@example.com");
  }

  @Test
  void aTokenMayBeSignedWithAnEllipticCurve() throws Exception {
    String token = signed(good(), JWSAlgorithm.ES256, "curve", new ECDSASigner(ELLIPTIC));
    assertTaken(accounts.token("", token), "anna@example.com");
  }

  @Test
  void aTokenThatNamesNoKeyIsTriedWithThoseOfItsKind() throws Exception {
    published.addFirst(OTHER);
    var jwt = new SignedJWT(new JWSHeader(JWSAlgorithm.PS256), good().build());
    jwt.sign(new RSASSASigner(RSA));
    assertTaken(accounts.token("", jwt.serialize()), "anna@example.com");
  }

  @Test
  void aTokenOfAnotherUserIsRefused() throws Exception {
    assertInvalid(accounts.token("berta@example.com", signed(good())));
  }

  @Test
  void aTokenThatHasExpiredIsRefusedAMinuteLater() throws Exception {
    String token = signed(good());
    time.advance(Duration.ofSeconds(10 * 60 + 59));
    assertTaken(accounts.token("", token), "anna@example.com");
    time.advance(Duration.ofSeconds(1));
    assertInvalid(accounts.token("", token));
    assertInvalid(accounts.token("", signed(good().expirationTime(null))));
  }

  @Test
  void aTokenThatIsNotValidYetIsRefused() throws Exception {
    var later = Date.from(time.now().plusSeconds(61));
    assertInvalid(accounts.token("", signed(good().notBeforeTime(later))));
    time.advance(Duration.ofSeconds(1));
    assertTaken(accounts.token("", signed(good().notBeforeTime(later))), "anna@example.com");
  }

  @Test
  void aTokenForAnotherAudienceIsRefused() throws Exception {
    assertInvalid(accounts.token("", signed(good().audience("webmail"))));
    assertInvalid(accounts.token("", signed(good().audience((String) null))));
    assertTaken(
        accounts.token("", signed(good().audience(List.of("webmail", "other")))),
        "anna@example.com");
  }

  @Test
  void aTokenOfAnotherIssuerIsRefusedAndNoKeyIsFetchedForIt() throws Exception {
    assertInvalid(accounts.token("", signed(good().issuer(ISSUER + "/"))));
    assertThat(fetches).isZero();
  }

  @Test
  void aTokenWithoutSignatureIsRefused() throws Exception {
    assertInvalid(accounts.token("", new PlainJWT(good().build()).serialize()));
  }

  /// The classic mistake: the public key, which everybody has, as the secret of HMAC.
  @Test
  void aTokenThatIsSignedWithThePublicKeyAsASecretIsRefused() throws Exception {
    byte[] secret = RSA.toRSAPublicKey().getEncoded();
    String token = signed(good(), JWSAlgorithm.HS256, "one", new MACSigner(secret));
    assertInvalid(accounts.token("", token));
    assertThat(fetches).isZero();
  }

  @Test
  void aTokenThatWasChangedIsRefused() throws Exception {
    String[] parts = signed(good()).split("\\.");
    String other = signed(good().claim("email", "berta@example.com")).split("\\.")[1];
    assertInvalid(accounts.token("", parts[0] + "." + other + "." + parts[2]));
  }

  @Test
  void aKeyThatBringsItselfIsNoKeyOfTheIssuer() throws Exception {
    var header = new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("one").jwk(OTHER.toPublicJWK());
    var jwt = new SignedJWT(header.build(), good().build());
    jwt.sign(new RSASSASigner(OTHER));
    assertInvalid(accounts.token("", jwt.serialize()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", ".", "..", "a.b.c", "e30.e30.e30", "ya29.good", "eyJhbGciOiJub25lIn0.e30."})
  void whatIsNoTokenIsRefused(String token) throws Exception {
    assertInvalid(accounts.token("", token));
  }

  @Test
  void anAddressThatNobodyHasVerifiedIsRefused() throws Exception {
    assertInvalid(accounts.token("", signed(good().claim("email_verified", false))));
    assertInvalid(accounts.token("", signed(good().claim("email_verified", "false"))));
    assertTaken(
        accounts.token("", signed(good().claim("email_verified", true))), "anna@example.com");
  }

  @Test
  void theNameComesFromTheClaimThatIsStated() throws Exception {
    var other = accounts("user-claim = preferred_username");
    assertTaken(other.token("anna", signed(good().claim("preferred_username", "anna"))), "anna");
    assertInvalid(other.token("anna", signed(good())));
    assertInvalid(other.token("", signed(good().claim("preferred_username", List.of("anna")))));
    assertInvalid(other.token("", signed(good().claim("preferred_username", "a\nb"))));
  }

  @Test
  void aTokenMustAllowWhatIsStated() throws Exception {
    var other = accounts("scope = smtp");
    var refused =
        new TokenAnswer.Refused(
            "insufficient_scope",
            "smtp",
            ISSUER + "/.well-known/openid-configuration",
            "it does not allow smtp");
    assertThat(other.token("", signed(good()))).isEqualTo(refused);
    assertThat(other.token("", signed(good().claim("scope", "smtps imap")))).isEqualTo(refused);
    assertTaken(other.token("", signed(good().claim("scope", "imap smtp"))), "anna@example.com");
    assertTaken(other.token("", signed(good().claim("scp", List.of("smtp")))), "anna@example.com");
  }

  @Test
  void theKeysAreFetchedOnceAnHour() throws Exception {
    for (int i = 0; i < 10; i++) {
      accounts.token("", signed(good()));
      time.advance(Duration.ofMinutes(5));
    }
    assertThat(fetches).isEqualTo(1);
    time.advance(Duration.ofMinutes(11));
    accounts.token("", signed(good()));
    assertThat(fetches).isEqualTo(2);
  }

  @Test
  void aNewKeyIsFetchedWhenATokenNamesItAndAnOldOneIsForgotten() throws Exception {
    accounts.token("", signed(good()));
    published.remove(RSA);
    published.add(OTHER);
    time.advance(IssuerKeys.BETWEEN);
    String token = signed(good(), JWSAlgorithm.RS256, "two", new RSASSASigner(OTHER));
    assertTaken(accounts.token("", token), "anna@example.com");
    assertInvalid(accounts.token("", signed(good())));
    assertThat(fetches).isEqualTo(2);
  }

  @Test
  void unknownKeysMakeUsAskNoMoreThanOnceAMinute() throws Exception {
    for (int i = 0; i < 60; i++) {
      String token = signed(good(), JWSAlgorithm.RS256, "k" + i, new RSASSASigner(OTHER));
      assertInvalid(accounts.token("", token));
      time.advance(Duration.ofSeconds(2));
    }
    assertThat(fetches).isEqualTo(2);
  }

  @Test
  void nobodyIsRefusedForGoodWhileTheIssuerIsDown() throws Exception {
    down = true;
    for (int i = 0; i < 10; i++) {
      assertThatThrownBy(() -> accounts.token("", signed(good())))
          .isInstanceOf(UnavailableException.class)
          .hasMessage("the keys of users.oauth cannot be fetched: no route to host");
    }
    assertThat(fetches).isEqualTo(1);
    assertThat(accounts.concern().orElseThrow())
        .isEqualTo(
            "The keys of users.oauth cannot be fetched since 2026-01-01T00:00:00Z: no route to"
                + " host; nobody can log in by a token");
    down = false;
    time.advance(IssuerKeys.BETWEEN_WITHOUT);
    assertTaken(accounts.token("", signed(good())), "anna@example.com");
    assertThat(accounts.concern()).isEmpty();
  }

  @Test
  void keysThatAreThereAreGoodForADayWhileTheIssuerIsDown() throws Exception {
    accounts.token("", signed(good()));
    down = true;
    time.advance(Duration.ofHours(23));
    assertTaken(accounts.token("", signed(good())), "anna@example.com");
    assertThat(accounts.concern().orElseThrow()).endsWith("; those that are there are taken");
    String unknown = signed(good(), JWSAlgorithm.RS256, "two", new RSASSASigner(OTHER));
    assertThatThrownBy(() -> accounts.token("", unknown)).isInstanceOf(UnavailableException.class);
    time.advance(Duration.ofHours(2));
    assertThatThrownBy(() -> accounts.token("", signed(good())))
        .isInstanceOf(UnavailableException.class);
  }
}
