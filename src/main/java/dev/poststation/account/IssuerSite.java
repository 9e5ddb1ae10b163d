package dev.poststation.account;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.util.JSONObjectUtils;
import dev.poststation.config.OauthSettings;
import dev.poststation.os.Disk;
import dev.poststation.os.Workers;
import dev.poststation.smtp.PeerText;
import dev.poststation.tls.ClientTls;
import dev.poststation.tls.HttpsFailure;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Where an issuer publishes its keys: over HTTPS with a certificate that is verified, without
/// redirections, within a time and a size.
///
/// The JDK's client does its own I/O, like the DNS behind `Resolver`: it stands behind `Accounts`.
/// One is made for each time, which is once an hour, so that no thread of it lives on. It looks up
/// the issuer's name by the means of the machine (`/etc/nsswitch.conf`), on a thread that may then
/// be held for long; nobody waits longer than the time-out.
///
/// @param tls whom to trust
/// @param threads all that the client does, it does there
record IssuerSite(OauthSettings settings, ClientTls tls, Workers threads)
    implements IssuerKeys.Source {
  /// Of keys, and of the issuer's configuration: the large providers have 20 KB.
  private static final int SIZE_MAX = 512 * 1024;

  static IssuerSite of(OauthSettings settings, Disk disk, Workers threads) {
    return new IssuerSite(settings, ClientTls.trusting(settings.authorities(), disk), threads);
  }

  @Override
  public JWKSet fetch() throws IOException {
    var stated = settings.keys();
    var keys = stated == null ? discovered() : stated;
    try {
      return JWKSet.parse(get(keys));
    } catch (ParseException e) {
      throw new IOException(keys + " has no keys in the form of RFC 7517", e);
    }
  }

  /// OpenID Connect Discovery 1.0, 4.
  private URI discovered() throws IOException {
    var configuration = URI.create(settings.configuration());
    try {
      var said = JSONObjectUtils.parse(get(configuration));
      String issuer = String.valueOf(said.get("issuer"));
      if (!settings.issuer().equals(issuer)) {
        throw new IOException(configuration + " is of another issuer, " + PeerText.of(issuer));
      }
      var keys = JSONObjectUtils.getURI(said, "jwks_uri");
      if (keys == null || !"https".equalsIgnoreCase(keys.getScheme()) || keys.getHost() == null) {
        throw new IOException(configuration + " has no jwks_uri with https");
      }
      return keys;
    } catch (ParseException e) {
      throw new IOException(configuration + " is no configuration of OpenID", e);
    }
  }

  private String get(URI from) throws IOException {
    var http =
        HttpClient.newBuilder()
            .sslContext(tls.verifiedOrFail())
            .sslParameters(ClientTls.parameters())
            .connectTimeout(settings.timeout())
            .followRedirects(HttpClient.Redirect.NEVER)
            .executor(threads)
            .build();
    try {
      var request = HttpRequest.newBuilder(from).header("Accept", "application/json").build();
      var body = BodyHandlers.limiting(BodyHandlers.ofByteArray(), SIZE_MAX);
      // The time-out of a request ends with the header of the answer; this one does not.
      HttpResponse<byte[]> answer =
          http.sendAsync(request, body).get(settings.timeout().toMillis(), TimeUnit.MILLISECONDS);
      if (answer.statusCode() != 200) {
        throw new IOException(from + " answers " + answer.statusCode());
      }
      return new String(answer.body(), StandardCharsets.UTF_8);
    } catch (TimeoutException e) {
      throw new IOException(from + " does not answer in time", e);
    } catch (RejectedExecutionException e) {
      throw new IOException(from + ": the DNS of this machine has not answered for long", e);
    } catch (ExecutionException e) {
      throw new IOException(from + ": " + HttpsFailure.reason(e), e);
    } catch (InterruptedException _) {
      throw new InterruptedIOException("interrupted");
    } finally {
      http.shutdownNow();
    }
  }
}
