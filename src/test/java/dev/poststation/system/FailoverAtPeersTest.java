package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Two real Postfix, as hosts of one connector or of one connector each, of which the first is
/// ended while mail flows.
@Tag("peer")
final class FailoverAtPeersTest {
  private static final int MAILS = 400;
  private static final String DOUBT = "it may have taken the mail";
  private static final Pattern RECIPIENT = Pattern.compile("([0-9]+)recipient@there\\.test");
  private static final Pattern SENT =
      Pattern.compile(
          "^time=(\\S+) event=attempt .*to=<([0-9]+)recipient@there\\.test> .*relay=\\S+:([0-9]+)"
              + " .*status=sent .*$");

  private record Sent(Instant when, int mail, int port) {}

  private static List<Sent> sent(RunningRelay relay) {
    return relay
        .log()
        .lines()
        .map(SENT::matcher)
        .filter(Matcher::matches)
        .map(
            line ->
                new Sent(
                    Instant.parse(line.group(1)),
                    Integer.parseInt(line.group(2)),
                    Integer.parseInt(line.group(3))))
        .toList();
  }

  private static List<Integer> recipients(Stream<String> mails) {
    List<Integer> all = new ArrayList<>();
    mails.forEach(
        mail -> {
          var each = RECIPIENT.matcher(mail);
          assertThat(each.find()).as(mail).isTrue();
          all.add(Integer.valueOf(each.group(1)));
        });
    return all;
  }

  @Test
  void theFirstIsEndedUnderLoadAndNoMailIsLostOrDoubled() {
    try (var first = PostfixPeer.start();
        var second = PostfixPeer.start();
        var relay =
            RunningRelay.start(
                """
                connectors { pool { hosts = [ { host = "127.0.0.1:%d", priority = 10 },
                                              { host = "127.0.0.1:%d", priority = 20 } ] } }
                routes = [ { via = [pool] } ]
                queue { retry = ["1 s"] }
                """
                    .formatted(first.port(), second.port()))) {
      endsUnderLoad(first::stop, first, second, relay);
      assertThat(relay.log())
          .contains("event=host destination=pool host=127.0.0.1:" + first.port());
    }
  }

  @Test
  void theOnlyHostOfTheFirstConnectorIsKilledUnderLoadAndTheNextOfTheRouteTakesItsMail() {
    try (var first = PostfixPeer.start();
        var second = PostfixPeer.start();
        var relay =
            RunningRelay.start(
                """
                connectors { primary { hosts = ["127.0.0.1:%d"] }
                             secondary { hosts = ["127.0.0.1:%d"] } }
                routes = [ { via = [primary, secondary] } ]
                queue { retry = ["1 s"] }
                """
                    .formatted(first.port(), second.port()))) {
      endsUnderLoad(first::kill, first, second, relay);
      assertThat(relay.log())
          .containsPattern("event=attempt .*relay=\\S+:" + second.port() + " .*status=sent")
          .containsPattern("event=destination .*destination=primary");
    }
  }

  @Test
  void aFirstThatTakesConnectionsAndIsSilentHoldsUpOneMailAndNoOtherUntilItSpeaks() {
    try (var first = PostfixPeer.start();
        var second = PostfixPeer.start();
        var relay =
            RunningRelay.start(
                """
                connectors { first { hosts = ["127.0.0.1:%d"], timeouts { greeting = "2 s" } }
                             second { hosts = ["127.0.0.1:%d"] } }
                routes = [ { via = [first, second] } ]
                queue { retry = ["1 s"] }
                """
                    .formatted(first.port(), second.port()))) {
      first.silent(true);
      var held = Pattern.compile("relay=\\S+:" + first.port() + " .*status=passed-on");
      var asked = "event=destination";
      int count = 0;
      while (count < 8) {
        send(relay);
        int sent = ++count;
        Until.holds("sent", Duration.ofSeconds(30), () -> sent(relay).size() == sent);
      }
      assertThat(relay.log()).contains(asked);
      assertThat(held.matcher(relay.log()).results()).as("mails that waited for it").hasSize(1);
      assertThat(sent(relay)).allMatch(to(second));
      first.silent(false);
      Until.holds(
          "it is back",
          Duration.ofSeconds(60),
          () -> {
            send(relay);
            return sent(relay).stream().anyMatch(to(first));
          });
      assertThat(held.matcher(relay.log()).results()).hasSize(1);
    }
  }

