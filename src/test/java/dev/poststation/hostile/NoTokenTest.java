package dev.poststation.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.os.TlsStart;
import dev.poststation.sim.MemoryConnection;
import dev.poststation.sim.ToyTokenServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;

/// The token server is down, or refuses, while mail comes in.
class NoTokenTest {
  private static final String RELAY =
      """
      connectors.m365 { preset = microsoft365, hosts = ["192.0.2.1:465"], tls = required, login-at = anyone
        auth { user = "scanner@example.com", tenant = "example.com", client-id = "app-1"
          client-secret = "file:/etc/poststation/oauth.secret" } }
      routes = [ { via = [m365] } ]
      clients = [ { name = lan, networks = ["198.51.100.0/24"] } ]
      """;

  private final List<String> delivered = new CopyOnWriteArrayList<>();
  private final List<String> logins = new CopyOnWriteArrayList<>();
  private int connections;

  private static WholeRelay relay(String more) {
    var relay = new WholeRelay(RELAY + more);
    relay.disk.with("/etc/poststation/oauth.secret", "s3cret\n");
    return relay;
  }

  /// A provider that takes tokens only, over TLS.
  private void provider(WholeRelay relay, MemoryConnection connection) {
    connections++;
    try {
      connection.startTls(new TlsStart(SSLContext.getDefault(), true, null, false, List.of()));
      say(connection, "220 provider.example");
      byte[] buffer = new byte[8192];
      var unread = new StringBuilder();
      boolean content = false;
      for (int count = 0; count >= 0; count = connection.read(buffer, 0, buffer.length)) {
        unread.append(new String(buffer, 0, count, StandardCharsets.US_ASCII));
        for (int end = unread.indexOf("\r\n"); end >= 0; end = unread.indexOf("\r\n")) {
          String line = unread.substring(0, end);
          unread.delete(0, end + 2);
          if (!content) {
            say(connection, answer(relay.tokens, line));
            content = line.equals("DATA");
          } else if (line.equals(".")) {
            content = false;
            say(connection, "250 2.0.0 ok");
          }
        }
      }
    } catch (IOException | NoSuchAlgorithmException _) {
      // It is gone.
    }
  }

  private String answer(ToyTokenServer tokens, String line) {
    if (line.startsWith("EHLO")) {
      return "250-provider.example\r\n250 AUTH LOGIN XOAUTH2";
    }
    if (line.startsWith("AUTH XOAUTH2 ")) {
      String said = new String(Base64.getDecoder().decode(line.substring(13)));
      logins.add(said);
      int begin = said.indexOf("auth=Bearer ") + 12;
      String token = said.substring(begin, said.indexOf('\1', begin));
      return said.startsWith("user=scanner@example.com\1") && tokens.gave(token)
          ? "235 2.7.0 Authentication successful"
          : "535 5.7.3 Authentication unsuccessful";
    }
    if (line.startsWith("RCPT TO:<")) {
      delivered.add(line.substring(9, line.indexOf('>')));
    }
    return line.equals("DATA") ? "354 go" : "250 2.0.0 ok";
  }

  private static void say(MemoryConnection connection, String line) throws IOException {
    byte[] octets = (line + "\r\n").getBytes(StandardCharsets.US_ASCII);
    connection.write(octets, 0, octets.length);
  }

  private static void send(WholeRelay relay, String to) {
    try (var caller = relay.call("198.51.100.7")) {
      caller.hear();
      caller.ask("EHLO printer.example");
      assertThat(caller.mail("printer@example.com", to)).startsWith("250 ");
    }
  }

  private WholeRelay begin(String more) {
    var relay = relay(more);
    relay.house("192.0.2.1:465", connection -> provider(relay, connection));
    relay.start();
    send(relay, "first@there.example");
    relay.pass(Duration.ofMinutes(1));
    assertThat(delivered).containsExactly("first@there.example");
    assertThat(logins).singleElement().asString().contains("auth=Bearer access-1");
    return relay;
  }

  private static String second(Instant time) {
    return time.toString().substring(0, 19);
  }

