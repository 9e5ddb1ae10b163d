package dev.poststation.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.os.Os;
import dev.poststation.sim.PassingDisk;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

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
}
