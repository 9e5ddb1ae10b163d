package dev.poststation.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.os.Os;
import java.util.List;
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
  void oldProtocolsAreNotOffered() {
    assertThat(ClientTls.trusting(List.of()).start(null, false).protocols())
        .containsExactly("TLSv1.3", "TLSv1.2");
  }
}