  @Test
  void forAnHourMailWaitsWithOneEventNothingBouncesAndThenAllOfItGoes() {
    try (var relay = begin("")) {
      var given = relay.relay().tokens().states().getFirst().lastSuccess();
      assertThat(given).isNotNull();
      relay.tokens.down(true);
      // The token that is there lasts for its hour.
      relay.pass(Duration.ofMinutes(50));
      send(relay, "second@there.example");
      relay.pass(Duration.ofMinutes(1));
      assertThat(delivered).hasSize(2);
      assertThat(relay.log("event=token")).isEmpty();
      relay.pass(Duration.ofMinutes(8));
      int before = connections;
      for (int i = 0; i < 12; i++) {
        send(relay, "waiting" + i + "@there.example");
        relay.pass(Duration.ofMinutes(5));
      }
      assertThat(delivered).hasSize(2);
      assertThat(connections).as("nobody is troubled with logins that cannot be").isEqualTo(before);
      assertThat(relay.log("event=token"))
          .singleElement()
          .asString()
          .contains("connector=m365 user=scanner@example.com state=paused", "Connection refused")
          .contains(" last-success=" + second(given));
      assertThat(relay.log("event=destination")).isEmpty();
      assertThat(relay.relay().concerns())
          .singleElement()
          .asString()
          .startsWith("No mail leaves by connector m365 as scanner@example.com, and none is");
      assertThat(relay.relay().metrics().scrape())
          .contains("poststation_token_paused{connector=\"m365\",user=\"scanner@example.com\"} 1");

      relay.tokens.down(false);
      relay.pass(Duration.ofMinutes(2));
      assertThat(delivered).hasSize(14);
      assertThat(relay.log("event=token")).hasSize(2);
      var again = relay.relay().tokens().states().getFirst().lastSuccess();
      assertThat(again).isAfter(given);
      assertThat(relay.log("event=token").getLast())
          .contains("state=back", " last-success=" + second(again));
      assertThat(relay.log("event=destination")).isEmpty();
      assertThat(relay.log("status=bounced")).isEmpty();
      assertThat(relay.log("event=notice")).isEmpty();
      assertThat(relay.relay().concerns()).isEmpty();
      assertThat(relay.log("access-")).isEmpty();
    }
  }

  @Test
  void mailDoesNotExpireForWantOfATokenHoweverLongThatLasts() {
    try (var relay = begin("queue { lifetime = \"2 hours\", warn-after = \"1 hour\" }\n")) {
      relay.tokens.answers(
          Optional.of(
              ToyTokenServer.error(
                  401,
                  "invalid_client",
                  "AADSTS7000222: The provided client secret keys for app 'app-1' are expired.")));
      relay.pass(Duration.ofMinutes(61));
      for (int i = 0; i < 5; i++) {
        send(relay, "waiting" + i + "@there.example");
      }
      relay.pass(Duration.ofHours(9));
      assertThat(relay.log("status=expired")).isEmpty();
      assertThat(relay.log("event=token")).hasSize(1);
      assertThat(relay.relay().spool().usage().mails()).isGreaterThanOrEqualTo(5);
      relay.tokens.answers(Optional.empty());
      relay.pass(Duration.ofMinutes(10));
      assertThat(delivered.stream().filter(each -> each.startsWith("waiting"))).hasSize(5);
      assertThat(relay.log("status=expired")).isEmpty();
      assertThat(relay.log("status=bounced")).isEmpty();
    }
  }

  @Test
  void aTokenThatTheProviderRefusesIsReplacedAtTheNextLogin() {
    try (var relay = begin("queue { retry = [\"1 m\"] }\n")) {
      // As after "revoke sessions": what was given is good no more.
      relay.tokens.forget();
      send(relay, "second@there.example");
      relay.pass(Duration.ofMinutes(3));
      assertThat(delivered).containsExactly("first@there.example", "second@there.example");
      assertThat(logins).hasSize(3);
      assertThat(relay.log("event=token")).isEmpty();
    }
  }
}
