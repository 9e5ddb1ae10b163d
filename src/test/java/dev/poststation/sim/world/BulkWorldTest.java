package dev.poststation.sim.world;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.poststation.Ground;
import dev.poststation.Poststation;
import dev.poststation.config.Configuration;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.dns.Resolver;
import dev.poststation.os.Os;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.spool.Spool;
import dev.poststation.spool.SpoolException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/// A newsletter, and a single mail of the same client in its midst, through the whole relay in
/// virtual time, where nothing else is wrong: how long the single one takes.
class BulkWorldTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @BeforeAll
  static void quiet() {
    ((Logger) LoggerFactory.getLogger("dev.poststation")).setLevel(Level.OFF);
  }

  private final SplittableRandom lots = new SplittableRandom(11);
  private final Kernel kernel = new Kernel(lots.split(), true);
  private final Ledger ledger = new Ledger(kernel::nanos);
  private final Wires wires = new Wires(kernel, lots.split(), new Trouble(0, 0, 100, false));
  private final Machine machine = wires.machine("10.0.0.1", lots.split());
  private final Storage storage = new Storage(kernel, lots.split(), 0, 0, 100, _ -> {});
  private final ScriptedResolver names = new ScriptedResolver();
  private final List<Ledger.Submitted> bulk = new ArrayList<>();
  private final List<Ledger.Submitted> single = new ArrayList<>();

  private final class Calm implements Ground {
    @Override
    public Resolver resolver(Configuration settings, Os os) {
      return names;
    }

    @Override
    public Spool spool(Configuration settings, Os os) throws SpoolException {
      return storage.open(settings, os);
    }
  }

  /// @param connector the terms of the one that all mail goes by
  private void relay(String connector, String limits) {
    storage.calm();
    String text =
        """
        hostname = "relay.example.com"
        data = "/data"
        listeners { relay { bind = "10.0.0.1:25" } }
        clients = [ { name = lan, networks = ["10.0.0.0/8"] } ]
        connectors { out { %s } }
        routes = [ { via = [out] } ]
        limits { %s }
        """
            .formatted(connector, limits);
    if (!(new Loader(machine.os(), Map.of()).parse(text, Path.of("poststation.conf"))
        instanceof Loaded.Good good)) {
      throw new IllegalStateException("wrong: " + text);
    }
    var os = machine.os();
    os.tasks()
        .virtual(
            "main",
            () -> {
              try {
                Poststation.start(os, good.configuration(), new Calm());
              } catch (Poststation.StartException e) {
                throw new IllegalStateException(e);
              }
            });
  }

  /// @param slowness how long it thinks about each mail
  private NextHop hop(String address, Duration slowness) {
    var hop = new NextHop(wires.machine(address, lots.split()), "hop", lots.split(), ledger, 0);
    hop.calm();
    hop.slow(slowness);
    hop.open();
    return hop;
  }

  /// Bulk to these, and, when it is under way, one mail to each of those that is not.
  ///
  /// @param after how long it is under way
  private void send(
      List<String> readers, int octets, Duration after, List<String> those, int theirOctets) {
    var os = wires.machine("10.0.2.1", lots.split()).os();
    os.tasks()
        .virtual(
            "client",
            () -> {
              try {
                os.time().sleep(Duration.ofSeconds(1));
                var connection =
                    os.network().connect(new InetSocketAddress("10.0.0.1", 25), null, PATIENCE);
                var talk = new Talk(connection);
                assertThat(talk.reply(PATIENCE)).startsWith("220");
                ask(talk, "EHLO client.example", "250");
                for (String reader : readers) {
                  bulk.add(mail(os, talk, reader, "Precedence: bulk\r\n", octets));
                }
                os.time().sleep(after);
                for (String to : those) {
                  single.add(mail(os, talk, to, "", theirOctets));
                }
              } catch (InterruptedException | IOException e) {
                throw new IllegalStateException(e);
              }
            });
  }

  private Ledger.Submitted mail(Os os, Talk talk, String domain, String mark, int octets)
      throws IOException {
    var mail = ledger.begin(false, false);
    String recipient = "good-" + mail.number() + "@" + domain;
    ask(talk, "MAIL FROM:<" + mail.sender() + ">", "250");
    ask(talk, "RCPT TO:<" + recipient + ">", "250");
    mail.accepted(recipient);
    ask(talk, "DATA", "354");
    String body = ("x".repeat(76) + "\r\n").repeat(octets / 78);
    talk.send(mark + Postbox.compose(mail.number(), body));
    mail.ended();
    talk.say(".");
    mail.replied(talk.reply(PATIENCE), os.time().nanos());
    return mail;
  }

  private static void ask(Talk talk, String command, String expected) throws IOException {
    talk.say(command);
    assertThat(talk.reply(PATIENCE)).startsWith(expected);
  }

  private Duration took(Ledger.Submitted mail) {
    return ledger.took(mail).orElseThrow();
  }

  /// How much of the bulk has arrived.
  private long arrived() {
    return bulk.stream().filter(mail -> ledger.took(mail).isPresent()).count();
  }

  private void noneIsMissing(int readers) {
    assertThat(bulk).hasSize(readers);
    assertThat(arrived()).isEqualTo(readers);
    assertThat(kernel.failures()).isEmpty();
    assertThat(ledger.judge()).isEmpty();
  }

  @Test
  void onAFullLineASingleMailTakesAsLongAsOnAnEmptyOneAndBulkGoesOn() {
    hop("10.0.1.1", Duration.ZERO);
    relay("type = smarthost, hosts = [\"10.0.1.1:25\"], bandwidth = \"1 Mbit/s\"", "");
    var readers = Collections.nCopies(200, "news.example");
    send(readers, 10_000, Duration.ofSeconds(6), List.of("single.example"), 200_000);
    kernel.run(Duration.ofSeconds(8));
    assertThat(single).hasSize(1);
    long before = arrived();
    kernel.run(Duration.ofSeconds(11));
    // A twentieth is left to bulk; then there is the piece that is under way, and what was said.
    assertThat(took(single.getFirst()))
        .isBetween(Duration.ofMillis(1_500), Duration.ofMillis(2_000));
    assertThat(arrived()).as("bulk goes on meanwhile").isGreaterThan(before);
    kernel.run(Duration.ofMinutes(2));
    noneIsMissing(200);
    // Not one octet less than the line takes: 2.3 MB with what is said, a second's worth at once.
    var last = bulk.stream().map(this::took).max(Duration::compareTo);
    assertThat(last.orElseThrow()).isBetween(Duration.ofSeconds(16), Duration.ofSeconds(19));
  }

  /// To so many domains, each of which takes two seconds for a mail; single ones to another and to
  /// the last of these, whose bulk stands in line.
  private void manyDomains(int domains, String connector, String limits, Duration after) {
    hop("10.0.1.1", Duration.ofSeconds(2));
    hop("10.0.1.2", Duration.ZERO);
    List<String> readers = new ArrayList<>();
    for (int i = 0; i < domains; i++) {
      names
          .mx("d" + i + ".example", 10, "mx" + i + ".example")
          .address("mx" + i + ".example", "10.0.1.1");
    }
    for (int i = 0; i < 3 * domains; i++) {
      readers.add("d" + i % domains + ".example");
    }
    names.mx("single.example", 10, "mx.single.example").address("mx.single.example", "10.0.1.2");
    relay(connector, limits);
    var last = "d" + (domains - 1) + ".example";
    send(readers, 500, after, List.of("single.example", last), 500);
    kernel.run(Duration.ofSeconds(1).plus(after).plus(Duration.ofSeconds(10)));
    assertThat(single).hasSize(2);
    assertThat(arrived()).as("it is in the midst").isBetween(1L, readers.size() - 1L);
    kernel.run(Duration.ofHours(1));
    noneIsMissing(readers.size());
  }

  @Test
  void aSingleMailDoesNotWaitForANewsletterToManyDomainsThatHasAllItMayHaveOfAQuota() {
    manyDomains(100, "type = mx, quota-connections = 10", "", Duration.ofSeconds(10));
    assertThat(took(single.getFirst())).isLessThan(Duration.ofMillis(100));
    assertThat(took(single.getLast())).isLessThan(Duration.ofMillis(2100));
  }

  @Test
  void norForOneThatHasAllItMayHaveOfAllConnections() {
    manyDomains(100, "type = mx", "connections = 10", Duration.ofSeconds(10));
    assertThat(took(single.getFirst())).isLessThan(Duration.ofMillis(100));
    assertThat(took(single.getLast())).isLessThan(Duration.ofMillis(2100));
  }

  @Test
  void overTheOnlyConnectionItWaitsForTheMailThatIsUnderWay() {
    manyDomains(40, "type = mx, quota-connections = 1", "", Duration.ofSeconds(10));
    assertThat(took(single.getFirst())).isLessThan(Duration.ofSeconds(3));
    assertThat(took(single.getLast())).isLessThan(Duration.ofSeconds(5));
  }
}
