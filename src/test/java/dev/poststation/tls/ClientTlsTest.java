package dev.poststation.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.CertificateFiles;
import dev.poststation.config.Connector;
import dev.poststation.config.Origin;
import dev.poststation.config.TlsTerms;
import dev.poststation.os.Os;
import dev.poststation.sim.PassingDisk;
import dev.poststation.sim.ServerLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClientTlsTest {
  private static final Path KEYS = Path.of("src/test/resources/tls");
  private static final char[] PASSWORD = "changeit".toCharArray();

  @Test
  void sessionsWithAnyoneAreNeverSharedWithVerifiedOnes() {
    var tls = ClientTls.system(Os.real().disk());
    var any = tls.start("mx.example", false);
    var verified = tls.start("mx.example", true);
    assertThat(any.context()).isNotSameAs(verified.context());
    assertThat(tls.start("other.example", false).context()).isSameAs(any.context());
    assertThat(tls.start("other.example", true).context()).isSameAs(verified.context());
    assertThat(any.verifyName()).isFalse();
    assertThat(verified.verifyName()).isTrue();
    assertThat(verified.server()).isFalse();
  }

  @Test
  void authoritiesThatTheSystemGetsLaterAreTrustedWithoutARestart() {
    var changed = new AtomicReference<>(Instant.EPOCH);
    var disk =
        new PassingDisk(Os.real().disk()) {
          @Override
          public Optional<Instant> modified(Path file) {
            return Optional.of(changed.get());
          }
        };
    var tls = ClientTls.system(disk);
    var before = tls.start("mx.example", true).context();
    assertThat(tls.start("mx.example", true).context()).isSameAs(before);
    changed.set(Instant.EPOCH.plusSeconds(1));
    assertThat(tls.start("mx.example", true).context()).isNotSameAs(before);
  }

  @Test
  void authoritiesOfTheSystemThatCouldNotBeReadForAMomentAreTriedAnew() throws Exception {
    var mine = new AtomicReference<>(KEYS.resolve("authority.pem"));
    var full = new FullTable(Os.real().disk());
    var disk =
        new PassingDisk(full) {
          @Override
          public byte[] read(Path file) throws IOException {
            return super.read(mine.get());
          }

          @Override
          public Optional<Instant> modified(Path file) {
            return Optional.of(Instant.ofEpochSecond(mine.get().hashCode()));
          }
        };
    var tls = ClientTls.system(disk);
    var store = KeyStore.getInstance(KEYS.resolve("nexthop-issued.p12").toFile(), PASSWORD);
    var chain = List.of((X509Certificate) store.getCertificate("nexthop"));
    full.full(true);
    var said = ServerLog.of(ClientTls.class);
    assertThat(tls.flaw(chain, "mx.example")).as("those of the JDK").isPresent();
    var others = tls.start("mx.example", true).context();
    assertThat(tls.start("mx.example", true).context()).isSameAs(others);
    full.full(false);
    assertThat(tls.flaw(chain, "mx.example")).isEmpty();
    var verified = tls.start("mx.example", true).context();
    full.full(true);
    mine.set(KEYS.resolve("relay.pem"));
    assertThat(tls.start("mx.example", true).context()).as("the old ones").isSameAs(verified);
    full.full(false);
    assertThat(tls.flaw(chain, "mx.example")).as("another one's").isPresent();
    String file = "WARN The authorities of /etc/ssl/certs/ca-certificates.crt cannot be read ";
    assertThat(said.end())
        .containsExactly(
            file + "(Too many open files); those of Java hold meanwhile",
            file + "(Too many open files); what was read before holds");
  }

  @Test
  void authoritiesOfTheSystemThatNobodyUnderstandsAreReadAgainWhenTheyHaveChanged()
      throws Exception {
    var mine = new AtomicReference<>(KEYS.resolve("authority.pem"));
    var reads = new AtomicInteger();
    var disk =
        new PassingDisk(Os.real().disk()) {
          @Override
          public byte[] read(Path file) throws IOException {
            reads.incrementAndGet();
            return mine.get() == null ? "-----BEGIN x".getBytes(US_ASCII) : super.read(mine.get());
          }

          @Override
          public Optional<Instant> modified(Path file) {
            return Optional.of(Instant.ofEpochSecond(mine.get() == null ? 1 : 2));
          }
        };
    var tls = ClientTls.system(disk);
    var before = tls.start("mx.example", true).context();
    mine.set(null);
    for (int i = 0; i < 3; i++) {
      assertThat(tls.start("mx.example", true).context()).isSameAs(before);
    }
    assertThat(reads).hasValue(2);
    mine.set(KEYS.resolve("authority.pem"));
    assertThat(tls.start("mx.example", true).context()).isNotSameAs(before);
  }

  @Test
  void aCertificateThatCouldNotBeReadForAMomentIsTriedAnewAndToldOnce(@TempDir Path folder)
      throws Exception {
    Path chain = Files.copy(KEYS.resolve("relay.pem"), folder.resolve("chain.pem"));
    Path key = Files.copy(KEYS.resolve("relay.key"), folder.resolve("key.pem"));
    var files = new CertificateFiles(chain, key, new Origin("poststation.conf", 7));
    var disk = new FullTable(Os.real().disk());
    var tls = ClientTls.trusting(List.of());
    assertThat(tls.certificate(files, disk).problem()).isEmpty();
    var said = ServerLog.of(ClientTls.class);
    Files.copy(KEYS.resolve("rsa.pem"), chain, StandardCopyOption.REPLACE_EXISTING);
    Files.copy(KEYS.resolve("rsa.key"), key, StandardCopyOption.REPLACE_EXISTING);
    disk.full(true);
    for (int i = 0; i < 3; i++) {
      assertThat(tls.certificate(files, disk).problem().orElseThrow())
          .contains("Too many open files");
    }
    disk.full(false);
    assertThat(tls.certificate(files, disk).problem()).isEmpty();
    assertThat(tls.certificate(files, disk).names()).containsExactly("rsa.example.com");
    assertThat(said.end()).hasSize(1);
  }

  @Test
  void oldProtocolsAreNotOffered() {
    assertThat(ClientTls.trusting(List.of()).start(null, false).protocols())
        .containsExactly("TLSv1.3", "TLSv1.2");
  }

  /// A reload may have moved the connector to another line in the meantime.
  @Test
  void theLastCertificateThatWasGoodIsShownWhereverItStandsInTheConfiguration(@TempDir Path folder)
      throws Exception {
    Path chain = Files.copy(KEYS.resolve("relay.pem"), folder.resolve("chain.pem"));
    Path key = Files.copy(KEYS.resolve("relay.key"), folder.resolve("key.pem"));
    var disk = Os.real().disk();
    var tls = ClientTls.trusting(List.of());
    var shown = tls.start(showing(chain, key, 7), "mx.example", disk, false).context();
    Files.copy(KEYS.resolve("wild.key"), key, StandardCopyOption.REPLACE_EXISTING);
    Files.setLastModifiedTime(key, FileTime.from(Instant.EPOCH));
    assertThat(tls.start(showing(chain, key, 8), "mx.example", disk, false).context())
        .isSameAs(shown);
  }

  /// TLS 1.2 is better than clear text (RFC 7435).
  @Test
  void whereMailMayGoInClearTheOldestVersionIsNoDemand() throws TlsException {
    var newest = List.of("TLSv1.3");
    for (var level : Connector.Tls.values()) {
      var terms = new TlsTerms(level, List.of(), newest, null, null, "test", true);
      assertThat(protocols(terms))
          .as(level.toString())
          .hasSize(level == Connector.Tls.OPPORTUNISTIC ? 2 : 1);
      assertThat(protocols(terms.at(Connector.Tls.OPPORTUNISTIC, "nothing in the DNS")))
          .containsExactly("TLSv1.3", "TLSv1.2");
      assertThat(protocols(terms.at(Connector.Tls.REQUIRED, "TLSA"))).isEqualTo(newest);
    }
  }

  private static List<String> protocols(TlsTerms terms) throws TlsException {
    var tls = ClientTls.trusting(List.of());
    return tls.start(terms, "mx.example", Os.real().disk(), false).protocols();
  }

  private static TlsTerms showing(Path chain, Path key, int line) {
    var files = new CertificateFiles(chain, key, new Origin("poststation.conf", line));
    return new TlsTerms(
        Connector.Tls.REQUIRED, List.of(), TlsTerms.PROTOCOLS, null, files, "test", true);
  }
}
