package dev.poststation.archive;

import dev.poststation.smtp.PeerText;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.regex.Pattern;

/// What an object store answers. Immutable.
///
/// @param code the error, as the store names it; empty: there is none, or no name
/// @param words the same for people
/// @param pause how long it wants to be left alone
record StoreAnswer(int status, String code, String words, byte[] body, Duration pause) {
  private static final Pattern CODE = Pattern.compile("<Code>([A-Za-z0-9.]{1,80})</Code>");
  private static final Pattern MESSAGE = Pattern.compile("(?s)<Message>(.{1,1000}?)</Message>");
  private static final int WORDS_MAX = 300;
  private static final int PAUSE_MAX = 600;

  /// What goes by: the store has too much to do, or two came at once.
  private static final Set<Integer> PASSING = Set.of(408, 409, 425, 429, 500, 502, 503, 504);

  private static final Set<String> PASSING_CODES = Set.of("RequestTimeout", "SlowDown");

  static StoreAnswer of(HttpResponse<byte[]> answer) {
    boolean good = answer.statusCode() < 300;
    String error = good ? "" : new String(answer.body(), StandardCharsets.UTF_8);
    return new StoreAnswer(
        answer.statusCode(),
        found(CODE, error),
        found(MESSAGE, error),
        answer.body(),
        answer.headers().firstValue("Retry-After").map(StoreAnswer::seconds).orElse(Duration.ZERO));
  }

  private static String found(Pattern pattern, String body) {
    var matcher = pattern.matcher(body);
    if (!matcher.find()) {
      return "";
    }
    String text = PeerText.of(matcher.group(1).strip()).replaceFirst("\\.$", "");
    return text.length() > WORDS_MAX ? text.substring(0, WORDS_MAX) + "…" : text;
  }

  private static Duration seconds(String text) {
    try {
      return Duration.ofSeconds(Math.clamp(Long.parseLong(text.strip()), 0, PAUSE_MAX));
    } catch (NumberFormatException _) {
      return Duration.ZERO;
    }
  }

  /// The body, where it is a document.
  String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  boolean isGood() {
    return status >= 200 && status < 300;
  }

  /// Whether the key may not ask.
  boolean isForbidden() {
    return status == 403 && code.equals("AccessDenied");
  }

  /// Whether another try may go well.
  boolean isPassing() {
    return PASSING.contains(status) || PASSING_CODES.contains(code);
  }

  /// Whether there is an object of this name already (RFC 9110 13.1.2).
  boolean isThere() {
    return status == 412;
  }

  /// Whether the store cannot do what is asked for.
  boolean isUnknown() {
    return status == 501 || code.equals("NotImplemented");
  }

  /// Whether an object has no lock, or the store knows none; asked for one.
  boolean isWithoutLock() {
    return (status == 404 && !code.equals("NoSuchBucket")) || status == 405;
  }

  /// Whether the object is not there.
  boolean isMissing() {
    return status == 404;
  }

  /// Whether the object is too short for what was asked for (RFC 9110 15.5.17).
  boolean isShorter() {
    return status == 416;
  }

  /// Whether the mail, not the store, is why.
  boolean isOfTheMail() {
    return status == 413 || code.equals("EntityTooLarge");
  }

  /// For people, with what to look at.
  @Override
  public String toString() {
    String look =
        switch (code) {
          case "SignatureDoesNotMatch" -> "; is secret-key that of access-key?";
          case "InvalidAccessKeyId" -> "; is access-key right?";
          case "AccessDenied" -> "; may this key put objects there, with what is asked for?";
          case "RequestTimeTooSkewed" -> "; is the clock of this machine right?";
          case "PermanentRedirect", "AuthorizationHeaderMalformed" -> "; is region right?";
          case "NoSuchBucket" -> "; it has to be made first";
          default -> "";
        };
    return status
        + (code.isEmpty() ? "" : " " + code)
        + (words.isEmpty() ? "" : ": " + words)
        + look;
  }
}
