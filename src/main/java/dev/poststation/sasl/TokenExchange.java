package dev.poststation.sasl;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A token of OAuth 2: OAUTHBEARER (RFC 7628) or XOAUTH2, which says the same in other words.
///
/// A token that is refused is answered with a challenge that says why, in JSON; the client answers
/// with nothing of interest, and only then it is over.
final class TokenExchange implements Exchange {
  private static final char END = 1;
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/-]+=*"); // RFC 6750 2.1

  private final Accounts accounts;
  private final boolean google;
  private Step.@Nullable Failure told;

  /// @param google whether it is XOAUTH2
  TokenExchange(Accounts accounts, boolean google) {
    this.accounts = accounts;
    this.google = google;
  }

  /// What the client said.
  ///
  /// @param authorization such as `Bearer abc`
  private record Said(String user, String authorization) {}

  @Override
  public Step begin(byte @Nullable [] initial) throws UnavailableException {
    return initial == null ? new Step.Challenge(new byte[0]) : answer(initial);
  }

  @Override
  public Step answer(byte[] octets) throws UnavailableException {
    if (told != null) {
      return told;
    }
    String text = Words.text(octets);
    var said = text == null ? null : google ? xoauth2(text) : bearer(text);
    if (said == null) {
      return Step.Failure.malformed("not what RFC 7628 wants");
    }
    var name = said.user.isEmpty() ? Optional.of("") : Words.name(said.user);
    if (name.isEmpty()) {
      return Step.Failure.malformed("not a name");
    }
    String user = name.get();
    if (!said.authorization.toLowerCase(Locale.ROOT).startsWith("bearer ")) {
      return refuse(
          user, new Accounts.TokenAnswer.Refused("invalid_request", "", "", "no bearer token"));
    }
    String token = said.authorization.substring("bearer ".length()).strip();
    if (!TOKEN.matcher(token).matches()) {
      return refuse(
          user,
          new Accounts.TokenAnswer.Refused(
              "invalid_token", "", "", "it has other characters than a token"));
    }
    return switch (accounts.token(user, token)) {
      case Accounts.TokenAnswer.Known(var login) -> new Step.Success(login, user);
      case Accounts.TokenAnswer.Refused refused -> refuse(user, refused);
    };
  }

  private Step refuse(String user, Accounts.TokenAnswer.Refused refused) {
    told = Step.Failure.refused(user, "token refused: " + refused.reason());
    var json = new StringBuilder("{");
    member(json, "status", google ? "401" : refused.status());
    if (google) {
      member(json.append(','), "schemes", "bearer");
    }
    if (!refused.scope().isEmpty()) {
      member(json.append(','), "scope", refused.scope());
    }
    if (!refused.configuration().isEmpty() && !google) {
      member(json.append(','), "openid-configuration", refused.configuration());
    }
    return new Step.Challenge(Words.octets(json.append('}').toString()));
  }

  private static void member(StringBuilder json, String key, String value) {
    json.append('"').append(key).append("\":\"");
    value
        .chars()
        .filter(c -> c >= ' ') // Configured values have no others.
        .forEach(c -> json.append(c == '"' || c == '\\' ? "\\" : "").append((char) c));
    json.append('"');
  }

  /// `user=` name ^A `auth=Bearer ` token ^A ^A.
  private static @Nullable Said xoauth2(String text) {
    int user = text.indexOf(END);
    boolean whole = text.length() > user + 1 && text.endsWith("" + END + END);
    if (user < 0 || !whole || !text.startsWith("user=")) {
      return null;
    }
    return pairs(text.substring("user=".length(), user), text.substring(user + 1));
  }

  /// gs2-header ^A *(key `=` value ^A) ^A (RFC 7628 3.1).
  private static @Nullable Said bearer(String text) {
    var header = Gs2Header.parse(text);
    if (header == null || header.binding() != null) {
      return null;
    }
    String rest = text.substring(header.length());
    return rest.isEmpty() || rest.charAt(0) != END
        ? null
        : pairs(header.authorize(), rest.substring(1));
  }

  private static @Nullable Said pairs(String user, String text) {
    String authorization = "";
    int at = 0;
    while (at < text.length() && text.charAt(at) != END) {
      int end = text.indexOf(END, at);
      int equals = text.indexOf('=', at);
      if (end < 0 || equals <= at || equals > end) {
        return null;
      }
      if (text.startsWith("auth=", at)) {
        authorization = text.substring(equals + 1, end);
      }
      at = end + 1;
    }
    return at == text.length() - 1 ? new Said(user, authorization) : null;
  }
}
