package dev.poststation.server;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Forwarders;
import dev.poststation.config.ListenerSettings;
import dev.poststation.log.Event;
import dev.poststation.message.QueueId;
import dev.poststation.os.Connection;
import dev.poststation.os.Os;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A listener behind a balancer, 127.0.0.9, over real sockets; everybody else in 127.0.0.0/8 may
/// relay.
@Timeout(60)
class BalancerTest {
  private static final Os OS = Os.real();
  private static final Duration BOUND = Duration.ofSeconds(20);
  private static final InetAddress BALANCER = InetAddress.ofLiteral("127.0.0.9");
  private static final String LOCAL = "\r\n\r\n\0\r\nQUIT\n\40\0\0\0";

  private final Relay relay = new Relay(OS.time());
  private final Sessions sessions = new Sessions(OS.time());
  private Listener listener;

  @BeforeEach
  void start() {
    relay.forwarders = new Forwarders(List.of(Relay.cidr("127.0.0.9", 32)), List.of(), List.of());
  }

  @AfterEach
  void stop() {
    if (listener != null) {
      listener.close();
    }
  }

  private Caller caller(InetAddress from) throws IOException {
    if (listener == null) {
      listener =
          new Listener(relay::current, sessions, relay.intake, relay.logins, relay.journal, OS);
      listener.start();
    }
    return new Caller(OS.network().connect(listener.address(), from, BOUND));
  }

  /// A client that reads replies.
  private static final class Caller {
    private final Connection connection;
    private final byte[] octet = new byte[1];

    Caller(Connection connection) {
      this.connection = connection;
      connection.deadline(BOUND);
    }

    Caller say(String text) throws IOException {
      byte[] octets = text.replace("|", "\r\n").getBytes(StandardCharsets.ISO_8859_1);
      connection.write(octets, 0, octets.length);
      return this;
    }

    /// The last line of a reply; null at the end.
    String reply() throws IOException {
      var line = new StringBuilder();
      while (connection.read(octet, 0, 1) > 0) {
        if (octet[0] != '\n') {
          line.append((char) octet[0]);
        } else if (line.length() > 3 && line.charAt(3) == '-') {
          line.setLength(0);
        } else {
          return line.toString().strip();
        }
      }
      return null;
    }
  }

  private static String line(String client) {
    return "PROXY TCP4 " + client + " 127.0.0.1 51000 25|";
  }

  private static String block(String address, String extensions) {
    String block =
        "0d0a0d0a000d0a515549540a 21 11 %04x %s 7f000001 c738 0019 %s"
            .formatted(12 + extensions.length() / 2, address, extensions);
    return new String(HexFormat.of().parseHex(block.replace(" ", "")), StandardCharsets.ISO_8859_1);
  }

  private Event.Rejected rejected() throws InterruptedException {
    assertThat(relay.journal.await(Event.Rejected.class::isInstance, BOUND)).isTrue();
    return relay.journal.events(Event.Rejected.class).getFirst();
  }

  @Test
  void theSessionIsOneOfTheClientThatTheBalancerNames() throws Exception {
    var caller = caller(BALANCER).say(line("192.0.2.7"));
    assertThat(caller.reply()).startsWith("220 ");
    caller.say("EHLO client.example|");
    assertThat(caller.reply()).startsWith("250 ");
    caller.say("MAIL FROM:<a@client.example>|RCPT TO:<b@example.org>|DATA|");
    assertThat(caller.reply()).startsWith("250 2.1.0");
    assertThat(caller.reply()).startsWith("250 2.1.5");
    assertThat(caller.reply()).startsWith("354");
    caller.say("Subject: x||x|.|");
    assertThat(caller.reply()).startsWith("250 2.0.0");

    var mail =
        relay.spool.load(relay.spool.incoming(QueueId.FIRST, 10).getFirst()).orElseThrow().mail();
    assertThat(mail.envelope().source().address()).isEqualTo("192.0.2.7");
    assertThat(new String(mail.trace(), StandardCharsets.UTF_8))
        .startsWith("Received: from client.example ([192.0.2.7])")
        .doesNotContain("127.0.0.9");
    assertThat(relay.journal.events(Event.Connected.class))
        .singleElement()
        .satisfies(
            connected -> {
              assertThat(connected.client().getHostString()).isEqualTo("192.0.2.7");
              assertThat(connected.client().getPort()).isEqualTo(51000);
              assertThat(connected.balancer()).isEqualTo(BALANCER);
            });
    assertThat(relay.journal.events(Event.Queued.class).getFirst().decisions())
        .contains("its address was announced by the balancer 127.0.0.9");
  }

