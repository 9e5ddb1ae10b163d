package dev.poststation.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.sim.MemoryConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/// Servers of a provider that all its customers share, before the whole relay, in virtual time.
class CloudPeerTest {
  private static final String OURS = "0f3c2d9a-5b7e-4c1d-8a6f-2e9b4d7c1a05";
  private static final String OTHERS = "11111111-2222-3333-4444-555555555555";
  private static final String MICROSOFT = "40.107.9.9";
  private static final String LATER = "203.0.113.9";

  private static final String RELAY =
      """
      clients = [ { name = cloud, peer = microsoft365, tenant = "%s" } ]
      """
          .formatted(OURS);

  private final List<String> taken = new CopyOnWriteArrayList<>();

  private WholeRelay begin(String text) {
    var relay = new WholeRelay(text);
    relay.house("192.0.2.1:25", this::serve);
    return relay.start();
  }

  private void serve(MemoryConnection connection) {
    try {
      say(connection, "220 host.example");
      byte[] buffer = new byte[8192];
      var unread = new StringBuilder();
      var content = new StringBuilder();
      boolean inContent = false;
      for (int count = 0; count >= 0; count = connection.read(buffer, 0, buffer.length)) {
        unread.append(new String(buffer, 0, count, StandardCharsets.US_ASCII));
        for (int end = unread.indexOf("\r\n"); end >= 0; end = unread.indexOf("\r\n")) {
          String line = unread.substring(0, end);
          unread.delete(0, end + 2);
          if (inContent && line.equals(".")) {
            inContent = false;
            taken.add(content.toString());
            content.setLength(0);
            say(connection, "250 2.0.0 ok");
          } else if (inContent) {
            content.append(line).append('\n');
          } else {
            inContent = line.equals("DATA");
            say(connection, inContent ? "354 go" : "250 2.0.0 ok");
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

  /// The reply to the content, or the first one that refuses something.
  private static String send(WholeRelay relay, String from, String sender, String header) {
    try (var caller = relay.call(from)) {
      caller.hear();
      caller.ask("EHLO mail.outbound.protection.outlook.com");
      for (String line : List.of("MAIL FROM:<" + sender + ">", "RCPT TO:<bob@there.example>")) {
        String reply = caller.ask(line);
        if (!reply.startsWith("250")) {
          return reply;
        }
      }
      caller.ask("DATA");
      return caller.ask(header + "\r\nHello\r\n.");
    }
  }

  private static String tenant(String id) {
    return "X-MS-Exchange-CrossTenant-Id: " + id + "\r\n";
  }

  @Test
  void onlyMailOfOurTenantIsTakenOfServersThatAllCustomersShare() {
    try (var relay = begin(RELAY)) {
      assertThat(send(relay, MICROSOFT, "anna@example.com", tenant(OURS))).startsWith("250");
      assertThat(send(relay, MICROSOFT, "", tenant(OURS))).startsWith("250");
      assertThat(send(relay, MICROSOFT, "anna@example.com", tenant(OTHERS)))
          .isEqualTo("550 5.7.1 This mail is not of the tenant that may send here");
      assertThat(send(relay, MICROSOFT, "anna@example.com", "Subject: x\r\n")).startsWith("550");
      assertThat(send(relay, MICROSOFT, "anna@example.com", tenant(OURS) + tenant(OTHERS)))
          .as("a field that somebody made up, and the one that Exchange Online wrote")
          .startsWith("550");
      assertThat(send(relay, MICROSOFT, "anna@example.com", tenant(OURS) + tenant(OURS)))
          .startsWith("550");
      assertThat(
              send(
                  relay,
                  MICROSOFT,
                  "anna@example.com",
                  tenant(OURS) + "no field\r\n" + tenant(OTHERS)))
          .as("what stands behind a line that is no field another program may see")
          .startsWith("550");
      assertThat(send(relay, LATER, "anna@example.com", tenant(OURS))).startsWith("554 5.7.1");
      relay.pass(Duration.ofSeconds(5));
      assertThat(taken).hasSize(2);
      assertThat(relay.log("event=reject"))
          .anyMatch(line -> line.contains("the mail is of tenant " + OTHERS))
          .anyMatch(line -> line.contains("the header has 0 fields"));
    }
  }

  @Test
  void whatExchangeWroteForExchangePassesUntouched() {
    String header =
        tenant(OURS)
            + "X-MS-Exchange-Organization-AuthAs: Internal\r\n"
            + "X-MS-Exchange-Organization-AuthMechanism:   04\r\n"
            + "x-ms-exchange-organization-scl:\t-1\r\n"
            + "X-MS-Exchange-Organization-Network-Message-Id:\r\n 0f3c2d9a\r\n"
            + "X-OriginatorOrg: example.com\r\n"
            + "Subject: x\r\n";
    try (var relay = begin(RELAY)) {
      assertThat(send(relay, MICROSOFT, "anna@example.com", header)).startsWith("250");
      relay.pass(Duration.ofSeconds(5));
      assertThat(taken).hasSize(1);
      assertThat(taken.getFirst()).endsWith(header.replace("\r\n", "\n") + "\nHello\n");
    }
  }

  @Test
  void aMailThatTheTenantSendsBackAgainAndAgainEnds() {
    try (var relay = begin(RELAY)) {
      String hop = "Received: from a.example by relay.example with ESMTP; x\r\n";
      assertThat(send(relay, MICROSOFT, "anna@example.com", hop.repeat(2) + tenant(OURS)))
          .as("a connector that sends it through here twice is meant")
          .startsWith("250");
      assertThat(send(relay, MICROSOFT, "anna@example.com", hop.repeat(20) + tenant(OURS)))
          .startsWith("554 5.4.6");
    }
  }

  @Test
  void newNetworksAreTakenUpAndKeptOverARestart() {
    var published = List.of("203.0.113.0/24");
    try (var relay = new WholeRelay(RELAY)) {
      relay.house("192.0.2.1:25", this::serve);
      relay.start();
      assertThat(send(relay, LATER, "anna@example.com", tenant(OURS))).startsWith("554");
      relay.peers = _ -> published;
      relay.pass(Duration.ofMinutes(61));
      assertThat(send(relay, LATER, "anna@example.com", tenant(OURS))).startsWith("250");
      assertThat(send(relay, MICROSOFT, "anna@example.com", tenant(OURS))).startsWith("554");
      relay.peers =
          _ -> {
            throw new IOException("gone");
          };
      relay.restart();
      assertThat(send(relay, LATER, "anna@example.com", tenant(OURS))).startsWith("250");
    }
  }

  @Test
  void withSendersAsTheProofNobodyElsesMailIsTaken() {
    try (var relay =
        begin("clients = [ { name = g, peer = google, senders = [\"@example.com\"] } ]\n")) {
      assertThat(send(relay, "209.85.220.41", "anna@example.com", "Subject: x\r\n"))
          .startsWith("250");
      assertThat(send(relay, "209.85.220.41", "eve@else.example", "Subject: x\r\n"))
          .startsWith("550 5.7.1");
      assertThat(send(relay, "209.85.220.41", "", "Subject: x\r\n")).startsWith("550 5.7.1");
    }
  }

  @Test
  void mailOfAnotherTenantMayWaitForAPerson() {
    try (var relay = begin(RELAY.replace(" } ]", ", otherwise = hold } ]"))) {
      assertThat(send(relay, MICROSOFT, "anna@example.com", tenant(OTHERS))).startsWith("250");
      relay.pass(Duration.ofSeconds(5));
      assertThat(taken).isEmpty();
      assertThat(relay.relay().queue().waiting().held()).isEqualTo(1);
    }
  }
}
