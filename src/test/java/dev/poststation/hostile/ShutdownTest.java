package dev.poststation.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.Ground;
import dev.poststation.Poststation;
import dev.poststation.config.Configuration;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.dns.Resolver;
import dev.poststation.message.QueueId;
import dev.poststation.os.Os;
import dev.poststation.sim.MemoryConnection;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.sim.MemorySpool;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.sim.SimTime;
import dev.poststation.spool.Spool;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A shutdown that clients and a next hop would hold up for ever: it takes `limits.shutdown-grace`
/// and no longer, and nothing that was acknowledged is lost.
class ShutdownTest {
  private static final long BOUND_NANOS = Duration.ofSeconds(60).toNanos();
  private static final Duration TICK = Duration.ofMillis(100);

  private static final String CONFIGURATION =
      """
      hostname = "relay.example"
      data = "/data"
      listeners {
        one { bind = "192.0.2.200:25" }
        other { bind = "192.0.2.200:26" }
      }
      clients = [ { name = lan, networks = ["10.0.0.0/8"] } ]
      connectors { next { hosts = ["192.0.2.1:25"], tls = off } }
      routes = [ { via = [next] } ]
      """;

  private final SimTime time = new SimTime();
  private final Crew crew = new Crew();
  private final Streets streets = new Streets(time, crew);
  private final AtomicInteger taken = new AtomicInteger();
  private volatile boolean mute;
  private MemorySpool spool = new MemorySpool(time);

  private void settle() {
    long end = System.nanoTime() + BOUND_NANOS;
    while (!crew.atRest()) {
      assertThat(System.nanoTime() - end).as("it does not come to rest").isNegative();
      LockSupport.parkNanos(50_000);
    }
  }

  private void pass(Duration by) {
    settle();
    time.advance(by);
    settle();
  }

  private Poststation start(int grace) throws Poststation.StartException {
    var real = Os.real();
    var os = new Os(time, streets, crew, real.chance(), new MemoryDisk());
    String text = CONFIGURATION + "limits { shutdown-grace = \"" + grace + " s\" }\n";
    var loaded = new Loader(os, Map.of()).parse(text, Path.of("poststation.conf"));
    assertThat(loaded).isInstanceOf(Loaded.Good.class);
    var ground =
        new Ground() {
          @Override
          public Resolver resolver(Configuration configuration, Os machine) {
            return new ScriptedResolver();
          }

          @Override
          public Spool spool(Configuration configuration, Os machine) {
            return spool;
          }
        };
    return Poststation.start(os, ((Loaded.Good) loaded).configuration(), ground);
  }

  /// A next hop that takes all mail, and says so unless it is mute.
  private void hop(MemoryConnection connection) {
    try {
      say(connection, "220 hop.example");
      byte[] buffer = new byte[8192];
      var unread = new StringBuilder();
      boolean content = false;
      for (int count = 0; count >= 0; count = connection.read(buffer, 0, buffer.length)) {
        unread.append(new String(buffer, 0, count, StandardCharsets.US_ASCII));
        for (int end = unread.indexOf("\r\n"); end >= 0; end = unread.indexOf("\r\n")) {
          String line = unread.substring(0, end);
          unread.delete(0, end + 2);
          if (content && line.equals(".")) {
            content = false;
            taken.incrementAndGet();
            if (!mute) {
              say(connection, "250 2.0.0 ok");
            }
          } else if (!content) {
            content = line.equals("DATA");
            say(connection, content ? "354 go" : "250 2.0.0 ok");
          }
        }
      }
    } catch (IOException _) {
      // It is gone.
    }
  }

  private void say(MemoryConnection connection, String line) throws IOException {
    byte[] octets = (line + "\r\n").getBytes(StandardCharsets.US_ASCII);
    connection.write(octets, 0, octets.length);
  }

  /// A client at a listener.
  private final class Client {
    private final MemoryConnection connection;
    private boolean over;

    Client(String from, int port) {
      connection = streets.call(from, new InetSocketAddress(World.address("192.0.2.200"), port));
    }

    /// Says each of these when what was said before has been answered.
    ///
    /// @return what was answered last
    String say(String... lines) throws IOException {
      String answer = hear();
      for (String line : lines) {
        ShutdownTest.this.say(connection, line);
        answer = hear();
      }
      return answer;
    }

    String hear() {
      var heard = new StringBuilder();
      byte[] buffer = new byte[8192];
      settle();
      try {
        while (!over && connection.readable()) {
          int count = connection.read(buffer, 0, buffer.length);
          over = count < 0;
          heard.append(new String(buffer, 0, Math.max(0, count), StandardCharsets.US_ASCII));
          settle();
        }
      } catch (IOException _) {
        over = true;
      }
      return heard.toString();
    }
  }

  private Client inTheMiddleOfAMail(String from, int port) throws IOException {
    var client = new Client(from, port);
    String answer =
        client.say("EHLO x", "MAIL FROM:<a@home.example>", "RCPT TO:<b@there.example>", "DATA");
    assertThat(answer).startsWith("354 ");
    return client;
  }

  private void send() throws IOException {
    var client = inTheMiddleOfAMail("10.0.0.9", 25);
    assertThat(client.say("Subject: x", "", "y", ".")).startsWith("250 2.0.0 ");
    assertThat(client.say("QUIT")).startsWith("221 ");
  }

  private AtomicBoolean stop(Poststation relay) {
    var ended = new AtomicBoolean();
    crew.virtual(
        "stop",
        () -> {
          relay.close();
          ended.set(true);
        });
    settle();
    return ended;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 20})
  void whoeverHoldsItUpHasTheGraceAndNotMore(int grace) throws Exception {
    mute = true;
    streets.house("192.0.2.1:25", this::hop);
    var relay = start(grace);
    send();
    settle();
    assertThat(taken).hasValue(1);
    var one = inTheMiddleOfAMail("10.0.0.1", 25);
    var other = inTheMiddleOfAMail("10.0.0.2", 26);
    var idle = new Client("10.0.0.3", 26);
    idle.say("EHLO x");
    long begin = time.nanos();
    var ended = stop(relay);

    String told = idle.hear();
    assertThat(told).startsWith(grace == 0 ? "" : "421 4.3.2 "); // Without any there is no time.
    assertThat(idle.over).isTrue();
    for (int second = 0; second < grace; second++) {
      assertThat(ended).isFalse();
      one.say("a line");
      other.say("a line");
      assertThat(one.over || other.over).isFalse();
      pass(Duration.ofSeconds(1).minus(TICK));
      assertThat(ended).isFalse();
      pass(TICK);
    }
    pass(TICK); // It looks 50 times a second whether all have ended.
    assertThat(ended).isTrue();
    assertThat(Duration.ofNanos(time.nanos() - begin))
        .isBetween(Duration.ofSeconds(grace), Duration.ofSeconds(grace).plus(TICK));
    one.hear();
    other.hear();
    assertThat(one.over && other.over).isTrue();

    // What was acknowledged is there, and goes out a second time; what was not is not.
    spool = spool.restarted();
    assertThat(spool.incoming(QueueId.FIRST, 10)).hasSize(1);
    assertThat(spool.openDrafts()).isZero();
    mute = false;
    var again = start(grace);
    settle();
    assertThat(taken).hasValue(2);
    send();
    settle();
    assertThat(taken).hasValue(3);
    assertThat(spool.usage().mails()).isZero();

    // Where nobody holds it up, it waits for nobody.
    pass(Duration.ofSeconds(10)); // The connection to the next hop is given up.
    var quick = stop(again);
    pass(TICK);
    assertThat(quick).isTrue();
  }
}
