package dev.poststation.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MachineTest {
  @ParameterizedTest
  @CsvSource({
    // In a container or not; where a session seems to come from; whether it may be forwarded.
    "true, 172.17.0.1, true", // the gateway
    "false, 172.17.0.1, true",
    "true, 10.88.0.1, true", // the host's end of another network
    "false, 10.88.0.1, false", // a host of the network, as any
    "true, 10.88.0.7, false",
    "true, 203.0.113.1, false",
    "true, fd00::1, false"
  })
  void connectionsMayBeForwardedByTheGatewayAndTheHost(
      boolean container, String from, boolean forwarded) {
    var machine = new Machine("relay", container, Optional.of(InetAddress.ofLiteral("172.17.0.1")));
    assertThat(machine.mayForward(InetAddress.ofLiteral(from))).isEqualTo(forwarded);
  }
}
