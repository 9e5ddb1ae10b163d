package dev.poststation.oauth;

import dev.poststation.config.OauthGrant;
import dev.poststation.os.Os;
import dev.poststation.tls.ClientTls;
import dev.poststation.tls.HttpsCall;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;

/// A token server, as far as HTTP goes. Safe for any thread.
public interface TokenSite {
  /// Sends a form and gives the answer, whatever its status is.
  ///
  /// @throws IOException when there is none; the message is one clause that says why
  Answer post(URI to, Map<String, String> form) throws IOException;

  /// What it answered.
  ///
  /// @param date its clock, if it says
  /// @param retryAfter how long it wants to be left alone, if it says
  record Answer(int status, String body, Optional<Instant> date, Optional<Duration> retryAfter) {}

  /// The one that a grant names: over HTTPS, on platform threads, for a silent DNS would hold the
  /// carrier of a virtual one.
  static TokenSite of(OauthGrant grant, Os os) {
    return new Https(grant, os);
  }

  /// Over HTTPS.
  record Https(OauthGrant grant, Os os) implements TokenSite {
    /// Access tokens of the large providers have 2 to 5 KB.
    private static final int SIZE_MAX = 128 * 1024;

    @Override
    public Answer post(URI to, Map<String, String> form) throws IOException {
      var request =
          HttpRequest.newBuilder(to)
              .header("Accept", "application/json")
              .header("Content-Type", "application/x-www-form-urlencoded")
              .POST(BodyPublishers.ofString(encoded(form)))
              .build();
      var tls = ClientTls.trusting(grant.authorities(), os.disk());
      Executor threads = task -> os.tasks().platform("oauth", task);
      var answer = new HttpsCall(tls, grant.timeout(), SIZE_MAX, threads).send(request);
      return new Answer(
          answer.statusCode(),
          new String(answer.body(), StandardCharsets.UTF_8),
          answer.headers().firstValue("Date").flatMap(Https::date),
          answer.headers().firstValue("Retry-After").flatMap(Https::seconds));
    }

    private static String encoded(Map<String, String> form) {
      return form.entrySet().stream()
          .map(
              each ->
                  each.getKey() + "=" + URLEncoder.encode(each.getValue(), StandardCharsets.UTF_8))
          .collect(Collectors.joining("&"));
    }

    private static Optional<Instant> date(String text) {
      try {
        return Optional.of(
            ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
      } catch (DateTimeParseException _) {
        return Optional.empty();
      }
    }

    private static Optional<Duration> seconds(String text) {
      try {
        return Optional.of(Duration.ofSeconds(Math.clamp(Long.parseLong(text.strip()), 0, 86_400)));
      } catch (NumberFormatException _) {
        return Optional.empty();
      }
    }
  }
}
