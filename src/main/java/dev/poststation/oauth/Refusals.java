package dev.poststation.oauth;

import dev.poststation.oauth.TokenSite.Answer;
import dev.poststation.smtp.Masking;
import dev.poststation.smtp.PeerText;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Says in words what a token server refuses (RFC 6749 5.2, RFC 8628 3.5), and what to do about it.
/// The codes of Microsoft, which say more, are kept with their text. Pure functions.
final class Refusals {
  private static final int TEXT_MAX = 300;
  private static final int FULL_MAX = 2000;
  private static final int CODE_MAX = 60;
  private static final Duration SKEW = Duration.ofMinutes(2);

  /// What Microsoft puts behind its texts differs each time, and is for its support only.
  private static final Pattern NUMBERS =
      Pattern.compile(
          "[\\s.]*\\b(?:Trace ID|Correlation ID|Timestamp|Request ID):.*$", Pattern.DOTALL);

  private static final Pattern AADSTS = Pattern.compile("\\bAADSTS(\\d+)");

  /// Codes of RFC 6749 that the server may get over by itself.
  private static final Set<String> PASSING =
      Set.of("temporarily_unavailable", "server_error", "slow_down", "authorization_pending");

  private static final String SECRET = "make a new secret and write it where client-secret points";
  private static final String LOGIN = "log in anew: poststation oauth login %s";
  private static final String CONSENT =
      "an administrator of the tenant must consent to the permissions of the app";
  private static final String CLOCK = "set the clock of this machine";

  /// What to do, by the code of Microsoft.
  private static final Map<String, String> OF_MICROSOFT =
      Map.ofEntries(
          Map.entry("7000215", "write the value of the secret, not its ID"),
          Map.entry("7000222", "the secret has expired: " + SECRET),
          Map.entry("7000218", "the app is no public client: write client-secret"),
          Map.entry("700025", "the app is a public client: remove client-secret"),
          Map.entry("700016", "look at client-id and tenant: the tenant has no such app"),
          Map.entry("7000112", "somebody has disabled the app"),
          Map.entry("90002", "look at tenant: there is none of that name"),
          Map.entry("900023", "look at tenant: it is neither an ID nor a domain"),
          Map.entry("65001", CONSENT),
          Map.entry("90094", CONSENT),
          Map.entry("70011", "look at scope"),
          Map.entry("700027", "upload the certificate to the app, or look at client-certificate"),
          Map.entry("700024", CLOCK),
          Map.entry("50173", "the password was changed or the login revoked; " + LOGIN),
          Map.entry("700082", "the login was not used for too long; " + LOGIN),
          Map.entry("700084", "the login has expired; " + LOGIN),
          Map.entry("70008", "the login has expired; " + LOGIN),
          Map.entry("70043", "the login has expired by a rule of the tenant; " + LOGIN),
          Map.entry("50076", "a second factor is asked for; " + LOGIN),
          Map.entry("50079", "a second factor must be set up; " + LOGIN),
          Map.entry("50158", "another step of the login is asked for; " + LOGIN),
          Map.entry("53003", "a rule of conditional access forbids it: make an exception"),
          Map.entry("530003", "a rule of conditional access wants a managed device"),
          Map.entry("50057", "the account is disabled"),
          Map.entry("50034", "there is no such account in the tenant"),
          Map.entry("500011", "the tenant has no Exchange Online, or scope names another service"));

  /// What to do, by the code of the standard.
  private static final Map<String, String> OF_STANDARD =
      Map.ofEntries(
          Map.entry("invalid_client", "look at client-id and its secret or certificate"),
          Map.entry("deleted_client", "the client was deleted at the token server"),
          Map.entry("unauthorized_client", "the client may not ask by this grant: allow it there"),
          Map.entry("unsupported_grant_type", "the token server does not know this grant"),
          Map.entry("invalid_scope", "look at scope"),
          Map.entry("consent_required", CONSENT),
          Map.entry("interaction_required", LOGIN),
          Map.entry("login_required", LOGIN),
          Map.entry("access_denied", "the login was declined"),
          Map.entry("authorization_declined", "the login was declined"),
          Map.entry("expired_token", "nobody has logged in in time"));

  private Refusals() {}

  /// An answer that gives no token.
  ///
  /// @param secrets what the server is not to be quoted with
  /// @param connector for what is to be typed
  static NoTokenException of(
      Answer answer, List<String> secrets, String connector, boolean byLogin, Instant now) {
    Map<String, Object> said = Said.object(answer.body()).orElse(Map.of());
    String code = Masking.of(text(said, "error"), secrets);
    code = code.length() > CODE_MAX ? code.substring(0, CODE_MAX) + "…" : code;
    String full = Masking.of(text(said, "error_description"), secrets);
    boolean passing = answer.status() >= 500 || answer.status() == 429 || PASSING.contains(code);
    if (code.isEmpty()) {
      return new NoTokenException(
          "the token server answers " + answer.status() + " without a reason",
          "",
          !passing,
          answer.retryAfter(),
          "");
    }
    String description = NUMBERS.matcher(full).replaceFirst("").strip();
    if (description.length() > TEXT_MAX) {
      description = description.substring(0, TEXT_MAX) + "…";
    }
    String remedy = remedy(code, description, byLogin).replace("%s", connector);
    String clock = clock(answer, now);
    var clause = new StringBuilder("the token server says ").append(code);
    if (!description.isEmpty()) {
      clause.append(" (").append(withoutStop(description)).append(')');
    }
    if (!remedy.isEmpty()) {
      clause.append(": ").append(remedy);
    }
    if (!clock.isEmpty() && !remedy.equals(CLOCK)) {
      clause.append("; ").append(clock);
    }
    String kept = full.length() > FULL_MAX ? full.substring(0, FULL_MAX) + "…" : full;
    return new NoTokenException(clause.toString(), code, !passing, answer.retryAfter(), kept);
  }

  private static String withoutStop(String text) {
    return text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
  }

  private static String remedy(String code, String description, boolean byLogin) {
    Matcher microsoft = AADSTS.matcher(description);
    if (microsoft.find()) {
      var known = OF_MICROSOFT.get(microsoft.group(1));
      if (known != null) {
        return known;
      }
    }
    // Google's words for an assertion that is not of now.
    if (description.contains("reasonable timeframe")) {
      return CLOCK;
    }
    if (code.equals("invalid_grant")) {
      return byLogin
          ? "the login is no longer good; " + LOGIN
          : "look at user, client-id and client-key";
    }
    return OF_STANDARD.getOrDefault(code, "");
  }

  /// Assertions and tokens of another time are refused for reasons that seldom say so.
  private static String clock(Answer answer, Instant now) {
    if (answer.date().isEmpty()) {
      return "";
    }
    var off = Duration.between(answer.date().get(), now);
    return off.abs().compareTo(SKEW) < 0
        ? ""
        : "the clock of this machine is %d minutes %s that of the token server"
            .formatted(off.abs().toMinutes(), off.isNegative() ? "behind" : "ahead of");
  }

  private static String text(Map<String, Object> said, String key) {
    return said.get(key) instanceof String text ? PeerText.of(text.replaceAll("\\s+", " ")) : "";
  }
}
