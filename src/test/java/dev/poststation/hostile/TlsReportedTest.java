package dev.poststation.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.sim.MemoryConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The whole relay tells a domain of the TLS of its host, day after day in virtual time.
class TlsReportedTest {
  private static final String RELAY =
      """
      connectors.internet { type = mx, tls = mta-sts }
      routes = [ { via = [internet] } ]
      clients = [ { name = lan, networks = ["198.51.100.0/24"] } ]
      tls-reports { from = "tls@relay.example" }
      """;

  private final List<String> taken = Collections.synchronizedList(new ArrayList<>());

  /// A host without STARTTLS.
  private void serve(MemoryConnection connection) {
    try {
      say(connection, "220 host.example");
      byte[] buffer = new byte[8192];
      var unread = new StringBuilder();
      String recipient = "";
      boolean content = false;
      for (int count = 0; count >= 0; count = connection.read(buffer, 0, buffer.length)) {
        unread.append(new String(buffer, 0, count, StandardCharsets.US_ASCII));
        for (int end = unread.indexOf("\r\n"); end >= 0; end = unread.indexOf("\r\n")) {
          String line = unread.substring(0, end);
          unread.delete(0, end + 2);
          if (content && line.equals(".")) {
            content = false;
            taken.add(recipient);
            say(connection, "250 2.0.0 ok");
          } else if (!content) {
            content = line.equals("DATA");
            recipient =
                line.startsWith("RCPT TO:<") ? line.substring(9, line.indexOf('>')) : recipient;
            say(connection, content ? "354 go" : "250 2.0.0 ok");
          }
        }
      }
    } catch (IOException _) {
      // It is gone.
    }
  }

  private static void say(MemoryConnection connection, String line) throws IOException {
    byte[] octets = (line + "\r\n").getBytes(StandardCharsets.US_ASCII);
    connection.write(octets, 0, octets.length);
  }

  private static void send(WholeRelay relay) {
    try (var caller = relay.call("198.51.100.7")) {
      caller.hear();
      caller.ask("EHLO client.example");
      assertThat(caller.mail("a@example.com", "anna@there.example")).startsWith("250 ");
    }
    relay.pass(Duration.ofMinutes(1));
  }

  @Test
  void aDomainGetsOneReportForEachDayWithMailAndNoneAboutTheReports() {
    try (var relay = new WholeRelay(RELAY)) {
      relay
          .names
          .mx("there.example", 10, "mx.there.example")
          .address("mx.there.example", "192.0.2.1")
          .text("_smtp._tls.there.example", "v=TLSRPTv1; rua=mailto:reports@there.example");
      relay.start();
      relay.house("192.0.2.1:25", this::serve);
      send(relay);
      assertThat(taken).containsExactly("anna@there.example");
      relay.pass(Duration.ofHours(30));
      assertThat(taken).containsExactly("anna@there.example", "reports@there.example");
      relay.pass(Duration.ofDays(3)); // Its session is no reason for another one.
      assertThat(taken).hasSize(2);
      send(relay);
      relay.restart();
      relay.pass(Duration.ofHours(30));
      assertThat(taken).hasSize(4).endsWith("anna@there.example", "reports@there.example");
    }
  }

  /// What is wrong with the policy of one domain is not told to others that have the same host.
  @Test
  void aPolicyThatCannotBeHadIsReportedToItsDomainAlone() throws IOException {
    try (var relay = new WholeRelay(RELAY)) {
      for (String domain : List.of("a.example", "b.example", "c.example")) {
        relay.names.mx(domain, 10, "mx.example");
      }
      relay.names.address("mx.example", "192.0.2.1").text("_mta-sts.b.example", "v=STSv1; id=1;");
      relay.start();
      relay.house("192.0.2.1:25", this::serve);
      for (int i = 0; i < 10; i++) {
        try (var caller = relay.call("198.51.100.7")) {
          caller.hear();
          caller.ask("EHLO client.example");
          caller.ask("MAIL FROM:<a@example.com>");
          for (String domain : List.of("a.example", "b.example", "c.example")) {
            caller.ask("RCPT TO:<anna@" + domain + ">");
          }
          caller.ask("DATA");
          caller.ask("Subject: x\r\n\r\n.");
        }
        relay.pass(Duration.ofMinutes(1));
      }
      assertThat(taken).hasSize(30);
      relay.pass(Duration.ofMinutes(10));
      var counted =
          new String(relay.disk.read(Path.of("/data/tls-reports.counted")), StandardCharsets.UTF_8)
              .lines()
              .toList();
      assertThat(counted)
          .hasSize(3)
          .allMatch(
              line ->
                  line.contains("\"policy-type\":\"sts\"") == line.contains(" b.example ")
                      && line.contains("no-policy-found") != line.contains(" b.example "));
    }
  }
}
