package dev.poststation.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.CertificateFiles;
import dev.poststation.config.ClientCertificates;
import dev.poststation.config.Origin;
import dev.poststation.os.Os;
import dev.poststation.os.TlsFacts;
import dev.poststation.os.TlsStart;
import dev.poststation.sim.ServerLog;
import dev.poststation.sim.SimTime;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What becomes of the certificates that clients show.
class ClientCertificatesTest {
  private static final Os OS = Os.real();
  private static final Path KEYS = Path.of("src/test/resources/tls");
  private static final Duration BOUND = Duration.ofSeconds(20);
  private static final ClientCertificates ASKED =
      new ClientCertificates(true, Optional.of(KEYS.resolve("authority.pem")));

  private final Certificates certificates = certificates();

  private static Certificates certificates() {
    var files =
        new CertificateFiles(
            KEYS.resolve("relay.pem"), KEYS.resolve("relay.key"), new Origin("x:1"));
    try {
      return Certificates.load(List.of(files), OS.disk(), new SimTime());
    } catch (TlsException e) {
      throw new IllegalStateException(e);
    }
  }

  private static SSLContext client(@Nullable String p12) throws Exception {
    KeyManager[] keys = null;
    if (p12 != null) {
      var store = KeyStore.getInstance(KEYS.resolve(p12).toFile(), "changeit".toCharArray());
      var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(store, "changeit".toCharArray());
      keys = factory.getKeyManagers();
    }
    var context = SSLContext.getInstance("TLS");
    context.init(keys, new TrustManager[] {new Anyone()}, null);
    return context;
  }

