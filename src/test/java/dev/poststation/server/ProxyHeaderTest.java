package dev.poststation.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.os.IpText;
import dev.poststation.sim.ScriptedConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Headers as the specification has them, and nonsense.
class ProxyHeaderTest {
  private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";

  private static byte[] hex(String octets) {
    return HexFormat.of().parseHex(octets.replace(" ", ""));
  }

  private static byte[] line(String text) {
    return text.replace("|", "\r\n").getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String shown(ProxyHeader header) {
    return switch (header) {
      case ProxyHeader.Client(var address) ->
          IpText.of(address.getAddress()) + " " + address.getPort();
      case ProxyHeader.Local _ -> "local";
      case ProxyHeader.Gone _ -> "gone";
      case ProxyHeader.Bad(String fault) -> fault;
    };
  }

  private static String read(byte[]... packets) {
    return shown(ProxyHeader.read(ScriptedConnection.of(packets)));
  }

  @ParameterizedTest
  @CsvSource({
    "PROXY TCP4 192.0.2.7 10.0.0.1 51000 25|, 192.0.2.7 51000",
    "PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535|, 255.255.255.255 65535",
    "PROXY TCP6 2001:db8::7 2001:db8::1 51000 25|, 2001:db8::7 51000",
    "PROXY TCP6 ffff:f:f:f:f:f:f:ffff ffff:f:f:f:f:f:f:ffff 65535 65535|, ffff:f:f:f:f:f:f:ffff"
        + " 65535",
    "PROXY TCP6 ::ffff:192.0.2.7 ::1 1 2|, 192.0.2.7 1",
    "PROXY UNKNOWN|, 0.0.0.0 0",
    "PROXY UNKNOWN 192.0.2.7 whatever 1|, 0.0.0.0 0",
  })
  void aLineNamesTheClient(String header, String client) {
    assertThat(read(line(header))).isEqualTo(client);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PROXY |            ",
        "PROXY TCP4|        ",
        "PROXY TCP5 192.0.2.7 10.0.0.1 51000 25|",
        "PROXY TCP4 192.0.2.7 10.0.0.1 51000|",
        "PROXY TCP4 192.0.2.7 10.0.0.1 51000 25 |",
        "PROXY TCP4  192.0.2.7 10.0.0.1 51000 25|",
        "PROXY TCP4 192.0.2 10.0.0.1 51000 25|",
        "PROXY TCP4 192.0.2.700 10.0.0.1 51000 25|",
        "PROXY TCP4 client.example 10.0.0.1 51000 25|",
        "PROXY TCP4 2001:db8::7 2001:db8::1 51000 25|",
        "PROXY TCP6 192.0.2.7 10.0.0.1 51000 25|",
        "PROXY TCP6 fe80::1%lo ::1 51000 25|",
        "PROXY TCP6 [::1] ::1 51000 25|",
        "PROXY TCP4 192.0.2.7 10.0.0.1 65536 25|",
        "PROXY TCP4 192.0.2.7 10.0.0.1 051000 25|",
        "PROXY TCP4 192.0.2.7 10.0.0.1 -1 25|",
        "PROXY TCP4 192.0.2.7 10.0.0.1 51000 25\n",
        "proxy TCP4 192.0.2.7 10.0.0.1 51000 25|",
        "EHLO client.example|",
        "QUIT|",
      })
  void whatIsNoLineIsRefused(String header) {
    assertThat(ProxyHeader.read(ScriptedConnection.of(line(header))))
        .isInstanceOf(ProxyHeader.Bad.class);
  }

  @Test
  void aLineHasAnEndBeforeTheLimit() {
    byte[] endless = line("PROXY UNKNOWN " + "x".repeat(10_000));
    assertThat(read(endless)).isEqualTo("the PROXY line has more than 107 octets");
    byte[] longest = line("PROXY UNKNOWN " + "x".repeat(107 - 16) + "|");
    assertThat(longest).hasSize(107);
    assertThat(read(longest)).isEqualTo("0.0.0.0 0");
  }

  @ParameterizedTest
  @CsvSource({
    "21 11 000c c0000207 0a000001 c738 0019, 192.0.2.7 51000",
    "21 21 0024 20010db8000000000000000000000007 20010db8000000000000000000000001 c738 0019,"
        + " 2001:db8::7 51000",
    "21 21 0024 00000000000000000000ffffc0000207 00000000000000000000ffff0a000001 c738 0019,"
        + " 192.0.2.7 51000",
    // With extensions behind the addresses.
    "21 11 0013 c0000207 0a000001 c738 0019 04 0004 00000000, 192.0.2.7 51000",
    "20 00 0000, local",
    "20 11 000c c0000207 0a000001 c738 0019, local", // to be ignored (2.2)
    "20 ff 0003 000000, local",
    "21 00 0000, 0.0.0.0 0",
    "21 00 000c c0000207 0a000001 c738 0019, 0.0.0.0 0",
  })
  void aBlockNamesTheClient(String block, String client) {
    assertThat(read(hex(SIGNATURE + block))).isEqualTo(client);
  }

