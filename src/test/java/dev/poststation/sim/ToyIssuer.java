package dev.poststation.sim;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/// An issuer of tokens on a port of 127.0.0.1, over HTTPS, for the audience `poststation`.
public final class ToyIssuer implements AutoCloseable {
  /// Who vouches for its certificate.
  public static final Path AUTHORITY = Path.of("src/test/resources/tls/authority.pem");

  private final HttpsServer server;
  private final ECKey key;

  private ToyIssuer(HttpsServer server, ECKey key) {
    this.server = server;
    this.key = key;
  }

  /// Starts one.
  public static ToyIssuer start() throws Exception {
    var key = new ECKeyGenerator(Curve.P_256).keyID("k").generate();
    var server =
        HttpsServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 10);
    server.setHttpsConfigurator(new HttpsConfigurator(tls()));
    var issuer = new ToyIssuer(server, key);
    issuer.page(
        "/.well-known/openid-configuration",
        "{\"issuer\":\"%s\",\"jwks_uri\":\"%s/keys\"}".formatted(issuer.url(), issuer.url()));
    issuer.page("/keys", new JWKSet(key.toPublicJWK()).toString());
    server.start();
    return issuer;
  }

  private void page(String path, String text) {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    server.createContext(
        path,
        exchange -> {
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
  }

  /// A server's end of TLS, with a certificate for mx.example and 127.0.0.1.
  public static SSLContext tls() throws Exception {
    var store = KeyStore.getInstance("PKCS12");
    char[] password = "changeit".toCharArray();
    try (InputStream in =
        Files.newInputStream(Path.of("src/test/resources/tls/nexthop-issued.p12"))) {
      store.load(in, password);
    }
    var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(store, password);
    var context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  /// How it is called in tokens.
  public String url() {
    return "https://127.0.0.1:" + server.getAddress().getPort();
  }

  /// What stands in `users` to trust it.
  public String settings() {
    return "oauth { issuer = \"%s\", audience = poststation, authorities = \"%s\" }"
        .formatted(url(), AUTHORITY);
  }

  /// A token for somebody, good for ten minutes from then.
  public String token(String email, Instant now) throws Exception {
    var claims =
        new JWTClaimsSet.Builder()
            .issuer(url())
            .audience("poststation")
            .claim("email", email)
            .expirationTime(Date.from(now.plus(Duration.ofMinutes(10))))
            .build();
    var jwt = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("k").build(), claims);
    jwt.sign(new ECDSASigner(key));
    return jwt.serialize();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
