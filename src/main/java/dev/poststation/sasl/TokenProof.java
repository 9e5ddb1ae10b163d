package dev.poststation.sasl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A token of OAuth 2 at our end: OAUTHBEARER (RFC 7628) or XOAUTH2, as Google and Microsoft had it
/// first. A server that refuses it says why in a challenge of JSON, which is answered with nothing
/// of interest, and only then says no.
final class TokenProof implements Proof {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String END = "\1";
  private static final int TOLD_MAX = 300;

  /// RFC 6750 3.1, and the numbers that XOAUTH2 has in their place.
  private static final Map<String, String> STATUS =
      Map.of(
          "invalid_token", "the token has expired, was revoked, or is for something else",
          "401", "the token has expired, was revoked, or is for something else",
          "insufficient_scope", "the token does not allow to send mail",
          "403", "the token does not allow to send mail",
          "invalid_request", "it does not understand the request",
          "400", "it does not understand the request, or does not know the account");

  private final byte[] message;
  private final byte[] goOn;
  private final String token;
  private String told = "";

  private TokenProof(String message, String goOn, String token) {
    this.message = Words.octets(message);
    this.goOn = Words.octets(goOn);
    this.token = token;
  }

  static TokenProof bearer(Identity who, Server server) {
    String message =
        Gs2Header.unbound(who.user())
            + END
            + "host="
            + server.host()
            + END
            + "port="
            + server.port()
            + END
            + "auth=Bearer "
            + who.secret()
            + END
            + END;
    return new TokenProof(message, END, who.secret());
  }

  static TokenProof xoauth2(Identity who) {
    String message = "user=" + who.user() + END + "auth=Bearer " + who.secret() + END + END;
    return new TokenProof(message, "", who.secret());
  }

  @Override
  public byte[] initial() {
    return message;
  }

  @Override
  public Answer answer(byte[] challenge) {
    if (!told.isEmpty()) {
      return new Answer.Cancel("asks for more than this mechanism has to say");
    }
    told = words(challenge);
    return new Answer.Octets(goOn);
  }

  private static String words(byte[] challenge) {
    String text = Words.text(challenge);
    JsonNode node = null;
    try {
      node = text == null ? null : JSON.readTree(text);
    } catch (IOException _) {
      // It is quoted as it is.
    }
    if (node == null || !node.isObject()) {
      return text == null || text.isBlank() ? "no reason given" : cut(text.strip());
    }
    List<String> words = new ArrayList<>();
    String status = node.path("status").asText();
    words.add(
        STATUS.containsKey(status)
            ? STATUS.get(status) + " (" + status + ")"
            : "status " + (status.isEmpty() ? "not given" : status));
    for (String key : List.of("scope", "error", "error_description")) {
      String value = node.path(key).asText();
      if (!value.isEmpty()) {
        words.add(key + " " + value);
      }
    }
    return cut(String.join(", ", words));
  }

  private static String cut(String text) {
    return text.length() > TOLD_MAX ? text.substring(0, TOLD_MAX) + "…" : text;
  }

  @Override
  public String told() {
    return told;
  }

  @Override
  public List<String> secrets() {
    return List.of(token);
  }
}
