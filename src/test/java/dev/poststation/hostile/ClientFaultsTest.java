package dev.poststation.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.log.Event;
import dev.poststation.os.TlsStart;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Everything that a client can do wrong, at every step of the dialogue: its session ends in time,
/// nothing of it stays, a mail is taken only when it was complete, what was acknowledged arrives
/// once, and another client is not disturbed.
class ClientFaultsTest {
  private static final String CONFIGURATION =
      """
      connectors { next { hosts = ["192.0.2.2:25"], tls = off } }
      routes = [ { via = [next] } ]
      limits {
        errors = 5, idle-commands = 10, command-timeout = "1 minute", data-timeout = "1 minute"
        transaction-time = "5 minutes", session-time = "1 hour", tls-timeout = "30 s"
        message-size = "1 MB"
      }
      """;

  /// The longest that a client can stay: a session, and one mail more.
  private static final Duration BOUND = Duration.ofMinutes(66);

  private static final byte[] HEADER = ascii("Subject: hello\r\nFrom: a@home.example\r\n");
  private static final byte[] BODY = ascii("\r\n" + "some words of the body\r\n".repeat(200));

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /// How far all went well before.
  private enum Step {
    CONNECTED,
    GREETED,
    HALF_A_COMMAND,
    HELLO,
    STARTTLS_SAID,
    ENCRYPTED,
    MAIL,
    RCPT,
    DATA,
    HEADER,
    HALF_A_LINE,
    BODY,
    DOT,
    ACKNOWLEDGED,
    BDAT_SAID,
    IN_A_CHUNK,
    BETWEEN_CHUNKS,
    LAST_CHUNK,
    SECOND_MAIL
  }

  private enum Fault {
    CLOSE,
    RESET,
    SILENCE,
    HALF_CLOSE,
    DRIP,
    GARBAGE,
    GARBAGE_FOR_EVER,
    A_LINE_WITHOUT_END,
    BARE_LINE_FEEDS,
    CARRIAGE_RETURNS,
    CONTROL_CHARACTERS,
    NOOP_FOR_EVER,
    RSET_FOR_EVER,
    EHLO_FOR_EVER,
    MAIL_FOR_EVER,
    RCPT_FOR_EVER,
    CHUNKS_OF_NOTHING_FOR_EVER,
    DATA_FOR_EVER,
    ALL_VERBS,
    NEVER_READ,
    TLS_OUT_OF_PLACE,
    HTTP
  }

  private record Case(Step step, Fault fault) {
    @Override
    public String toString() {
      return (fault + " after " + step).toLowerCase(Locale.ROOT);
    }
  }

  @TestFactory
  Stream<DynamicTest> everyFaultAtEveryStep() {
    List<Case> cases = new ArrayList<>();
    for (var step : Step.values()) {
      for (var fault : Fault.values()) {
        cases.add(new Case(step, fault));
      }
    }
    return cases.stream().map(each -> DynamicTest.dynamicTest(each.toString(), () -> play(each)));
  }

  private static void play(Case it) throws IOException {
    try (var world = new World(CONFIGURATION)) {
      var hop = Hop.good(world, "192.0.2.2:25");
      var client = new Caller(world, world.call("10.0.0.1"));
      go(it.step, client);
      world.settle();
      long before = world.spool.usage().commits();
      String other = world.send("10.0.0.9", "Subject: o\r\n\r\nx\r\n", "other@good.example");
      world.settle();
      assertThat(world.removed(other)).as("the other client is served").isTrue();

      misbehave(it.fault, world, client);
      var lasted =
          world.until("the session ends", BOUND, () -> client.over() || it.fault == Fault.CLOSE);
      world.until("it is counted no more", BOUND, () -> world.sessions.count() == 0);
      assertThat(lasted).isLessThanOrEqualTo(BOUND);
      client.close();
      world.settle();

      String late = world.send("10.0.0.9", "Subject: l\r\n\r\nx\r\n", "other@good.example");
      assertThat(world.removed(late)).as("the other client is served afterwards").isTrue();
      assertThat(world.spool.openDrafts()).as("drafts").isZero();
      assertThat(world.intake.recipients().taken()).as("recipients coming in").isZero();
      var sessions = world.journal.events(Event.Connected.class).size();
      assertThat(world.journal.events(Event.Disconnected.class)).hasSize(sessions);
      judge(it, world, hop, before);
    }
  }

  private static void judge(Case it, World world, Hop hop, long before) {
    long mails = world.spool.usage().commits() - 2; // Two are the other client's.
    boolean complete =
        switch (it.step) {
          case DOT, ACKNOWLEDGED, LAST_CHUNK, SECOND_MAIL -> true;
          default -> false;
        };
    boolean anyOctetsWill = it.step == Step.BDAT_SAID || it.step == Step.IN_A_CHUNK;
    if (anyOctetsWill) {
      assertThat(mails).as("a chunk that may have been completed").isLessThanOrEqualTo(1);
    } else if (complete) {
      assertThat(before).as("taken when it was complete").isEqualTo(1);
      assertThat(mails).isEqualTo(1);
    } else {
      assertThat(mails).as("nothing that was not complete").isZero();
    }
    assertThat(hop.taken("bob@good.example")).isEqualTo((int) mails);
    assertThat(hop.taken("other@good.example")).isEqualTo(2);
    assertThat(world.spool.usage().mails()).isZero();
  }

