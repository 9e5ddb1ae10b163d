package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// HAProxy in front of the relay. Its own address, 127.0.0.1, is no client's; that of 127.0.0.5 is.
@Tag("peer")
final class BalancersTest {
  private static final String CONFIGURATION =
      """
      defaults
        mode tcp
        timeout connect 5s
        timeout client 60s
        timeout server 60s
        timeout check 20s
      listen v1
        bind 127.0.0.1:@V1@
        server relay 127.0.0.1:@RELAY@ send-proxy
      listen v2
        bind 127.0.0.1:@V2@
        server relay 127.0.0.1:@RELAY@ send-proxy-v2 proxy-v2-options unique-id
        unique-id-format %[rand]
      listen implicit
        bind 127.0.0.1:@IMPLICIT@
        server relay 127.0.0.1:@SECURED@ send-proxy-v2
      listen checked
        bind 127.0.0.1:@CHECKED@
        option smtpchk EHLO haproxy.here.test
        server one 127.0.0.1:@RELAY@ send-proxy check inter 200ms
        server two 127.0.0.1:@RELAY@ send-proxy-v2 check inter 200ms
      listen mute
        bind 127.0.0.1:@MUTE@
        server relay 127.0.0.1:@RELAY@
      """;

  private static final Map<String, Integer> PORTS =
      Map.of(
          "v1", Port.free(),
          "v2", Port.free(),
          "implicit", Port.free(),
          "checked", Port.free(),
          "mute", Port.free());

  private static Home home;
  private static SmtpSinkPeer sink;
  private static RunningRelay relay;
  private static Program balancer;

  @BeforeAll
  static void start() {
    home = Home.create("balancer");
    var certificate = Certificate.in(home.path());
    int secured = Port.free();
    sink = SmtpSinkPeer.start();
    relay =
        RunningRelay.start(
            RunningRelay.towards(sink.port())
                + """
                clients = [ { name = known, networks = ["127.0.0.5"] } ]
                certificates = [ { chain = "%s", key = "%s" } ]
                listeners.relay.proxy-protocol = ["127.0.0.1"]
                listeners { secured { bind = "127.0.0.1:%d", tls = implicit, proxy-protocol = ["127.0.0.1"] } }
                """
                    .formatted(certificate.chain(), certificate.key(), secured));
    var file =
        home.write(
            "haproxy.cfg",
            CONFIGURATION,
            Map.of(
                "V1", "" + PORTS.get("v1"),
                "V2", "" + PORTS.get("v2"),
                "IMPLICIT", "" + PORTS.get("implicit"),
                "CHECKED", "" + PORTS.get("checked"),
                "MUTE", "" + PORTS.get("mute"),
                "RELAY", "" + relay.port(),
                "SECURED", "" + secured));
    balancer = Program.start(List.of(Peers.program("haproxy"), "-db", "-f", file.toString()));
    Port.awaitListening(balancer, PORTS.get("v1"));
  }

  @AfterAll
  static void stop() {
    balancer.close();
    relay.close();
    sink.close();
    home.close();
  }

  /// What swaks hears, whatever becomes of it.
  private static String swaks(String through, String from, String to, String... options) {
    var command =
        new java.util.ArrayList<>(
            List.of(
                Peers.program("swaks"),
                "--server",
                "127.0.0.1:" + PORTS.get(through),
                "--local-interface",
                from,
                "--from",
                "sender@here.test",
                "--to",
                to));
    command.addAll(List.of(options));
    try (var program = Program.start(command)) {
      program.awaitExit(Duration.ofMinutes(1));
      return program.output();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"v1", "v2"})
  void theClientsAddressDecidesAndIsTold(String version) {
    sink.clear();
    assertThat(swaks(version, "127.0.0.5", version + "@there.test")).contains("250 2.0.0 Ok");
    assertThat(sink.awaitMails(1).getFirst()).contains("([127.0.0.5])");
    relay.awaitLog("event=connect .*address=127\\.0\\.0\\.5 .*balancer=127\\.0\\.0\\.1");

    assertThat(swaks(version, "127.0.0.6", "x@there.test")).contains("554 5.7.1");
    relay.awaitLogWith("\"no rule in clients matches 127.0.0.6\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"v1", "v2"})
  void startTlsPassesThrough(String version) {
    sink.clear();
    assertThat(swaks(version, "127.0.0.5", version + "@there.test", "--tls"))
        .contains("TLS started with cipher TLSv1.3")
        .contains("250 2.0.0 Ok");
  }

  @Test
  void tlsFromTheFirstOctetPassesThrough() {
    assertThat(swaks("implicit", "127.0.0.5", "x@there.test", "--tls-on-connect"))
        .contains("TLS started with cipher TLSv1.3")
        .contains("250 2.0.0 Ok");
  }

  @Test
  void checksOfHealthSucceedWithBothVersionsAndFillNoLog() {
    var counted = "poststation_balancer_checks_total{listener=\"relay\"}";
    long before = relay.counted(counted);
    Until.holds("ten checks", Duration.ofSeconds(30), () -> relay.counted(counted) >= before + 10);
    assertThat(balancer.output()).doesNotContain("DOWN", "Layer7 wrong status");
    assertThat(relay.log().lines())
        .filteredOn(line -> line.contains("event=connect") && line.contains(" address=127.0.0.1 "))
        .as("of the balancer itself")
        .isEmpty();
  }

  @Test
  void aBalancerThatSendsNoHeaderGetsNoSession() {
    assertThat(swaks("mute", "127.0.0.5", "x@there.test")).contains("421 4.3.5");
    relay.awaitLogWith("\"no PROXY header came within 5 s\"");
  }

  @Test
  void whoIsNoBalancerCannotClaimAnAddress() {
    String script =
        """
        import socket, sys
        client = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 20, ("127.0.0.7", 0))
        client.sendall(b"PROXY TCP4 127.0.0.5 127.0.0.1 51000 25\\r\\n")
        print(client.recv(1000), client.recv(1000))
        """;
    var command = List.of(Peers.program("python3"), "-c", script, Integer.toString(relay.port()));
    assertThat(Program.run(command)).containsPattern("(554|500) 5\\.5\\.1|b'220 ");
    relay.awaitLogWith("\"a PROXY header, but listeners.relay.proxy-protocol does not name it\"");
  }
}
