package dev.poststation.openpgp;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.poststation.config.OpenPgpSettings;
import dev.poststation.config.WebKeyDirectories;
import dev.poststation.os.Os;
import dev.poststation.seal.SealWork;
import dev.poststation.sim.ElsewhereNetwork;
import dev.poststation.sim.ManualTime;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.sim.ToyIssuer;
import dev.poststation.smtp.Address;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.PGPSecretKeyRing;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.pgpainless.PGPainless;
import org.pgpainless.key.protection.SecretKeyRingProtector;

/// What is thought of the answers of a real site over HTTPS, whose certificate is for mx.example,
/// and how long.
@Timeout(60)
final class WebKeysTest {
  private static final Address BERT = new Address("Bert", "mx.example");
  private static final Duration REMEMBER = Duration.ofHours(2);

  @TempDir Path data;
  private final ManualTime time = new ManualTime();
  private final ScriptedResolver resolver = new ScriptedResolver();
  private final Map<String, byte[]> files = new ConcurrentHashMap<>();
  private HttpsServer server;
  private ElsewhereNetwork network;
  private Keystore keystore;
  private WebKeys keys;
  private int status = 200;

  @BeforeEach
  void begin() throws Exception {
    server = HttpsServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 10);
    server.setHttpsConfigurator(new HttpsConfigurator(ToyIssuer.tls()));
    server.createContext(
        "/.well-known/openpgpkey/",
        exchange -> {
          try (exchange) {
            byte[] file = files.get(exchange.getRequestURI().toString());
            exchange.sendResponseHeaders(
                file == null ? 404 : status, file == null ? -1 : file.length);
            if (file != null) {
              exchange.getResponseBody().write(file);
            }
          }
        });
    server.start();
    var real = Os.real();
    network = new ElsewhereNetwork(real.network(), server.getAddress());
    time.advance(Duration.between(time.now(), real.time().now()).plusHours(1));
    var os = new Os(time, network, real.tasks(), real.chance(), real.disk());
    var settings =
        new WebKeyDirectories(
            true, Duration.ofSeconds(10), REMEMBER, List.of(), ToyIssuer.AUTHORITY);
    keystore =
        new Keystore(
            os,
            data,
            () ->
                new OpenPgpSettings(
                    null, Duration.ofDays(30), settings, OpenPgpSettings.Harvest.OFF));
    keys = new WebKeys(os, resolver, () -> settings, new SealWork(os));
    resolver.address("mx.example", "198.51.100.7");
  }

  @AfterEach
  void end() {
    server.stop(0);
  }

  private static PGPSecretKeyRing made(String name) throws Exception {
    return PGPainless.generateKeyRing().modernKeyRing(name);
  }

  private void publish(Address address, PGPSecretKeyRing key) throws IOException {
    publish(address, PGPainless.extractCertificate(key).getEncoded());
  }

  private void publish(Address address, byte[] octets) {
    files.put(
        WebKeyPlace.of(address).orElseThrow().direct().toString().replace("https://mx.example", ""),
        octets);
  }

  private WebKeys.Answer look(Address address) throws IOException {
    return keys.look(address, keystore, time.nanos() + Duration.ofSeconds(30).toNanos());
  }

  private void none(Address address, String why) throws IOException {
    var answer = look(address);
    assertThat(answer.key()).isEmpty();
    assertThat(answer.why()).contains(why);
    assertThat(answer.later()).isFalse();
  }

  @Test
  void aKeyCountsForItsTimeAndThroughAnOutageAndNoLonger() throws Exception {
    var made = made("Bert <bert@mx.example>");
    publish(BERT, made);
    assertThat(look(BERT).key().orElseThrow().toString()).endsWith("(bert@mx.example, wkd)");
    assertThat(look(BERT).key()).isPresent();
    assertThat(network.calls()).isEqualTo(1);

    network.silent(true);
    time.advance(REMEMBER);
    assertThat(look(BERT).key()).isPresent();
    assertThat(look(BERT).key()).isPresent();
    assertThat(network.calls()).isEqualTo(2);
    var other = look(new Address("other", "mx.example"));
    assertThat(other.later()).isTrue();
    assertThat(other.why()).contains("https://mx.example/", "nobody answers");
    assertThat(network.calls()).as("its site is left alone").isEqualTo(2);
    time.advance(Duration.ofDays(7));
    assertThat(look(BERT).later()).isTrue();

    network.silent(false);
    time.advance(Duration.ofMinutes(6));
    assertThat(look(BERT).key()).isPresent();
    files.clear();
    time.advance(REMEMBER);
    none(BERT, "it answers 404");
    assertThat(keys.answered()).isEqualTo(3);
    assertThat(keys.failed()).isEqualTo(2);
  }

  @Test
  void aKeyIsHeldThoughItsSiteShowsAPageOrRefusesAndGoneWhenItSaysThatItIs() throws Exception {
    publish(BERT, made("Bert <bert@mx.example>"));
    assertThat(look(BERT).key()).isPresent();
    time.advance(REMEMBER);
    status = 403;
    assertThat(look(BERT).key()).isPresent();
    assertThat(look(BERT).key()).isPresent();
    assertThat(network.calls()).isEqualTo(2);
    time.advance(REMEMBER);
    status = 200;
    publish(BERT, "<html>we are moving</html>".getBytes(US_ASCII));
    assertThat(look(BERT).key()).isPresent();
    time.advance(REMEMBER);
    status = 410;
    none(BERT, "it answers 410");
  }

  @Test
  void whoHasNoTimeToAskIsNotToldThatThereIsNone() {
    assertThatThrownBy(() -> keys.look(BERT, keystore, time.nanos()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no time is left");
  }

  @Test
  void whatIsAskedOfOneWhoIsNearlyCalledSoSaysNothingOfAnother() throws Exception {
    var karl = new Address("karl", "mx.example");
    publish(karl, made("Karl <karl@mx.example>"));
    none(new Address("\u212aarl", "mx.example"), "it answers 404"); // The sign of Kelvin.
    assertThat(look(karl).key()).isPresent();
  }

  @Test
  void whatIsNoKeyOfTheAddressThatCanBeUsedIsNone() throws Exception {
    publish(BERT, made("Eve <eve@mx.example>"));
    none(BERT, "it names another address");
    var page = new Address("page", "mx.example");
    publish(page, "<html>not here</html>".getBytes(US_ASCII));
    none(page, "has no key");
    var empty = new Address("empty", "mx.example");
    publish(empty, new byte[0]);
    none(empty, "has no key");
    var huge = new Address("huge", "mx.example");
    publish(huge, new byte[200_000]);
    none(huge, "larger than");

    status = 302;
    var moved = new Address("moved", "mx.example");
    publish(moved, made("Moved <moved@mx.example>"));
    none(moved, "it answers 302");
    status = 503;
    var down = new Address("down", "mx.example");
    publish(down, made("Down <down@mx.example>"));
    assertThat(look(down).later()).isTrue();
  }

  @Test
  void whatIsKnownHereToBeRevokedIsNotUsedThoughItsDomainStillHasTheOldCopy() throws Exception {
    var old = made("Bert <bert@mx.example>");
    publish(BERT, old);
    PGPPublicKeyRing revoked =
        PGPainless.extractCertificate(
            PGPainless.modifyKeyRing(old).revoke(SecretKeyRingProtector.unprotectedKeys()).done());
    keystore.keep(List.of("bert@mx.example"), KeyFile.read(revoked.getEncoded()).getFirst(), null);
    none(BERT, "was revoked");

    publish(BERT, made("Bert <bert@mx.example>"));
    time.advance(REMEMBER);
    assertThat(look(BERT).key()).isPresent();
  }

  @Test
  void nothingWithinAndNobodyWithoutACertificateOfTheNameIsListenedTo() throws Exception {
    none(new Address("a", "nowhere.example"), "nowhere.example has no web server");
    resolver.address("within.example", "10.0.0.7");
    none(new Address("a", "within.example"), "not in openpgp.wkd-networks");
    assertThat(network.calls()).isZero();
    resolver.address("other.example", "198.51.100.8");
    none(new Address("a", "other.example"), "https://other.example/");
    none(new Address("a", "a_b.example"), "no site can have the name");
    resolver.fail("openpgpkey.mx.example", "SERVFAIL");
    assertThat(look(BERT).later()).isTrue();
    assertThat(network.calls()).isEqualTo(1);
  }

  @Test
  void whereTheHostOfTheAdvancedMethodExistsTheOtherOneIsNotAsked() throws Exception {
    publish(BERT, made("Bert <bert@mx.example>"));
    resolver.address("openpgpkey.mx.example", "198.51.100.7");
    none(BERT, "https://openpgpkey.mx.example/");
  }

  @Test
  void whenAllAreSilentStatusSaysSo() throws Exception {
    network.silent(true);
    for (int i = 0; i < 5; i++) {
      assertThat(keys.concerns()).isEmpty();
      resolver.address("site" + i + ".example", "198.51.100.7");
      assertThat(look(new Address("a", "site" + i + ".example")).later()).isTrue();
    }
    assertThat(keys.concerns().getFirst()).contains("none of the last 5 sites", "let HTTPS out");
  }
}