  @Test
  void aLocalSocketHasNoAddress() {
    assertThat(read(hex(SIGNATURE + "21 31 00d8"), new byte[216])).isEqualTo("0.0.0.0 0");
  }

  @ParameterizedTest
  @CsvSource({
    "11 11 000c c0000207 0a000001 c738 0019", // version 1
    "22 11 000c c0000207 0a000001 c738 0019", // a command of the future
    "21 12 000c c0000207 0a000001 c738 0019", // datagrams
    "21 41 000c c0000207 0a000001 c738 0019",
    "21 11 000b c0000207 0a000001 c738 00", // too short for its addresses
    "21 21 000c c0000207 0a000001 c738 0019",
    "21 11 000c c0000207", // truncated
    "21 11 0020 c0000207 0a000001 c738 0019 04 0004 00", // truncated in the extensions
    "21 11", // truncated in the head
    "21 11 ffff c0000207 0a000001 c738 0019", // beyond the limit
  })
  void whatIsNoBlockIsRefused(String block) {
    assertThat(ProxyHeader.read(ScriptedConnection.of(hex(SIGNATURE + block))))
        .isInstanceOf(ProxyHeader.Bad.class);
  }

  @Test
  void aDamagedSignatureIsRefused() {
    byte[] header = hex(SIGNATURE + "21 11 000c c0000207 0a000001 c738 0019");
    for (int i = 0; i < 12; i++) {
      byte[] damaged = header.clone();
      damaged[i] ^= 1;
      assertThat(read(damaged)).isEqualTo("there is no PROXY header before what the client says");
    }
  }

  @Test
  void aHeaderMayComeInAnyPieces() {
    byte[] block = hex(SIGNATURE + "21 11 0013 c0000207 0a000001 c738 0019 04 0004 00000000");
    byte[] line = line("PROXY TCP4 192.0.2.7 10.0.0.1 51000 25|");
    for (int size = 1; size < 50; size++) {
      assertThat(shown(ProxyHeader.read(ScriptedConnection.inPackets(block, size))))
          .isEqualTo("192.0.2.7 51000");
      assertThat(shown(ProxyHeader.read(ScriptedConnection.inPackets(line, size))))
          .isEqualTo("192.0.2.7 51000");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PROXY TCP4 192.0.2.7 10.0.0.1 51000 25|",
        "PROXY UNKNOWN|",
        "PROXY UNKNOWN x|",
      })
  void whatFollowsALineIsLeftThere(String header) throws IOException {
    assertThat(rest(line(header + "EHLO client|"))).isEqualTo("EHLO client\r\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "20 00 0000",
        "21 11 0013 c0000207 0a000001 c738 0019 04 0004 00000000",
        "21 00 0000"
      })
  void whatFollowsABlockIsLeftThere(String block) throws IOException {
    byte[] header = hex(SIGNATURE + block + HexFormat.of().formatHex(line("EHLO client|")));
    assertThat(rest(header)).isEqualTo("EHLO client\r\n");
  }

  private static String rest(byte[] packet) throws IOException {
    var connection = ScriptedConnection.of(packet);
    ProxyHeader.read(connection);
    byte[] buffer = new byte[100];
    int count = connection.read(buffer, 0, buffer.length);
    return new String(buffer, 0, count, StandardCharsets.ISO_8859_1);
  }

  @Test
  void whoOnlyLooksWhetherThePortIsOpenSaysNothing() {
    assertThat(read()).isEqualTo("gone");
  }

  @Test
  void truncatedHeadersAndNoiseAreNeverTakenForAClient() {
    byte[] line = line("PROXY TCP4 192.0.2.7 10.0.0.1 51000 25|");
    for (int length = 1; length < line.length; length++) {
      var read = ProxyHeader.read(ScriptedConnection.of(java.util.Arrays.copyOf(line, length)));
      assertThat(read).isInstanceOf(ProxyHeader.Bad.class);
    }
    var random = new Random(4);
    for (int i = 0; i < 20_000; i++) {
      byte[] noise = new byte[random.nextInt(200) + 1];
      random.nextBytes(noise);
      byte[] start = i % 2 == 0 ? line("PROXY ") : hex(SIGNATURE);
      System.arraycopy(start, 0, noise, 0, Math.min(start.length, noise.length));
      ProxyHeader.read(ScriptedConnection.of(noise)); // Whatever it is, it is a value.
    }
  }
}
