package dev.poststation.oauth;

import dev.poststation.config.OauthGrant;
import dev.poststation.os.Os;
import dev.poststation.tls.ClientTls;
import dev.poststation.tls.HttpsFailure;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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

  /// The one that a grant names: over HTTPS with a certificate that is verified, without
  /// redirections, within a time and a size.
  ///
  /// The JDK's client does its own I/O, as for the keys of issuers. One is made for each time,
  /// which is about once an hour, so that no thread of it lives on. It looks the name up in native
  /// code: on platform threads, for a silent DNS would hold the carrier of a virtual one.
  static TokenSite of(OauthGrant grant, Os os) {
    return new Https(grant, os);
  }

  /// Over HTTPS.
  record Https(OauthGrant grant, Os os) implements TokenSite {
    /// Access tokens of the large providers have 2 to 5 KB.
    private static final int SIZE_MAX = 128 * 1024;

    @Override
    public Answer post(URI to, Map<String, String> form) throws IOException {
      var tls = ClientTls.trusting(grant.authorities(), os.disk());
      var http =
          HttpClient.newBuilder()
              .sslContext(tls.verifiedOrFail())
              .sslParameters(ClientTls.parameters())
              .connectTimeout(grant.timeout())
              .followRedirects(HttpClient.Redirect.NEVER)
              .executor(task -> os.tasks().platform("oauth", task))
              .build();
      String place = to.getScheme() + "://" + to.getRawAuthority() + to.getRawPath();
      try {
        var request =
            HttpRequest.newBuilder(to)
                .header("Accept", "application/json")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(encoded(form)))
                .build();
        var body = BodyHandlers.limiting(BodyHandlers.ofByteArray(), SIZE_MAX);
        // The time-out of a request ends with the header of the answer; this one does not.
        HttpResponse<byte[]> answer =
            http.sendAsync(request, body).get(grant.timeout().toMillis(), TimeUnit.MILLISECONDS);
        return new Answer(
            answer.statusCode(),
            new String(answer.body(), StandardCharsets.UTF_8),
            answer.headers().firstValue("Date").flatMap(Https::date),
            answer.headers().firstValue("Retry-After").flatMap(Https::seconds));
      } catch (TimeoutException e) {
        throw new IOException(place + " does not answer in time", e);
      } catch (ExecutionException e) {
        throw new IOException(place + ": " + HttpsFailure.reason(e), e);
      } catch (InterruptedException _) {
        throw new InterruptedIOException("interrupted");
      } finally {
        http.shutdownNow();
      }
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
