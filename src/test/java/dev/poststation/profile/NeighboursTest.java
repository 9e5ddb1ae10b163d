package dev.poststation.profile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.os.Network;
import dev.poststation.os.Os;
import dev.poststation.sim.LonelyNetwork;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.sim.SimTime;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NeighboursTest {
  private static final String PRINTER = "00:17:c8:12:34:56";

  private final SimTime time = new SimTime();
  private final LonelyNetwork network = new LonelyNetwork().neighbour("fe80::5", PRINTER);
  private final Neighbours neighbours = neighbours(network);

  private Neighbours neighbours(Network of) {
    var real = Os.real();
    return new Neighbours(new Os(time, of, real.tasks(), real.chance(), new MemoryDisk()));
  }

  @Test
  void aNeighbourIsKnownWhateverItsScope() throws Exception {
    byte[] octets = InetAddress.getByName("fe80::5").getAddress();
    assertThat(neighbours.hardware(Inet6Address.getByAddress(null, octets, 3))).isEqualTo(PRINTER);
    assertThat(neighbours.hardware(InetAddress.getByName("fe80::6"))).isNull();
  }

  @Test
  void whoeverComesLaterIsKnownSecondsLater() throws Exception {
    var notebook = InetAddress.getByName("10.0.20.7");
    assertThat(neighbours.hardware(notebook)).isNull();
    network.neighbour("10.0.20.7", PRINTER);
    assertThat(neighbours.hardware(notebook)).isNull();
    time.advance(Duration.ofSeconds(6));
    assertThat(neighbours.hardware(notebook)).isEqualTo(PRINTER);
  }

  @Test
  void aMachineThatDoesNotSayHasNoNeighbours() throws Exception {
    var silent =
        new LonelyNetwork() {
          @Override
          public Map<InetAddress, String> neighbours() throws IOException {
            throw new IOException("no such table");
          }
        };
    assertThat(neighbours(silent).hardware(InetAddress.getByName("fe80::5"))).isNull();
  }

  @Test
  void whoeverIsNotOnTheLinkHasNone() throws Exception {
    var here = neighbours(Os.real().network());
    assertThat(here.hardware(InetAddress.getByName("127.0.0.1"))).isNull();
    assertThat(here.hardware(InetAddress.getByName("2001:db8::1"))).isNull();
    assertThat(here.hardware(InetAddress.getByName("192.0.2.77"))).isNull();
  }
}
