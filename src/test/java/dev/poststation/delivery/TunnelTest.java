package dev.poststation.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.config.Proxy;
import dev.poststation.sim.ScriptedConnection;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is said to a proxy, and what its answers mean.
class TunnelTest {
  private static final String OURS = "proxy socks5://proxy.example:1080 of connector provider ";

  private static InetSocketAddress hop(String address) {
    return new InetSocketAddress(InetAddress.ofLiteral(address), 587);
  }

  private static Proxy proxy(Proxy.Scheme scheme, String user) {
    int port = scheme == Proxy.Scheme.SOCKS5 ? 1080 : 3128;
    return new Proxy(
        scheme, "proxy.example", port, user, user.isEmpty() ? null : Sample.secret("s3cret"));
  }

  private static void open(ScriptedConnection connection, Proxy proxy, String address)
      throws IOException {
    new Tunnel(connection, new Sample.Via().connector(), proxy, Duration.ofSeconds(30))
        .to(hop(address));
  }

  /// Octets in hexadecimal, in packets as they are divided by blanks.
  private static ScriptedConnection answers(String packets) {
    String[] each = packets.isEmpty() ? new String[0] : packets.split(" ", -1);
    return ScriptedConnection.of(
        List.of(each).stream().map(TunnelTest::octets).toArray(String[]::new));
  }

  private static String octets(String hex) {
    return new String(HexFormat.of().parseHex(hex), StandardCharsets.ISO_8859_1);
  }

