package dev.poststation.sts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.poststation.config.StsSettings;
import dev.poststation.os.Os;
import dev.poststation.sim.ToyIssuer;
import dev.poststation.tlsrpt.ResultType;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A site of policies over real HTTPS, with a certificate for 127.0.0.1 of an authority of ours.
@Timeout(60)
class PolicySiteTest {
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch end = new CountDownLatch(1);
  private HttpsServer server;

  @BeforeEach
  void start() throws Exception {
    server = HttpsServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 10);
    server.setHttpsConfigurator(new HttpsConfigurator(ToyIssuer.tls()));
    server.setExecutor(threads);
    page("good.example", 200, "text/plain; charset=utf-8", "version: STSv1\n");
    page("html.example", 200, "text/html", "version: STSv1\n");
    page("missing.example", 404, "text/plain", "version: STSv1\n");
    page("moved.example", 301, "text/plain", "");
    page("huge.example", 200, "text/plain", "x".repeat(70_000));
    server.createContext(
        "/silent.example",
        exchange -> {
          try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", "text/plain");
            exchange.sendResponseHeaders(200, 10);
            exchange.getResponseBody().write('v');
            exchange.getResponseBody().flush();
            end.await(50, TimeUnit.SECONDS);
          } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
          }
        });
    server.start();
  }

  private void page(String domain, int status, String type, String text) {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    server.createContext(
        "/" + domain,
        exchange -> {
          try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.getResponseHeaders().set("Location", "/good.example");
            exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
          }
        });
  }

  @AfterEach
  void stop() {
    end.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  private PolicySite site(@Nullable Path authorities, String host, Duration timeout) {
    String place = "https://" + host + ":" + server.getAddress().getPort() + "/";
    return new PolicySite.Https(
        () -> new StsSettings(authorities, timeout),
        Os.real(),
        domain -> URI.create(place + domain));
  }

  private PolicySite site() {
    return site(ToyIssuer.AUTHORITY, "127.0.0.1", Duration.ofSeconds(20));
  }

  /// RFC 8461 3.3; the JDK would be content with it.
  @Test
  void aSiteWhoseNameIsACommonNameOnlyHasNoPolicy(@TempDir Path directory) throws Exception {
    var keys = KeyStore.getInstance("PKCS12");
    try (var in = Files.newInputStream(Path.of("src/test/resources/tls/localhost-cn.p12"))) {
      keys.load(in, "changeit".toCharArray());
    }
    var factory = KeyManagerFactory.getInstance("PKIX");
    factory.init(keys, "changeit".toCharArray());
    var context = SSLContext.getInstance("TLS");
    context.init(factory.getKeyManagers(), null, null);
    var other = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
    other.setHttpsConfigurator(new HttpsConfigurator(context));
    server.stop(0);
    server = other;
    server.setExecutor(threads);
    page("good.example", 200, "text/plain", "version: STSv1\n");
    server.start();
    String pem =
        Base64.getMimeEncoder().encodeToString(keys.getCertificate("localhost").getEncoded());
    var trusted =
        Files.writeString(
            directory.resolve("own.pem"),
            "-----BEGIN CERTIFICATE-----\n" + pem + "\n-----END CERTIFICATE-----\n");
    assertThatThrownBy(
            () -> site(trusted, "localhost", Duration.ofSeconds(20)).fetch("good.example"))
        .isInstanceOfSatisfying(
            StsException.class, e -> assertThat(e.type()).isEqualTo(ResultType.STS_WEBPKI_INVALID))
        .hasMessageContaining("does not carry the name localhost as an alternative one");
  }

  @Test
  void aNameThatNoSiteCanHaveHasNoPolicy() {
    var internet = PolicySite.of(() -> new StsSettings(null, Duration.ofSeconds(1)), Os.real());
    for (String domain : List.of("a_b.example", "-a.example", "a b.example")) {
      assertThatThrownBy(() -> internet.fetch(domain))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("is no name that a site can have");
    }
  }

  @Test
  void thePlaceIsThatOfTheRfc() {
    var site =
        (PolicySite.Https) PolicySite.of(() -> new StsSettings(null, Duration.ZERO), Os.real());
    assertThat(site.place().apply("example.com"))
        .isEqualTo(URI.create("https://mta-sts.example.com/.well-known/mta-sts.txt"));
  }

  /// Reports about TLS tell them apart (RFC 8460 4.3.2.2).
  @Test
  void aCertificateThatIsNotValidAndAPolicyThatIsNoneAreToldFromASiteThatDoesNotAnswer() {
    assertThatThrownBy(() -> site(null, "127.0.0.1", Duration.ofSeconds(20)).fetch("good.example"))
        .isInstanceOfSatisfying(
            StsException.class, e -> assertThat(e.type()).isEqualTo(ResultType.STS_WEBPKI_INVALID));
    assertThatThrownBy(
            () ->
                site(ToyIssuer.AUTHORITY, "localhost", Duration.ofSeconds(20))
                    .fetch("good.example"))
        .isInstanceOfSatisfying(
            StsException.class, e -> assertThat(e.type()).isEqualTo(ResultType.STS_WEBPKI_INVALID));
    assertThatThrownBy(() -> site().fetch("html.example"))
        .isInstanceOfSatisfying(
            StsException.class, e -> assertThat(e.type()).isEqualTo(ResultType.STS_POLICY_INVALID));
    assertThatThrownBy(() -> site().fetch("missing.example"))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(StsException.class);
  }

  @Test
  void onlyPlainTextWithStatus200OfAtMost64KibCounts() throws Exception {
    assertThat(site().fetch("good.example")).isEqualTo("version: STSv1\n");
    refused("html.example", "is not text/plain");
    refused("missing.example", "answers 404");
    refused("moved.example", "answers 301");
    refused("huge.example", "body exceeds capacity: 65536");
  }

  private void refused(String domain, String why) {
    assertThatThrownBy(() -> site().fetch(domain))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(why);
  }

  @Test
  void whoNobodyVouchesForOrHasAnotherNameIsNotListenedTo() {
    assertThatThrownBy(() -> site(null, "127.0.0.1", Duration.ofSeconds(20)).fetch("good.example"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("unable to find valid certification path");
    assertThatThrownBy(
            () ->
                site(ToyIssuer.AUTHORITY, "localhost", Duration.ofSeconds(20))
                    .fetch("good.example"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("matching localhost found");
  }

  @Test
  void whoBeginsAndDoesNotEndIsGivenUp() {
    assertThatThrownBy(
            () ->
                site(ToyIssuer.AUTHORITY, "127.0.0.1", Duration.ofSeconds(1))
                    .fetch("silent.example"))
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith("does not answer in time");
  }
}