  private static void send(RunningRelay relay) {
    Program.run(
        List.of(
            Peers.program("smtp-source"),
            "-f",
            "sender@here.test",
            "-t",
            "1recipient@there.test",
            "127.0.0.1:" + relay.port()));
  }

  /// Load, the end of the first in the midst of it, and what came of the mails.
  private static void endsUnderLoad(
      Runnable end, PostfixPeer first, PostfixPeer second, RunningRelay relay) {
    var load =
        Program.start(
            List.of(
                Peers.program("smtp-source"),
                "-N",
                "-s",
                "5",
                "-m",
                Integer.toString(MAILS),
                "-f",
                "sender@here.test",
                "-t",
                "recipient@there.test",
                "127.0.0.1:" + relay.port()));
    Until.holds("mail flows to the first", Duration.ofSeconds(30), () -> sent(relay).size() >= 60);
    var ended = Instant.now();
    end.run();
    assertThat(load.awaitExit(Duration.ofSeconds(60))).isZero();
    Until.holds("all are sent", Duration.ofSeconds(60), () -> sent(relay).size() >= MAILS);

    var all = sent(relay);
    assertThat(all.stream().filter(to(first))).as("it ended in the midst").isNotEmpty();
    var switched =
        all.stream().filter(to(second)).map(Sent::when).min(Instant::compareTo).orElseThrow();
    System.out.println(
        "failover: the second Postfix took the first mail "
            + Duration.between(ended, switched).toMillis()
            + " ms after the first was told to end");
    assertThat(all).hasSize(MAILS).extracting(Sent::mail).doesNotHaveDuplicates();
    Until.holds(
        "the second has delivered",
        Duration.ofSeconds(30),
        () -> second.mails().size() >= all.stream().filter(to(second)).count());
    // What it had delivered and not yet taken out of its queue it shows twice.
    var there =
        new ArrayList<>(
            new HashSet<>(
                recipients(Stream.concat(first.mails().stream(), first.queued().stream()))));
    there.addAll(recipients(second.mails().stream()));
    assertThat(new HashSet<>(there)).as("none is lost").hasSize(MAILS);
    // RFC 1047: whether a mail was taken whose reply was lost nobody can know.
    assertThat(doubled(there)).allSatisfy(mail -> assertThat(trace(mail, relay)).contains(DOUBT));
  }

  @Test
  @Tag("slow")
  void aStandbyThatIsEndedIsKnownToBeDeadThoughNoMailWasForIt() {
    try (var first = PostfixPeer.start();
        var second = PostfixPeer.start();
        var relay =
            RunningRelay.start(
                """
                connectors { first { hosts = ["127.0.0.1:%d"] }, second { hosts = ["127.0.0.1:%d"], probe-every = "30 s" } }
                routes = [ { via = [first, second] } ]
                """
                    .formatted(first.port(), second.port()))) {
      String configuration = relay.home().resolve("poststation.conf").toString();
      assertThat(relay.log()).doesNotContain("event=destination");
      second.stop();
      Until.holds(
          "it is known",
          Duration.ofMinutes(3),
          () -> relay.log().contains("event=destination destination=second until="));
      assertThat(list(configuration)).containsPattern("second +smarthost +failing");
    }
  }

  private static String list(String configuration) {
    return Ran.command("connector", "list", "--config", configuration).good().text();
  }

  private static List<Integer> doubled(List<Integer> there) {
    var once = new HashSet<Integer>();
    return there.stream().filter(each -> !once.add(each)).toList();
  }

  private static String trace(int mail, RunningRelay relay) {
    var line = Pattern.compile("id=(\\S+) to=<" + mail + "recipient@").matcher(relay.log());
    assertThat(line.find()).isTrue();
    String configuration = relay.home().resolve("poststation.conf").toString();
    return Ran.command("trace", line.group(1), "--config", configuration).good().text();
  }

  private static Predicate<Sent> to(PostfixPeer peer) {
    return each -> each.port() == peer.port();
  }
}
