package dev.poststation.content;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.Envelope;
import dev.poststation.os.Os;
import dev.poststation.sim.ScriptedResolver;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// The name of a client, by a DNS that may be slow.
final class ClientNameTest {
  @Test
  void whenTheTimeForItIsOverTheDnsIsNotAskedAnyMore() {
    var dns =
        new ScriptedResolver()
            .pointer("192.0.2.1", "pc.here.test")
            .address("pc.here.test", "192.0.2.1");
    var names = new ClientName(dns, Os.real().time());
    var source = new Envelope.Source("lan", "relay", "192.0.2.1", "pc", "ESMTP");
    assertThat(names.of(source, Duration.ZERO)).isEmpty();
    assertThat(names.of(source, Duration.ofMinutes(1))).isEqualTo("pc.here.test");
  }
}
