package dev.poststation.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.sim.MemoryConnection;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/// A pool of two hosts behind a SOCKS5 proxy that goes away for an hour, in virtual time.
class ProxyTest {
  private static final String PROXY = "192.0.2.9:1080";

  private static final String RELAY =
      """
      connectors.pool { tls = off, proxy = "socks5://192.0.2.9"
        hosts = [ { host = "192.0.2.1:25", priority = 10 }, { host = "192.0.2.2:25", priority = 20 } ] }
      routes = [ { via = [pool] } ]
      clients = [ { name = lan, networks = ["198.51.100.0/24"] } ]
      """;

  private final List<String> hops = new CopyOnWriteArrayList<>();
  private final List<String> taken = new CopyOnWriteArrayList<>();
  private volatile String unreachable = "nobody";
  private int sent;

  private void serve(MemoryConnection connection) {
    try {
      octets(connection, 3);
      write(connection, new byte[] {5, 0});
      byte[] request = octets(connection, 10);
      String hop = (request[4] & 0xff) + "." + request[5] + "." + request[6] + "." + request[7];
      hops.add(hop);
      boolean refused = hop.equals(unreachable);
      write(connection, new byte[] {5, (byte) (refused ? 5 : 0), 0, 1, 0, 0, 0, 0, 0, 0});
      if (refused) {
        connection.close();
      } else {
        smtp(connection, hop);
      }
    } catch (IOException _) {
      // It is gone.
    }
  }

  private void smtp(MemoryConnection connection, String hop) throws IOException {
    say(connection, "220 host.example");
    boolean content = false;
    String recipient = "";
    while (true) {
      var text = new StringBuilder();
      while (!text.toString().endsWith("\r\n")) {
        text.append((char) octets(connection, 1)[0]);
      }
      String line = text.substring(0, text.length() - 2);
      if (content && line.equals(".")) {
        content = false;
        taken.add(hop + " " + recipient);
        say(connection, "250 2.0.0 ok");
      } else if (!content) {
        content = line.equals("DATA");
        recipient = line.startsWith("RCPT") ? line.substring(9, line.indexOf('>')) : recipient;
        say(connection, content ? "354 go" : "250 2.0.0 ok");
      }
    }
  }

  private static byte[] octets(MemoryConnection connection, int count) throws IOException {
    byte[] octets = new byte[count];
    for (int have = 0; have < count; ) {
      int more = connection.read(octets, have, count - have);
      if (more < 0) {
        throw new EOFException();
      }
      have += more;
    }
    return octets;
  }

  private static void say(MemoryConnection connection, String line) throws IOException {
    write(connection, (line + "\r\n").getBytes(StandardCharsets.US_ASCII));
  }

  private static void write(MemoryConnection connection, byte[] octets) throws IOException {
    connection.write(octets, 0, octets.length);
  }

  private void flow(WholeRelay relay, int mails) {
    for (int i = 0; i < mails; i++) {
      try (var caller = relay.call("198.51.100.7")) {
        caller.hear();
        caller.ask("EHLO client.example");
        assertThat(caller.mail("a@example.com", sent++ + "@there.example")).startsWith("250 ");
      }
      relay.pass(Duration.ofSeconds(10));
    }
  }

  @Test
  void whileTheProxyIsDownMailWaitsAndNoHostIsTakenForDown() {
    try (var relay = new WholeRelay(RELAY)) {
      relay.house(PROXY, this::serve);
      relay.start();
      flow(relay, 3);
      relay.silent(PROXY, true);
      flow(relay, 5);
      relay.pass(Duration.ofHours(1));
      assertThat(relay.log("status=deferred"))
          .isNotEmpty()
          .allMatch(
              line ->
                  line.contains("dsn=4.4.1")
                      && line.contains("proxy socks5://192.0.2.9:1080 of connector pool"));
      assertThat(relay.log("event=host")).as("no host comes last").isEmpty();
      assertThat(relay.log("event=destination")).as("the way is set aside").isNotEmpty();
      relay.silent(PROXY, false);
      relay.pass(Duration.ofMinutes(17));
      assertThat(taken).hasSize(8).allMatch(mail -> mail.startsWith("192.0.2.1 "));
    }
  }

  @Test
  void aHostThatTheProxyCannotReachComesLastAndAProbeThatMissesTheProxyCountsForNothing() {
    try (var relay = new WholeRelay(RELAY)) {
      relay.house(PROXY, this::serve);
      relay.start();
      unreachable = "192.0.2.1";
      flow(relay, 4);
      assertThat(taken).hasSize(4).allMatch(mail -> mail.startsWith("192.0.2.2 "));
      assertThat(relay.log("event=host"))
          .singleElement()
          .asString()
          .contains("host=192.0.2.1:25", "connection refused");
      int before = hops.size();
      relay.silent(PROXY, true);
      flow(relay, 20);
      assertThat(hops).hasSize(before);
      relay.silent(PROXY, false);
      unreachable = "nobody";
      relay.pass(Duration.ofMinutes(17));
      flow(relay, 40);
      assertThat(relay.log("event=host").getLast()).contains("host=192.0.2.1:25", "reached again");
      assertThat(taken).hasSize(64);
      assertThat(taken.getLast()).startsWith("192.0.2.1 ");
    }
  }
}
