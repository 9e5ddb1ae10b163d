package dev.poststation.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class NeighbourTableTest {
  private static final int REACHABLE = 0x02;
  private static final int STALE = 0x04;
  private static final int INCOMPLETE = 0x01;
  private static final int FAILED = 0x20;
  private static final int NOARP = 0x40;
  private static final String PRINTER = "00:17:c8:12:34:56";

  private final Map<InetAddress, String> found = new HashMap<>();
  private final ByteBuffer datagram =
      ByteBuffer.allocateDirect(4096).order(ByteOrder.nativeOrder());

  /// Prints what the kernel says, for [#whatTheKernelKnowsByNeighbourDiscoveryIsRead].
  static void main() throws IOException {
    NeighbourTable.read()
        .forEach((address, hardware) -> System.out.println(IpText.of(address) + " " + hardware));
  }

  @Test
  void whatTheKernelKnowsByNeighbourDiscoveryIsRead() throws Exception {
    var process =
        new ProcessBuilder(
                List.of(
                    "unshare",
                    "--map-root-user",
                    "--net",
                    "sh",
                    "-ec",
                    "for a in 2001:db8::5 fe80::5; do"
                        + " ip neigh add $a lladdr "
                        + PRINTER
                        + " dev lo nud permanent; done;"
                        + " exec \"$@\"",
                    "sh",
                    ProcessHandle.current().info().command().orElseThrow(),
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    System.getProperty("java.class.path"),
                    NeighbourTableTest.class.getName()))
            .redirectErrorStream(true)
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue(); // What it says fits into the pipe.
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(output.lines())
        .containsExactlyInAnyOrder("2001:db8::5 " + PRINTER, "fe80::5 " + PRINTER);
  }

  @Test
  void whoeverIsThereOrWasIsKnownAndWhoeverDoesNotAnswerIsNot() throws IOException {
    neighbour("10.0.0.1", REACHABLE, PRINTER);
    neighbour("2001:db8::2", STALE, "02:00:00:00:00:01");
    neighbour("10.0.0.3", INCOMPLETE, "02:00:00:00:00:02");
    neighbour("10.0.0.4", FAILED, "02:00:00:00:00:02");
    neighbour("ff02::1", NOARP, "33:33:00:00:00:01");
    neighbour("10.0.0.5", REACHABLE, "00:00:00:00:00:00");
    assertThat(NeighbourTable.parse(datagram.flip(), found)).isTrue();
    assertThat(found)
        .containsOnly(
            Map.entry(InetAddress.getByName("10.0.0.1"), PRINTER),
            Map.entry(InetAddress.getByName("2001:db8::2"), "02:00:00:00:00:01"));
  }

  @Test
  void anAddressThatTwoLinksHaveForDifferentDevicesIsNobodys() throws IOException {
    neighbour("fe80::1", REACHABLE, PRINTER);
    neighbour("fe80::1", REACHABLE, PRINTER);
    NeighbourTable.parse(datagram.flip(), found);
    assertThat(found).containsOnly(Map.entry(InetAddress.getByName("fe80::1"), PRINTER));

    datagram.clear();
    neighbour("fe80::1", REACHABLE, "02:00:00:00:00:01");
    NeighbourTable.parse(datagram.flip(), found);
    assertThat(found).containsOnly(Map.entry(InetAddress.getByName("fe80::1"), ""));
  }

  @Test
  void theLastMessageEndsTheAnswer() throws IOException {
    neighbour("10.0.0.1", REACHABLE, PRINTER);
    message(3, new byte[4]);
    neighbour("10.0.0.2", REACHABLE, PRINTER);
    assertThat(NeighbourTable.parse(datagram.flip(), found)).isFalse();
    assertThat(found).hasSize(1);
  }

  @Test
  void aRefusalAndNonsenseAreErrors() {
    message(2, new byte[4]);
    assertThatThrownBy(() -> NeighbourTable.parse(datagram.flip(), found))
        .isInstanceOf(IOException.class);
    datagram.clear();
    datagram.putInt(4000).putInt(0).putInt(0).putInt(0);
    assertThatThrownBy(() -> NeighbourTable.parse(datagram.flip(), found))
        .isInstanceOf(IOException.class);
  }

  @Test
  void attributesThatAreCutAreNotRead() throws IOException {
    byte[] body = new byte[12 + 4];
    ByteBuffer.wrap(body)
        .order(ByteOrder.nativeOrder())
        .putShort(8, (short) REACHABLE)
        .putShort(12, (short) 400)
        .putShort(14, (short) 1);
    message(28, body);
    assertThat(NeighbourTable.parse(datagram.flip(), found)).isTrue();
    assertThat(found).isEmpty();
  }

  private void neighbour(String address, int state, String hardware) throws IOException {
    byte[] ip = InetAddress.getByName(address).getAddress();
    byte[] mac = HexFormat.ofDelimiter(":").parseHex(hardware);
    var body = ByteBuffer.allocate(12 + 4 + ip.length + 12).order(ByteOrder.nativeOrder());
    body.put((byte) (ip.length == 4 ? 2 : 10)).position(8);
    body.putShort((short) state).position(12);
    body.putShort((short) (4 + ip.length)).putShort((short) 1).put(ip);
    body.putShort((short) (4 + mac.length)).putShort((short) 2).put(mac);
    message(28, body.array());
  }

  private void message(int type, byte[] body) {
    datagram.putInt(16 + body.length).putShort((short) type).putShort((short) 2);
    datagram.putInt(1).putInt(0).put(body);
  }
}