  private static String hex(String octets) {
    return HexFormat.of().formatHex(octets.getBytes(StandardCharsets.ISO_8859_1));
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.7, 05010001c0000207024b, 0500 05000001c00002090438",
    "2001:db8::7, 0501000420010db8000000000000000000000007024b, 0500 05000004 00 "
        + "000000000000000000000000000000 0438",
    "192.0.2.7, 05010001c0000207024b, 05 00 05 0000 03 03 616263 0438",
  })
  void socksIsAskedForTheAddressAndNothingIsReadBeyondItsAnswer(
      String address, String request, String answer) throws IOException {
    var connection = answers(answer + hex("220 mx.example\r\n"));
    open(connection, proxy(Proxy.Scheme.SOCKS5, ""), address);
    assertThat(hex(connection.written())).isEqualTo("050100" + request);
    byte[] rest = new byte[100];
    assertThat(new String(rest, 0, connection.read(rest, 0, 100), StandardCharsets.US_ASCII))
        .isEqualTo("220 mx.example\r\n");
    assertThat(connection.deadlines()).allMatch(Duration.ofSeconds(30)::equals);
  }

  @Test
  void socksIsToldUserAndPasswordWhereItWantsThem() throws IOException {
    var connection = answers("0502 0100 05000001c00002090438");
    open(connection, proxy(Proxy.Scheme.SOCKS5, "relay"), "192.0.2.7");
    assertThat(hex(connection.written()))
        .isEqualTo(
            "05020002" + "0105" + hex("relay") + "06" + hex("s3cret") + "05010001c0000207024b");
    var open = answers("0500 05000001c00002090438");
    open(open, proxy(Proxy.Scheme.SOCKS5, "relay"), "192.0.2.7");
    assertThat(open.written()).doesNotContain("s3cret");
  }

  @ParameterizedTest
  @CsvSource({
    "'', hung up",
    "05ff, lets nobody in without a login: write its user into proxy",
    "0501, speaks no SOCKS5",
    "4854, speaks no SOCKS5",
    "0500 4854, hung up beyond",
    "0500 48545450, speaks no SOCKS5",
    "0500 0500000905, speaks no SOCKS5",
  })
  void whatTheProxyDoesWrongIsNoFaultOfTheNextHop(String answers, String what) {
    assertThatThrownBy(() -> open(answers(answers), proxy(Proxy.Scheme.SOCKS5, ""), "192.0.2.7"))
        .isInstanceOf(what.endsWith(" beyond") ? ConnectException.class : ProxyException.class)
        .hasMessage(
            what.endsWith(" beyond") ? "proxy socks5://proxy.example:1080: hung up" : OURS + what);
  }

  @ParameterizedTest
  @CsvSource({
    "0502 0101, refuses user relay or the password",
    "05ff, takes no login by password (RFC 1929)",
  })
  void aRefusedLoginIsTheConnectors(String answers, String what) {
    assertThatThrownBy(
            () -> open(answers(answers), proxy(Proxy.Scheme.SOCKS5, "relay"), "192.0.2.7"))
        .isInstanceOf(ProxyException.class)
        .hasMessage(OURS + what);
    var missing =
        new Proxy(Proxy.Scheme.SOCKS5, "proxy.example", 1080, "relay", Sample.secret(null));
    assertThatThrownBy(() -> open(answers("0502"), missing, "192.0.2.7"))
        .isInstanceOf(ProxyException.class)
        .hasMessage(OURS + "gets no login: /etc/poststation/provider.secret does not exist");
  }

  @ParameterizedTest
  @CsvSource({
    "01, general failure",
    "02, not allowed by its rules",
    "03, network unreachable",
    "04, host unreachable",
    "05, connection refused",
    "06, no answer in time",
    "08, it does not know this family of addresses",
    "63, failure 99",
  })
  void whatSocksSaysOfTheNextHopIsTheNextHops(String reply, String what) {
    assertThatThrownBy(
            () ->
                open(
                    answers("0500 05" + reply + "0001000000000000"),
                    proxy(Proxy.Scheme.SOCKS5, ""),
                    "192.0.2.7"))
        .isInstanceOf(ConnectException.class)
        .hasMessage("proxy socks5://proxy.example:1080: " + what);
  }

  @Test
  void httpIsAskedForTheAddressAndNothingIsReadBeyondItsAnswer() throws IOException {
    var connection =
        ScriptedConnection.of(
            "HTTP/1.1 200 Connection established\r\nVia: x\r", "\n\r\n220 mx.example\r\n");
    open(connection, proxy(Proxy.Scheme.HTTP, "relay"), "2001:db8::7");
    assertThat(connection.written())
        .isEqualTo(
            "CONNECT [2001:db8::7]:587 HTTP/1.1\r\nHost: [2001:db8::7]:587\r\n"
                + "Proxy-Authorization: Basic cmVsYXk6czNjcmV0\r\n\r\n");
    byte[] rest = new byte[100];
    assertThat(connection.read(rest, 0, 100)).isEqualTo("220 mx.example\r\n".length());
  }

  @ParameterizedTest
  @CsvSource({
    "407 Proxy Authentication Required, proxy, lets nobody in without a login: write its user into"
        + " proxy",
    "405 Method Not Allowed, proxy, does no CONNECT: 405 Method Not Allowed",
    "400 Bad Request, proxy, does no CONNECT: 400 Bad Request",
    "302 Found, proxy, answers CONNECT with 302 Found",
    "403 Forbidden, hop, 403 Forbidden",
    "503 Service Unavailable, hop, 503 Service Unavailable",
    "504, hop, 504",
  })
  void whatHttpSaysIsTheProxysOrTheNextHops(String status, String whose, String what) {
    var connection = ScriptedConnection.of("HTTP/1.0 " + status + "\r\n\r\n");
    boolean hop = whose.equals("hop");
    assertThatThrownBy(() -> open(connection, proxy(Proxy.Scheme.HTTP, ""), "192.0.2.7"))
        .isInstanceOf(hop ? ConnectException.class : ProxyException.class)
        .hasMessage(
            "proxy http://proxy.example:3128" + (hop ? ": " : " of connector provider ") + what);
  }

  @Test
  void whatIsNoHttpEnds() {
    for (String garbage : List.of("220 mx.example ESMTP\r\n\r\n", "x".repeat(100_000))) {
      assertThatThrownBy(
              () -> open(ScriptedConnection.of(garbage), proxy(Proxy.Scheme.HTTP, ""), "192.0.2.7"))
          .isInstanceOf(ProxyException.class)
          .hasMessageEndingWith("speaks no HTTP");
    }
  }
}
