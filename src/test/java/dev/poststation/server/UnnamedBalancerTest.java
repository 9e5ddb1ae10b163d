package dev.poststation.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.ClientRule;
import dev.poststation.log.Event;
import dev.poststation.sim.SimTime;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Headers of the PROXY protocol that come behind the greeting, from a balancer that
/// `proxy-protocol` does not name.
@Timeout(60)
class UnnamedBalancerTest {
  private static final Duration BOUND = Duration.ofSeconds(20);
  private static final String RULE =
      "a PROXY header, but listeners.relay.proxy-protocol does not name it";

  /// With an address and port that are no text, nor ends of lines.
  private static final String HEADER =
      "\r\n\r\n\0\r\nQUIT\n!\u0011\0\f\u00c0\0\2\7\u007f\0\0\1\u00c78\0\u0019";

  private final SimTime time = new SimTime();
  private Relay relay = new Relay(time);
  private final StringBuilder replies = new StringBuilder();

  private Wire call() throws Exception {
    var wire = Wire.memory(relay, time, "192.0.2.10");
    wire.settle();
    hear(wire);
    assertThat(replies.toString()).startsWith("220 ");
    replies.setLength(0);
    return wire;
  }

  private static void say(Wire wire, String text) throws Exception {
    byte[] octets = text.getBytes(StandardCharsets.ISO_8859_1);
    wire.client().write(octets, 0, octets.length);
  }

  /// What came meanwhile.
  private void hear(Wire wire) throws IOException {
    byte[] octets = new byte[4096];
    while (wire.client().available() > 0) {
      int count = wire.client().read(octets, 0, octets.length);
      replies.append(new String(octets, 0, Math.max(count, 0), StandardCharsets.UTF_8));
    }
  }

  private List<String> rules() {
    return relay.journal.events(Event.Rejected.class).stream().map(Event.Rejected::rule).toList();
  }

  private void ended() throws Exception {
    assertThat(relay.journal.await(Event.Disconnected.class::isInstance, BOUND)).isTrue();
  }

  /// The pieces arrive one by one, each when all before were read.
  private static List<String> pieces(String text, Random random) {
    List<String> pieces = new ArrayList<>();
    for (int at = 0; at < text.length(); ) {
      int end = Math.min(text.length(), at + 1 + random.nextInt(random.nextBoolean() ? 3 : 28));
      pieces.add(text.substring(at, end));
      at = end;
    }
    return pieces;
  }

  private void tell(List<String> pieces, String header) throws Exception {
    try (var wire = call()) {
      for (String piece : pieces) {
        say(wire, piece);
        wire.settle();
      }
      ended();
      hear(wire);
      assertThat(rules()).as("pieces %s", pieces).containsExactly(RULE);
      assertThat(replies.toString()).as("pieces %s", pieces).matches("(50[01] [^\r\n]*\r\n)+");
      assertThat(relay.journal.events(Event.Disconnected.class))
          .extracting(Event.Disconnected::how)
          .containsExactly("broken");
    }
    assertThat(String.join("", pieces)).isEqualTo(header);
    replies.setLength(0);
  }

  /// What comes behind the header may meet a connection that is closed.
  private static List<String> behind(List<String> pieces) {
    List<String> read = new ArrayList<>();
    for (int i = 0, length = 0; i < pieces.size() && length < 12; i++) {
      read.add(pieces.get(i));
      length += pieces.get(i).length();
    }
    return read;
  }

  @Test
  void aHeaderOfVersion2IsOneLineInTheLogHoweverItComes() throws Exception {
    var random = new Random(25);
    for (int i = 0; i < 300; i++) {
      relay = new Relay(time);
      relay.bareNewlines =
          i % 2 == 0 ? ClientRule.BareNewlines.REFUSE : ClientRule.BareNewlines.NORMALISE;
      var pieces = behind(pieces(HEADER, random));
      tell(pieces, HEADER.substring(0, String.join("", pieces).length()));
    }
  }

  @Test
  void inOnePacketItGetsOneReply() throws Exception {
    try (var wire = call()) {
      say(wire, HEADER);
      ended();
      hear(wire);
      assertThat(replies.toString()).matches("500 5\\.5\\.1 [^\r\n]*\r\n");
    }
  }

  @Test
  void anEmptyLineOfAClientIsAnsweredAtOnceAndToldWhenItSaysMore() throws Exception {
    for (String lines : List.of("\r\n", "\r\n\r\n", "\r\n\r\n\0\r\n", "\r\n\r\n\0\r\nQUIT")) {
      relay = new Relay(time);
      int wrong = lines.split("\n").length - (lines.endsWith("QUIT") ? 1 : 0);
      try (var wire = call()) {
        say(wire, lines);
        wire.settle();
        hear(wire);
        assertThat(replies.toString().split("\r\n"))
            .hasSize(wrong)
            .allMatch(reply -> reply.startsWith("50"));
        replies.setLength(0);
        say(wire, lines.endsWith("T") ? "\r\n" : "EHLO client.example\r\nQUIT\r\n");
        ended();
        hear(wire);
        assertThat(replies.toString()).contains("221 ");
        replies.setLength(0);
        assertThat(rules()).hasSize(wrong).containsOnly("syntax");
        assertThat(relay.journal.events(Event.Disconnected.class))
            .extracting(Event.Disconnected::how)
            .containsExactly("quit");
      }
    }
  }

  @Test
  void anEmptyLineOfAClientThatGoesIsTold() throws Exception {
    try (var wire = call()) {
      say(wire, "\r\n");
      wire.settle();
      wire.client().close();
      ended();
      assertThat(rules()).containsExactly("syntax");
    }
  }

  @Test
  void behindACommandItIsNoHeader() throws Exception {
    try (var wire = call()) {
      say(wire, "NOOP\r\n" + HEADER);
      ended();
      assertThat(rules()).contains("syntax").doesNotContain(RULE);
    }
  }
}
