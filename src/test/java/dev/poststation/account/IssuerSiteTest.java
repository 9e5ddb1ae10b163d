package dev.poststation.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.poststation.os.Os;
import dev.poststation.os.Workers;
import dev.poststation.sim.ToyIssuer;
import dev.poststation.sim.WatchedLookups;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// An issuer over real HTTPS, with a certificate for 127.0.0.1 of an authority of ours.
@Timeout(60)
class IssuerSiteTest {
  private static final String WELL_KNOWN = "/realm/.well-known/openid-configuration";

  private final Map<String, String> pages = new HashMap<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private HttpsServer server;
  private String keys;

  @BeforeEach
  void start() throws Exception {
    keys = new JWKSet(new ECKeyGenerator(Curve.P_256).keyID("k").generate()).toString(true);
    server = HttpsServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 10);
    server.setHttpsConfigurator(new HttpsConfigurator(ToyIssuer.tls()));
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          if (path.equals("/slow")) {
            await();
          }
          if (path.equals("/moved")) {
            exchange.getResponseHeaders().set("Location", "/keys");
            exchange.sendResponseHeaders(302, -1);
            return;
          }
          byte[] body = pages.getOrDefault(path, "").getBytes(StandardCharsets.UTF_8);
          boolean found = body.length > 0;
          exchange.sendResponseHeaders(found ? 200 : 404, found ? body.length : -1);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    pages.put("/keys", keys);
    pages.put(WELL_KNOWN, configuration(url("/realm"), url("/keys")));
  }

  private void await() {
    try {
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @AfterEach
  void stop() {
    over.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  private String url(String path) {
    return "https://127.0.0.1:" + server.getAddress().getPort() + path;
  }

  private static String configuration(String issuer, String keys) {
    return "{\"issuer\":\"%s\",\"jwks_uri\":\"%s\",\"more\":[1]}".formatted(issuer, keys);
  }

  private IssuerSite site(String more) {
    return site(url("/realm"), "authorities = \"" + ToyIssuer.AUTHORITY + "\", " + more);
  }

  private static IssuerSite site(String issuer, String more) {
    var settings =
        Sample.configured(
            "oauth { issuer = \"%s\", audience = poststation, %s }".formatted(issuer, more));
    var oauth = Objects.requireNonNull(settings.oauth());
    return IssuerSite.of(oauth, Os.real().disk(), new Workers(Os.real().tasks(), "test", 2, 100));
  }

  private IssuerSite keysAt(String path) {
    return site("timeout = \"2 s\", jwks = \"" + url(path) + "\"");
  }

  @Test
  void theKeysAreWhereTheConfigurationOfTheIssuerSays() throws Exception {
    assertThat(site("").fetch().getKeyByKeyId("k")).isNotNull();
  }

  @Test
  void theKeysAreWhereItIsStated() throws Exception {
    pages.remove(WELL_KNOWN);
    assertThat(keysAt("/keys").fetch().getKeyByKeyId("k")).isNotNull();
  }

  @Test
  void aConfigurationOfAnotherIssuerIsNotTaken() {
    pages.put(WELL_KNOWN, configuration("https://login.example.com", url("/keys")));
    assertThatThrownBy(() -> site("").fetch())
        .isInstanceOf(IOException.class)
        .hasMessage(url(WELL_KNOWN) + " is of another issuer, https://login.example.com");
  }

  @Test
  void keysInClearAreNotTaken() {
    pages.put(WELL_KNOWN, configuration(url("/realm"), "http://127.0.0.1/keys"));
    assertThatThrownBy(() -> site("").fetch())
        .hasMessage(url(WELL_KNOWN) + " has no jwks_uri with https");
  }

  @Test
  void aCertificateThatNobodyVouchesForIsNotTaken() {
    assertThatThrownBy(() -> site(url("/realm"), "").fetch())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("unable to find valid certification path");
  }

  @Test
  void aCertificateOfAnotherHostIsNotTaken() {
    String elsewhere = "https://localhost:" + server.getAddress().getPort() + "/keys";
    assertThatThrownBy(() -> site("jwks = \"" + elsewhere + "\"").fetch())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("localhost");
  }

  @Test
  void aServerThatDoesNotAnswerIsNotWaitedFor() {
    var slow = site("timeout = \"300 ms\", jwks = \"" + url("/slow") + "\"");
    assertThatThrownBy(slow::fetch).hasMessage(url("/slow") + " does not answer in time");
  }

  /// The machine's own code looks it up, and would keep a processor from all sessions meanwhile.
  @Test
  void itsNameIsLookedUpOnNoThreadOfASession() throws Exception {
    var site = site("https://issuer." + WatchedLookups.DOMAIN, "timeout = \"20 s\"");
    var said = new FutureTask<>(() -> assertThatThrownBy(site::fetch));
    Thread.ofVirtual().start(said);
    said.get().isInstanceOf(IOException.class).hasMessageContaining("issuer.");
    assertThat(WatchedLookups.threads("issuer." + WatchedLookups.DOMAIN))
        .isNotEmpty()
        .noneMatch(Thread::isVirtual);
  }

  @Test
  void aDnsThatDoesNotAnswerHoldsTwoThreadsAndNobodyElse() throws Exception {
    String name = "silent." + WatchedLookups.DOMAIN;
    var site = site("https://" + name, "timeout = \"100 ms\"");
    try (var _ = WatchedLookups.silence(name)) {
      for (int i = 0; i < 5; i++) {
        assertThatThrownBy(site::fetch).hasMessageEndingWith(" does not answer in time");
      }
      assertThat(WatchedLookups.threads(name)).hasSizeBetween(1, 2).noneMatch(Thread::isVirtual);
    }
  }

  @Test
  void whatIsNoAnswerWithKeysIsToldInAClause() {
    pages.put("/text", "<html>");
    pages.put("/large", "[" + " ".repeat(600_000) + "]");
    assertThatThrownBy(() -> keysAt("/nothing").fetch())
        .hasMessage(url("/nothing") + " answers 404");
    assertThatThrownBy(() -> keysAt("/moved").fetch()).hasMessage(url("/moved") + " answers 302");
    assertThatThrownBy(() -> keysAt("/text").fetch())
        .hasMessage(url("/text") + " has no keys in the form of RFC 7517");
    assertThatThrownBy(() -> keysAt("/large").fetch())
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(url("/large") + ": ");
  }

  @Test
  void whereNobodyListensNothingComes() {
    server.stop(0);
    assertThatThrownBy(() -> keysAt("/keys").fetch())
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(url("/keys") + ": ");
  }
}
