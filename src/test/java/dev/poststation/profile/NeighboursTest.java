package dev.poststation.profile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.os.Os;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class NeighboursTest {
  @Test
  void theTableOfTheKernelIsRead() {
    String table =
        """
        IP address       HW type     Flags       HW address            Mask     Device
        10.0.0.5         0x1         0x2         00:17:c8:12:34:56     *        eth0
        10.0.0.6         0x1         0x0         00:00:00:00:00:00     *        eth0
        10.0.0.7         0x1         0x6         00:17:c8:12:34:58     *        eth0
        nonsense
        """;
    assertThat(Neighbours.parse(table))
        .containsOnlyKeys("10.0.0.5", "10.0.0.7")
        .containsEntry("10.0.0.5", "00:17:c8:12:34:56");
  }

  @Test
  void whoeverIsNotOnTheLinkHasNone() throws Exception {
    var neighbours = new Neighbours(Os.real());
    assertThat(neighbours.hardware(InetAddress.getByName("127.0.0.1"))).isNull();
    assertThat(neighbours.hardware(InetAddress.getByName("2001:db8::1"))).isNull();
    assertThat(neighbours.hardware(InetAddress.getByName("192.0.2.77"))).isNull();
  }
}