  private static void go(Step to, Caller client) throws IOException {
    if (to == Step.CONNECTED) {
      return; // It has not read the greeting.
    }
    client.expect("220 ");
    if (to == Step.HALF_A_COMMAND) {
      client.write(ascii("EHLO cli"));
    }
    if (to.compareTo(Step.HALF_A_COMMAND) <= 0) {
      return;
    }
    client.say("EHLO client.example");
    client.expect("250 ");
    if (to == Step.STARTTLS_SAID || to == Step.ENCRYPTED) {
      client.say("STARTTLS");
      client.expect("220 ");
      if (to == Step.ENCRYPTED) {
        client.connection().startTls(asClient());
      }
      return;
    }
    if (to == Step.HELLO) {
      return;
    }
    mail(to, client);
    if (to == Step.SECOND_MAIL) {
      client.expect("250 ");
      client.say("MAIL FROM:<a@home.example>");
      client.expect("250 ");
    }
  }

  private static void mail(Step to, Caller client) {
    client.say("MAIL FROM:<a@home.example>");
    client.expect("250 ");
    if (to == Step.MAIL) {
      return;
    }
    client.say("RCPT TO:<bob@good.example>");
    client.expect("250 ");
    switch (to) {
      case RCPT -> {}
      case BDAT_SAID -> client.say("BDAT 100 LAST");
      case IN_A_CHUNK -> {
        client.say("BDAT 1000 LAST");
        client.write(HEADER);
      }
      case BETWEEN_CHUNKS, LAST_CHUNK -> {
        client.say("BDAT " + HEADER.length);
        client.write(HEADER);
        client.expect("250 ");
        if (to == Step.LAST_CHUNK) {
          client.say("BDAT " + BODY.length + " LAST");
          client.write(BODY);
        }
      }
      default -> content(to, client);
    }
  }

  private static void content(Step to, Caller client) {
    client.say("DATA");
    client.expect("354 ");
    if (to == Step.DATA) {
      return;
    }
    client.write(HEADER);
    if (to == Step.HALF_A_LINE) {
      client.write(ascii("X-Half: a li"));
    }
    if (to == Step.HEADER || to == Step.HALF_A_LINE) {
      return;
    }
    client.write(BODY);
    if (to == Step.BODY) {
      return;
    }
    client.say(".");
    if (to == Step.ACKNOWLEDGED) {
      client.expect("250 2.0.0 ");
    }
  }

  private static TlsStart asClient() {
    try {
      return new TlsStart(SSLContext.getDefault(), false, null, false, List.of("TLSv1.3"));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static void misbehave(Fault fault, World world, Caller client) {
    switch (fault) {
      case CLOSE -> client.close();
      case RESET -> {
        client.connection().reset();
      }
      case SILENCE -> {}
      case HALF_CLOSE -> {
        client.connection().shutdownOutput();
      }
      case DRIP -> forEver(world, client, Duration.ofSeconds(10), ascii("x"));
      case GARBAGE -> client.write(new byte[] {1, 2, 3, -1, -2, 13, 10, 0, 13, 10});
      case GARBAGE_FOR_EVER ->
          forEver(world, client, Duration.ofSeconds(1), ascii("%$&/ what\r\n".repeat(1000)));
      case A_LINE_WITHOUT_END ->
          forEver(world, client, Duration.ofSeconds(1), ascii("a".repeat(15_000)));
      case BARE_LINE_FEEDS -> client.write(ascii("NOOP\nRSET\n\n.\nQUIT\n"));
      case CARRIAGE_RETURNS -> client.write(ascii("NOOP\rRSET\r\r.\rQUIT\r"));
      case CONTROL_CHARACTERS -> client.write(ascii("NO\0OP\r\n\33[31m\r\n\b\b\r\n"));
      case NOOP_FOR_EVER -> forEver(world, client, "NOOP");
      case RSET_FOR_EVER -> forEver(world, client, "RSET");
      case EHLO_FOR_EVER -> forEver(world, client, "EHLO client.example");
      case MAIL_FOR_EVER -> forEver(world, client, "MAIL FROM:<a@home.example>");
      case RCPT_FOR_EVER -> forEver(world, client, "RCPT TO:<carl@good.example>");
      case CHUNKS_OF_NOTHING_FOR_EVER -> forEver(world, client, "BDAT 0");
      case DATA_FOR_EVER -> forEver(world, client, "DATA");
      case ALL_VERBS -> {
        for (String verb :
            List.of("HELP", "VRFY a", "EXPN b", "AUTH PLAIN x", "ETRN x", "TURN", "STARTTLS a")) {
          client.say(verb);
        }
      }
      case NEVER_READ -> neverRead(client);
      case TLS_OUT_OF_PLACE -> client.write(new byte[] {0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0, 13, 10});
      case HTTP -> client.write(ascii("POST / HTTP/1.1\r\nHost: x\r\n\r\nRCPT TO:<x@y>\r\n"));
    }
  }

  private static void forEver(World world, Caller client, String command) {
    forEver(world, client, Duration.ofSeconds(1), ascii(command + "\r\n"));
  }

  /// Until the relay ends it.
  private static void forEver(World world, Caller client, Duration pause, byte[] octets) {
    long end = world.time.nanos() + BOUND.toNanos();
    while (!client.over() && world.time.nanos() < end) {
      client.write(octets);
      world.pass(pause);
    }
  }

  /// Commands, whose replies it leaves in the line until nothing more goes in.
  private static void neverRead(Caller client) {
    byte[] many = ascii("NOOP\r\n".repeat(100));
    for (int i = 0; i < 100; i++) {
      client.write(many);
    }
  }
}
