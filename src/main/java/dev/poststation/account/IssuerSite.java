package dev.poststation.account;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.util.JSONObjectUtils;
import dev.poststation.config.OauthSettings;
import dev.poststation.os.Disk;
import dev.poststation.os.Workers;
import dev.poststation.smtp.PeerText;
import dev.poststation.tls.ClientTls;
import dev.poststation.tls.HttpsCall;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;

/// Where an issuer publishes its keys: over HTTPS.
///
/// The JDK's client does its own I/O, like the DNS behind `Resolver`: it stands behind `Accounts`.
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
    var request = HttpRequest.newBuilder(from).header("Accept", "application/json").build();
    var answer = new HttpsCall(tls, settings.timeout(), SIZE_MAX, threads).send(request);
    if (answer.statusCode() != 200) {
      throw new IOException(from + " answers " + answer.statusCode());
    }
    return new String(answer.body(), StandardCharsets.UTF_8);
  }
}
