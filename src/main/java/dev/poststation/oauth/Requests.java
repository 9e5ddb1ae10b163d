package dev.poststation.oauth;

import dev.poststation.config.OauthGrant;
import dev.poststation.config.Secret;
import dev.poststation.oauth.TokenSite.Answer;
import dev.poststation.os.Os;
import dev.poststation.smtp.Masking;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What we ask of a token server, and what it answers. Safe for any thread.
///
/// @param account that the tokens are for
record Requests(OauthGrant grant, AccountName account, TokenSite site, Os os) {
  /// Where the server does not say how long a token lasts.
  private static final Duration USUAL = Duration.ofHours(1);

  /// What no text of ours is to show.
  private static final Set<String> SECRET =
      Set.of(
          "client_secret",
          "client_assertion",
          "assertion",
          "refresh_token",
          "code",
          "code_verifier",
          "device_code");

  private static final String ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

  /// Asks for a token by the grant of the grant.
  ///
  /// @param refreshToken with a grant by login
  Granted token(@Nullable String refreshToken) throws NoTokenException {
    Map<String, String> form = new LinkedHashMap<>();
    switch (grant.type()) {
      case CLIENT_CREDENTIALS -> form.put("grant_type", "client_credentials");
      case REFRESH_TOKEN, DEVICE -> {
        form.put("grant_type", "refresh_token");
        form.put("refresh_token", Objects.requireNonNull(refreshToken));
      }
      case JWT_BEARER -> {
        form.put("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
        form.put(
            "assertion",
            new Assertion(os)
                .ofServiceAccount(grant, account.user(), Objects.requireNonNull(grant.key())));
        return ask(form); // The scope is within, and the signature says who asks.
      }
    }
    // Google wants no scope with a refresh token: what was granted stays.
    if (grant.scope() != null && !isGoogle()) {
      form.put("scope", grant.scope());
    }
    identify(form);
    return ask(form);
  }

  private boolean isGoogle() {
    return grant.type().byLogin() && grant.tokenUrl().getHost().endsWith("googleapis.com");
  }

  /// Asks with a code that somebody has allowed.
  Granted code(Map<String, String> form) throws NoTokenException {
    Map<String, String> whole = new LinkedHashMap<>(form);
    identify(whole);
    return ask(whole);
  }

  /// Says which client asks, and proves it.
  private void identify(Map<String, String> form) throws NoTokenException {
    form.put("client_id", grant.clientId());
    var secret = grant.clientSecret();
    var certificate = grant.certificate();
    var key = grant.key();
    if (certificate != null && key != null) {
      form.put("client_assertion_type", ASSERTION);
      form.put("client_assertion", new Assertion(os).ofClient(grant, certificate, key));
    } else if (secret != null) {
      form.put("client_secret", reveal(secret, "client-secret"));
    }
  }

  /// What a secret is.
  static String reveal(Secret secret, String key) throws NoTokenException {
    try {
      return secret.reveal();
    } catch (IOException e) {
      throw NoTokenException.ours(key + " cannot be read: " + e.getMessage());
    }
  }

  /// Sends a form to another place than the one for tokens.
  Answer post(URI to, Map<String, String> form) throws NoTokenException {
    try {
      return site.post(to, form);
    } catch (IOException e) {
      throw NoTokenException.unreachable(Masking.of(String.valueOf(e.getMessage()), secrets(form)));
    }
  }

  /// Why an answer is none.
  ///
  /// @param form what was asked: a server may repeat it
  NoTokenException refusal(Answer answer, Map<String, String> form) {
    boolean byLogin = grant.type().byLogin();
    return Refusals.of(answer, secrets(form), account.connector(), byLogin, os.time().now());
  }

  private static List<String> secrets(Map<String, String> form) {
    return form.entrySet().stream()
        .filter(each -> SECRET.contains(each.getKey()))
        .map(Map.Entry::getValue)
        .toList();
  }

  private Granted ask(Map<String, String> form) throws NoTokenException {
    var answer = post(grant.tokenUrl(), form);
    if (answer.status() != 200) {
      throw refusal(answer, form);
    }
    Map<String, Object> said =
        Said.object(answer.body())
            .orElseThrow(
                () -> NoTokenException.ours(grant.tokenUrl() + " answers what is no JSON object"));
    if (!(said.get("access_token") instanceof String token) || !isOneWord(token)) {
      throw said.containsKey("error")
          ? refusal(answer, form)
          : NoTokenException.ours(grant.tokenUrl() + " gives no access_token");
    }
    return new Granted(
        token,
        lasts(said.get("expires_in")),
        said.get("refresh_token") instanceof String refresh && isOneWord(refresh) ? refresh : null);
  }

  /// It becomes part of what we say to the next hop, and of a file.
  private static boolean isOneWord(String token) {
    return !token.isEmpty() && token.chars().allMatch(c -> c > ' ' && c < 0x7f);
  }

  /// A number, or as some servers have it, a text.
  private static Duration lasts(@Nullable Object said) {
    try {
      long seconds = said == null ? 0 : (long) Double.parseDouble(String.valueOf(said));
      return seconds <= 0 ? USUAL : Duration.ofSeconds(Math.clamp(seconds, 30, 86_400L * 365));
    } catch (NumberFormatException _) {
      return USUAL;
    }
  }
}
