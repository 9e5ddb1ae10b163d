package dev.poststation.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.CertificateFiles;
import dev.poststation.config.Connector;
import dev.poststation.config.Origin;
import dev.poststation.config.TlsTerms;
import dev.poststation.os.Os;
import dev.poststation.sim.PassingDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClientTlsTest {
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
  void oldProtocolsAreNotOffered() {
    assertThat(ClientTls.trusting(List.of()).start(null, false).protocols())
        .containsExactly("TLSv1.3", "TLSv1.2");
  }

  /// A reload may have moved the connector to another line in the meantime.
  @Test
  void theLastCertificateThatWasGoodIsShownWhereverItStandsInTheConfiguration(@TempDir Path folder)
      throws Exception {
    Path keys = Path.of("src/test/resources/tls");
    Path chain = Files.copy(keys.resolve("relay.pem"), folder.resolve("chain.pem"));
    Path key = Files.copy(keys.resolve("relay.key"), folder.resolve("key.pem"));
    var disk = Os.real().disk();
    var tls = ClientTls.trusting(List.of());
    var shown = tls.start(showing(chain, key, 7), "mx.example", disk, false).context();
    Files.copy(keys.resolve("wild.key"), key, StandardCopyOption.REPLACE_EXISTING);
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