  @Test
  void aStrangerBehindTheBalancerMayNotRelayThoughTheBalancerMay() throws Exception {
    var caller = caller(BALANCER).say(block("cb007109", "")); // 203.0.113.9
    assertThat(caller.reply()).startsWith("220 ");
    caller.say("EHLO x|");
    assertThat(caller.reply()).startsWith("250 ");
    caller.say("MAIL FROM:<a@client.example>|RCPT TO:<b@example.org>|");
    assertThat(caller.reply()).startsWith("250 ");
    assertThat(caller.reply()).startsWith("554 5.7.1 ");
    assertThat(rejected().rule()).isEqualTo("no rule in clients matches 203.0.113.9");
  }

  @Test
  void whomTheBalancerDoesNotKnowMayNotRelayWhateverClientsSays() throws Exception {
    relay.tls = ListenerSettings.Tls.OFF;
    var caller = caller(BALANCER).say("PROXY UNKNOWN|");
    assertThat(caller.reply()).startsWith("220 ");
    caller.say("EHLO x|");
    assertThat(caller.reply()).startsWith("250 ");
    caller.say("MAIL FROM:<a@client.example>|RCPT TO:<b@example.org>|");
    assertThat(caller.reply()).startsWith("250 ");
    assertThat(caller.reply()).startsWith("554 5.7.1 ");
  }

  @Test
  void theBalancerItselfIsAClientLikeOthers() throws Exception {
    var caller = caller(BALANCER).say(LOCAL);
    assertThat(caller.reply()).startsWith("220 ");
    caller.say("EHLO x|MAIL FROM:<a@client.example>|");
    assertThat(caller.reply()).startsWith("250 ");
    assertThat(caller.reply()).startsWith("250 2.1.0");
    assertThat(relay.journal.events(Event.Connected.class).getFirst().client().getAddress())
        .isEqualTo(BALANCER);
  }

  /// Every two seconds: nobody wants to read of them.
  @Test
  void aCheckOfOurHealthIsNotTold() throws Exception {
    caller(BALANCER).connection.close();
    var silent = caller(BALANCER).say(LOCAL);
    assertThat(silent.reply()).startsWith("220 ");
    silent.connection.close();
    var polite = caller(BALANCER).say(LOCAL);
    assertThat(polite.reply()).startsWith("220 ");
    polite.say("EHLO balancer|QUIT|");
    assertThat(polite.reply()).startsWith("250 ");
    assertThat(polite.reply()).startsWith("221 ");
    assertThat(polite.reply()).isNull();
    eventually("all have ended", () -> listener.sessionCount() == 0);
    assertThat(relay.journal.events()).hasSize(2).allMatch(event -> event instanceof Event.Checked);
  }

  @Test
  void aCheckThatGoesWrongIsTold() throws Exception {
    var caller = caller(BALANCER).say(LOCAL);
    assertThat(caller.reply()).startsWith("220 ");
    caller.say("GET / HTTP/1.0|");
    assertThat(caller.reply()).startsWith("421 4.7.0 This is a mail server");
    assertThat(caller.reply()).isNull();
    assertThat(relay.journal.await(Event.Disconnected.class::isInstance, BOUND)).isTrue();
    assertThat(relay.journal.events())
        .extracting(event -> event.getClass().getSimpleName())
        .containsExactly("Connected", "Rejected", "Disconnected");
  }

  @Test
  void aBalancerThatDoesNotSayWhoTheClientIsIsSentAway() throws Exception {
    var caller = caller(BALANCER).say("EHLO client.example|MAIL FROM:<a@client.example>|");
    assertThat(caller.reply()).startsWith("421 4.3.5 ");
    assertThat(caller.reply()).isNull();
    assertThat(rejected().rule()).isEqualTo("there is no PROXY header before what the client says");
    assertThat(relay.journal.events(Event.Connected.class)).isEmpty();
    // It is not punished for it.
    assertThat(caller(BALANCER).say(line("192.0.2.7")).reply()).startsWith("220 ");
  }

