package dev.poststation.oauth;

import dev.poststation.config.OauthGrant;
import dev.poststation.os.Os;
import dev.poststation.smtp.Masking;
import dev.poststation.smtp.PeerText;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Lets somebody log in once, so that this relay gets a refresh token: with a code that is typed in
/// on any device (RFC 8628), or by a browser on this machine (RFC 8252, with PKCE: RFC 7636). Used
/// by one thread.
public final class Wizard {
  private static final Duration SLOWER = Duration.ofSeconds(5);
  private static final Duration USUAL_INTERVAL = Duration.ofSeconds(5);
  private static final Duration LONGEST = Duration.ofMinutes(30);

  private final OauthGrant grant;
  private final Requests requests;
  private final Os os;

  /// A code that somebody is to type in.
  ///
  /// @param userCode what to type in
  /// @param where at which page
  /// @param whole the page with the code in its address, where there is one
  /// @param deviceCode what we ask by; never shown
  /// @param interval how often we may ask
  /// @param lasts how long it is good
  public record Code(
      String userCode,
      String where,
      @Nullable String whole,
      String deviceCode,
      Duration interval,
      Duration lasts) {
    @Override
    public String toString() {
      return userCode + " at " + where;
    }
  }

  /// A page that somebody is to open in a browser.
  ///
  /// @param page its address
  /// @param state what comes back with the right answer only
  /// @param verifier proves that who asked is who redeems; never shown
  /// @param redirect where the browser is sent back to
  public record Page(URI page, String state, String verifier, String redirect) {
    @Override
    public String toString() {
      return page.toString();
    }
  }

  /// @param site where the grant's token server is
  public Wizard(AccountName account, OauthGrant grant, TokenSite site, Os os) {
    this.grant = grant;
    this.requests = new Requests(grant, account, site, os);
    this.os = os;
  }

  /// Begins a login with a code.
  public Code code() throws NoTokenException {
    var place = grant.deviceUrl();
    if (place == null) {
      throw NoTokenException.ours("the connector has no device-url: log in with --browser");
    }
    Map<String, String> form = new LinkedHashMap<>();
    form.put("client_id", grant.clientId());
    if (grant.scope() != null) {
      form.put("scope", grant.scope());
    }
    var answer = requests.post(place, form);
    if (answer.status() != 200) {
      throw requests.refusal(answer, form);
    }
    Map<String, Object> said = Said.object(answer.body()).orElse(Map.of());
    // Google says verification_url.
    var where = text(said, "verification_uri");
    where = where == null ? text(said, "verification_url") : where;
    var user = text(said, "user_code");
    var device = text(said, "device_code");
    if (where != null && user != null && device != null) {
      var whole = text(said, "verification_uri_complete");
      return new Code(
          Masking.of(user, List.of(device)),
          Masking.of(where, List.of(device)),
          whole == null ? null : Masking.of(whole, List.of(device)),
          device,
          seconds(said, "interval", USUAL_INTERVAL),
          seconds(said, "expires_in", LONGEST));
    }
    throw NoTokenException.ours(place + " gives no code");
  }

  /// Waits until somebody has typed in the code and allowed what is asked for.
  public Granted await(Code code) throws NoTokenException, InterruptedException {
    Map<String, String> form = new LinkedHashMap<>();
    form.put("grant_type", "urn:ietf:params:oauth:grant-type:device_code");
    form.put("device_code", code.deviceCode());
    var interval = code.interval();
    long end = os.time().nanos() + code.lasts().toNanos();
    while (os.time().nanos() - end < 0) {
      os.time().sleep(interval);
      try {
        return requests.code(form);
      } catch (NoTokenException e) {
        switch (e.code()) {
          case "authorization_pending" -> {}
          case "slow_down" -> interval = interval.plus(SLOWER);
          default -> {
            if (e.lasting()) {
              throw e;
            }
            interval = interval.plus(SLOWER); // RFC 8628 3.5: a server that is down is asked less.
          }
        }
      }
    }
    throw NoTokenException.ours("nobody has logged in in time");
  }

  /// Begins a login by a browser.
  ///
  /// @param redirect where the browser is sent back to
  public Page page(String redirect) throws NoTokenException {
    var place = grant.authorizeUrl();
    if (place == null) {
      throw NoTokenException.ours("the connector has no authorize-url");
    }
    String state = word(16);
    String verifier = word(32);
    Map<String, String> query = new LinkedHashMap<>();
    query.put("response_type", "code");
    query.put("client_id", grant.clientId());
    query.put("redirect_uri", redirect);
    if (grant.scope() != null) {
      query.put("scope", grant.scope());
    }
    query.put("state", state);
    query.put("code_challenge", challenge(verifier));
    query.put("code_challenge_method", "S256");
    query.put("login_hint", requests.account().user());
    var address = new StringBuilder(place.toString());
    char next = place.getRawQuery() == null ? '?' : '&';
    for (var each : query.entrySet()) {
      address.append(next).append(each.getKey()).append('=');
      address.append(
          URLEncoder.encode(each.getValue(), StandardCharsets.UTF_8).replace("+", "%20"));
      next = '&';
    }
    return new Page(URI.create(address.toString()), state, verifier, redirect);
  }

  /// Redeems what the browser brought back.
  ///
  /// @param answer the parameters of the address that it was sent to
  public Granted redeem(Page page, Map<String, String> answer) throws NoTokenException {
    if (!page.state().equals(answer.get("state"))) {
      throw NoTokenException.ours("the answer of the browser is not of this login");
    }
    String code = answer.get("code");
    if (code == null) {
      var secrets = List.of(page.state(), page.verifier());
      String error = Masking.of(PeerText.of(answer.getOrDefault("error", "no code")), secrets);
      String text = Masking.of(PeerText.of(answer.getOrDefault("error_description", "")), secrets);
      throw new NoTokenException(
          "the token server says " + error + (text.isEmpty() ? "" : " (" + text + ")"),
          error,
          true,
          Optional.empty(),
          text);
    }
    Map<String, String> form = new LinkedHashMap<>();
    form.put("grant_type", "authorization_code");
    form.put("code", code);
    form.put("redirect_uri", page.redirect());
    form.put("code_verifier", page.verifier());
    return requests.code(form);
  }

  private String word(int octets) {
    byte[] chance = new byte[octets];
    os.chance().fill(chance);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(chance);
  }

  /// RFC 7636 4.2.
  static String challenge(String verifier) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static @Nullable String text(Map<String, Object> said, String key) {
    return said.get(key) instanceof String text && !text.isBlank() ? PeerText.of(text) : null;
  }

  private static Duration seconds(Map<String, Object> said, String key, Duration otherwise) {
    return said.get(key) instanceof Number number && number.longValue() > 0
        ? Duration.ofSeconds(Math.min(number.longValue(), LONGEST.toSeconds()))
        : otherwise;
  }
}