  /// What the server knows after a handshake.
  private TlsFacts shake(ClientCertificates asked, SSLContext client, String protocol)
      throws Exception {
    var start = certificates.serverStart(asked).orElseThrow();
    var seen = new LinkedBlockingQueue<TlsFacts>();
    var any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (var acceptor = OS.network().listen(any, 5)) {
      var server =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try (var accepted = acceptor.accept()) {
                      accepted.deadline(BOUND);
                      seen.add(accepted.startTls(start));
                      accepted.write(new byte[1], 0, 1);
                    } catch (IOException _) {
                      // Then nothing is seen.
                    }
                  });
      try (var connection = OS.network().connect(acceptor.local(), null, BOUND)) {
        connection.deadline(BOUND);
        connection.startTls(new TlsStart(client, false, "relay", false, List.of(protocol)));
        connection.read(new byte[1], 0, 1);
      } finally {
        server.join(BOUND);
      }
    }
    return Objects.requireNonNull(seen.poll(20, TimeUnit.SECONDS));
  }

  @ParameterizedTest
  @CsvSource({
    "nexthop-issued.p12, TLSv1.3, true",
    "nexthop-issued.p12, TLSv1.2, true",
    "nexthop-expired.p12, TLSv1.3, false",
    "nexthop-early.p12, TLSv1.3, false",
    "nexthop.p12, TLSv1.3, false", // signed by itself
    "nexthop.p12, TLSv1.2, false",
  })
  void anyCertificateIsTakenAndTheAuthoritiesVouchForSome(
      String p12, String protocol, boolean verified) throws Exception {
    var facts = shake(ASKED, client(p12), protocol);
    assertThat(facts.peerChain()).isNotEmpty();
    assertThat(facts.peerVerified()).isEqualTo(verified);
    assertThat(Fingerprint.of(facts.peerChain().getFirst())).matches("sha256:[0-9a-f]{64}");
  }

  @ParameterizedTest
  @CsvSource({"TLSv1.3", "TLSv1.2"})
  void noneIsDemanded(String protocol) throws Exception {
    var facts = shake(ASKED, client(null), protocol);
    assertThat(facts.peerChain()).isEmpty();
    assertThat(facts.peerVerified()).isFalse();
  }

  @Test
  void withoutAuthoritiesNobodyVouches() throws Exception {
    var asked = new ClientCertificates(true, Optional.empty());
    var facts = shake(asked, client("nexthop-issued.p12"), "TLSv1.3");
    assertThat(facts.peerChain()).isNotEmpty();
    assertThat(facts.peerVerified()).isFalse();
  }

  @Test
  void whoIsNotAskedShowsNothing() throws Exception {
    var facts = shake(ClientCertificates.OFF, client("nexthop-issued.p12"), "TLSv1.3");
    assertThat(facts.peerChain()).isEmpty();
  }

  /// A client that takes up its session again shows its certificate only in the first.
  @ParameterizedTest
  @CsvSource({"TLSv1.3", "TLSv1.2"})
  void aSessionThatIsTakenUpAgainKeepsTheCertificate(String protocol) throws Exception {
    var client = client("nexthop-issued.p12");
    for (int i = 0; i < 3; i++) {
      var facts = shake(ASKED, client, protocol);
      assertThat(facts.peerChain()).isNotEmpty();
      assertThat(facts.peerVerified()).isTrue();
    }
  }

  @Test
  void newAuthoritiesAreTakenWithoutRestart(@TempDir Path directory) throws Exception {
    var file = directory.resolve("ca.pem");
    var asked = new ClientCertificates(true, Optional.of(file));
    var issued = client("nexthop-issued.p12");
    assertThat(shake(asked, issued, "TLSv1.3").peerVerified()).as("no file").isFalse();
    renew(file, "relay.pem", 1);
    assertThat(shake(asked, issued, "TLSv1.3").peerVerified()).as("another one's").isFalse();
    renew(file, "authority.pem", 2);
    assertThat(shake(asked, issued, "TLSv1.3").peerVerified()).isTrue();
    assertThat(certificates.concerns(List.of(file))).isEmpty();
    assertThat(certificates.unusable(List.of(file))).containsEntry(file.toString(), false);
    renew(file, "make.sh", 3);
    assertThat(shake(asked, issued, "TLSv1.3").peerVerified()).as("the old ones stay").isTrue();
    assertThat(certificates.concerns(List.of(file)))
        .containsExactly(
            "client-authorities "
                + file
                + ": there is no certificate in it (PEM is expected) (what was read before stays in"
                + " force until a restart or a reload)");
    assertThat(certificates.unusable(List.of(file))).containsEntry(file.toString(), true);
    renew(file, "authority.pem", 4);
    assertThat(certificates.concerns(List.of(file))).isEmpty();
    renew(file, "make.sh", 5);
    assertThat(Certificates.flaw(file, OS.disk()).orElseThrow().text())
        .isEqualTo(
            "client-authorities " + file + ": there is no certificate in it (PEM is expected)");
  }

  @Test
  void authoritiesThatCouldNotBeReadForAMomentAreTriedAnewAndToldOnce(@TempDir Path directory)
      throws Exception {
    var file = directory.resolve("ca.pem");
    renew(file, "authority.pem", 1);
    var time = new SimTime();
    var disk = new FullTable(OS.disk());
    var some = Certificates.load(List.of(), disk, time);
    var said = ServerLog.of(ClientAuthorities.class);
    disk.full(true);
    for (int i = 0; i < 3; i++) {
      assertThat(some.concerns(List.of(file)))
          .containsExactly(
              "client-authorities "
                  + file
                  + ": it cannot be read (Too many open files) (no certificate of a client is"
                  + " verified)");
      time.advance(Duration.ofSeconds(1));
    }
    disk.full(false);
    assertThat(some.concerns(List.of(file))).isEmpty();
    assertThat(said.end()).hasSize(1);
  }

  private static void renew(Path target, String source, int second) throws IOException {
    Files.copy(KEYS.resolve(source), target, StandardCopyOption.REPLACE_EXISTING);
    Files.setLastModifiedTime(
        target, FileTime.from(Instant.parse("2026-11-24T04:00:00Z").plusSeconds(second)));
  }
}