  @Test
  void aBalancerThatIsSilentIsSentAwayAndNobodyWaitsForIt() throws Exception {
    var silent = caller(BALANCER);
    assertThat(caller(InetAddress.ofLiteral("127.0.0.2")).reply()).startsWith("220 ");
    assertThat(silent.reply()).startsWith("421 4.3.5 ");
    assertThat(rejected().rule()).isEqualTo("no PROXY header came within 5 s");
  }

  @Test
  void whoIsNoBalancerNeedsNoHeader() throws Exception {
    var caller = caller(InetAddress.ofLiteral("127.0.0.2"));
    assertThat(caller.reply()).startsWith("220 ");
    assertThat(relay.journal.events(Event.Connected.class).getFirst().balancer()).isNull();
  }

  @Test
  void whoIsNoBalancerCannotClaimAnAddress() throws Exception {
    for (String header : List.of(line("192.0.2.7"), block("c0000207", ""))) {
      relay.greetingDelay = Duration.ofMillis(500);
      relay.reload();
      var early = caller(InetAddress.ofLiteral("127.0.0.2")).say(header);
      assertThat(early.reply()).startsWith("554 5.5.1 ");
      assertThat(early.reply()).isNull();
    }
    assertThat(relay.journal.events(Event.Rejected.class))
        .extracting(Event.Rejected::rule)
        .containsOnly("a PROXY header, but listeners.relay.proxy-protocol does not name it");
    relay.greetingDelay = Duration.ZERO;
    relay.reload();
    var late = caller(InetAddress.ofLiteral("127.0.0.2"));
    assertThat(late.reply()).startsWith("220 ");
    late.say(line("192.0.2.7"));
    assertThat(late.reply()).startsWith("500 5.5.1 ");
    assertThat(late.reply()).isNull();
    assertThat(relay.journal.events(Event.Connected.class))
        .allSatisfy(
            connected -> assertThat(connected.client().getHostString()).isEqualTo("127.0.0.2"));
  }

  @Test
  void headerAndFirstCommandMayComeInOnePacket() throws Exception {
    // A client that waits for the greeting as it should cannot do that; one that does not is told.
    var caller = caller(BALANCER).say(line("192.0.2.7") + "EHLO client.example|");
    assertThat(caller.reply()).startsWith("554 5.5.1 You spoke before the greeting");
    assertThat(rejected().rule()).isEqualTo("spoke before the greeting");
    assertThat(rejected().peer().getHostString()).isEqualTo("192.0.2.7");
  }

  @Test
  void tlsFromTheFirstOctetBeginsBehindTheHeader() throws Exception {
    relay.tls = ListenerSettings.Tls.IMPLICIT;
    for (String header : List.of(line("192.0.2.7"), block("c0000207", "0400020000"))) {
      var caller = caller(BALANCER).say(header);
      caller.connection.startTls(Wire.trustAll(null));
      assertThat(caller.reply()).startsWith("220 ");
    }
  }

  @Test
  void limitsGoByTheClientThatTheBalancerNames() throws Exception {
    relay.sessionsPerClient = 1;
    assertThat(caller(BALANCER).say(line("192.0.2.7")).reply()).startsWith("220 ");
    assertThat(caller(BALANCER).say(line("192.0.2.8")).reply()).startsWith("220 ");
    assertThat(caller(BALANCER).say(line("192.0.2.7")).reply()).startsWith("421 4.7.0 ");
    assertThat(rejected().peer().getHostString()).isEqualTo("192.0.2.7");
  }

  @Test
  void balancersCannotHaveMoreConnectionsInWaitThanThereAreSessions() throws Exception {
    relay.sessions = 2;
    var first = caller(BALANCER);
    var second = caller(BALANCER);
    var third = caller(BALANCER);
    assertThat(third.reply()).startsWith("421 4.3.2 ");
    assertThat(first.say(line("192.0.2.7")).reply()).startsWith("220 ");
    assertThat(second.say(line("192.0.2.8")).reply()).startsWith("220 ");
  }
}
