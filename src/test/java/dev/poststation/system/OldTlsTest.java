package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// TLS 1.0 and 1.1, judged by OpenSSL: two devices are excepted, and nobody else, least of all next
/// hops.
@Tag("peer")
final class OldTlsTest {
  private static Home home;
  private static Program nextHop;
  private static RunningRelay relay;

  @BeforeAll
  static void start() {
    home = Home.create("old-tls");
    Path key = home.path().resolve("key.pem");
    Path chain = home.path().resolve("chain.pem");
    Program.run(
        List.of(
            Peers.program("openssl"),
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
            "-keyout",
            key.toString(),
            "-out",
            chain.toString()));
    int port = Port.free();
    nextHop =
        Program.start(
            List.of(
                Peers.program("openssl"),
                "s_server",
                "-accept",
                "127.0.0.1:" + port,
                "-key",
                key.toString(),
                "-cert",
                chain.toString(),
                "-no_tls1_2",
                "-no_tls1_3",
                "-cipher",
                "ALL:@SECLEVEL=0"));
    Port.awaitListening(nextHop, port);
    relay =
        RunningRelay.start(
            """
            clients = [ { name = printer-3, networks = ["127.0.0.7"], tolerate = [tls-1.0] }
                        { name = printer-4, networks = ["127.0.0.8"], tolerate = [tls-1.1] }
                        { name = partner, certificates = [ { ca = "%s" } ] }
                        { name = local, networks = ["127.0.0.1"] } ]
            certificates = [ { chain = "%s", key = "%s" } ]
            connectors { next { hosts = ["smtps://127.0.0.1:%d"], tls = required } }
            routes = [ { via = [next] } ]
            """
                .formatted(chain, chain, key, port));
  }

  @AfterAll
  static void stop() {
    relay.close();
    nextHop.close();
    home.close();
  }

  /// What s_client says, whatever becomes of it.
  private static String client(String from, String... options) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Peers.program("openssl"),
                "s_client",
                "-starttls",
                "smtp",
                "-connect",
                "127.0.0.1:" + relay.port(),
                "-bind",
                from + ":0"));
    command.addAll(List.of(options));
    try (var program = Program.start(command, Map.of())) {
      program.input("QUIT\r\n".getBytes(StandardCharsets.US_ASCII));
      program.awaitExit(Duration.ofMinutes(1));
      return program.output();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.7, -tls1, ALL:@SECLEVEL=0, TLSv1.0, printer-3, tls-1.0",
    "127.0.0.7, -tls1, AES128-SHA:@SECLEVEL=0, TLSv1.0, printer-3, tls-1.0",
    "127.0.0.8, -tls1_1, ALL:@SECLEVEL=0, TLSv1.1, printer-4, tls-1.1"
  })
  void whoIsExceptedSpeaksItAndThatIsCounted(
      String from, String protocol, String suites, String spoken, String client, String what) {
    assertThat(client(from, protocol, "-cipher", suites))
        .contains("New, ")
        .contains("Protocol  : " + spoken.replace("TLSv1.0", "TLSv1"));
    relay.awaitLog("event=tolerated .*address=" + from + " client=" + client + " what=" + what);
    assertThat(status()).contains("tolerated of clients " + client + ": " + what);
  }

  @Test
  void whoIsExceptedSpeaksNewTlsWhereHeCan() {
    assertThat(client("127.0.0.7")).contains("New, TLSv1.3");
    assertThat(client("127.0.0.7", "-tls1_2")).contains("Protocol  : TLSv1.2");
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, -tls1, ALL:@SECLEVEL=0",
    "127.0.0.1, -tls1_1, ALL:@SECLEVEL=0",
    "127.0.0.9, -tls1, ALL:@SECLEVEL=0",
    "127.0.0.7, -tls1_1, ALL:@SECLEVEL=0",
    "127.0.0.8, -tls1, ALL:@SECLEVEL=0",
    "127.0.0.1, -tls1_2, AES128-SHA:@SECLEVEL=0",
    "127.0.0.7, -tls1, eNULL:@SECLEVEL=0",
    "127.0.0.7, -tls1, ADH:@SECLEVEL=0"
  })
  void nobodyElseSpeaksItNorItsSuites(String from, String protocol, String suites) {
    assertThat(client(from, protocol, "-cipher", suites)).contains("(NONE)");
  }

  @Test
  void everybodyElseSpeaksNewTls() {
    assertThat(client("127.0.0.1")).contains("New, TLSv1.3");
    assertThat(client("127.0.0.1", "-tls1_2")).contains("Protocol  : TLSv1.2");
  }

  /// The same process does not speak it as a client.
  @Test
  void noNextHopIsSpokenToInIt() {
    String script =
        """
        import smtplib, sys
        with smtplib.SMTP("127.0.0.1", int(sys.argv[1])) as smtp:
            smtp.sendmail("sender@here.test", ["old@there.test"], b"Subject: a\\r\\n\\r\\nb\\r\\n")
        """;
    Program.run(List.of(Peers.program("python3"), "-c", script, Integer.toString(relay.port())));
    relay.awaitLog("event=attempt .*old@there\\.test.*status=deferred");
    assertThat(nextHop.output()).doesNotContain("CIPHER is").doesNotContain("EHLO");
    assertThat(relay.log()).doesNotContain("tls=TLSv1 ").doesNotContain("tls=TLSv1.1");
  }

  private static String status() {
    List<String> command = new ArrayList<>(PackedProgram.command());
    Path file = relay.home().resolve("poststation.conf");
    command.addAll(List.of("status", "--config", file.toString()));
    return Program.run(command);
  }
}
