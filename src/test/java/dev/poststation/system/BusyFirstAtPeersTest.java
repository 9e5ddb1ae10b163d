package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Two real Postfix, of which the first takes so long that all of its connections are in use: with
/// `busy` in `fallback` the second has what would wait.
@Tag("peer")
final class BusyFirstAtPeersTest {
  private static final int OVER = 10;
  private static final Pattern RECIPIENT = Pattern.compile("([0-9]+)recipient@there\\.test");

  @ParameterizedTest
  @ValueSource(strings = {"max-connections = 2", "quota-connections = 2"})
  void whatFindsAllConnectionsOfASlowFirstInUseGoesByTheSecondUntilOneIsFree(String limit) {
    try (var first = PostfixPeer.start();
        var second = PostfixPeer.start();
        var relay =
            RunningRelay.start(
                """
                connectors { primary { hosts = ["127.0.0.1:%d"], idle = "60 s", %s }
                             secondary { hosts = ["127.0.0.1:%d"] } }
                routes = [ { via = [primary, secondary], fallback = [connection, busy] } ]
                """
                    .formatted(first.port(), limit, second.port()))) {
      send(relay, 1);
      Until.holds("one is sent", Duration.ofSeconds(30), () -> sent(relay, first) == 1);
      first.silent(true);
      send(relay, 2 + OVER);
      Until.holds(
          "the second has the rest", Duration.ofSeconds(60), () -> sent(relay, second) == OVER);
      assertThat(sent(relay, first)).isEqualTo(1);
      seenInUse(relay, limit);

      first.silent(false);
      Until.holds("the first goes on", Duration.ofSeconds(30), () -> sent(relay, first) == 3);
      send(relay, 1);
      Until.holds("and has the next", Duration.ofSeconds(30), () -> sent(relay, first) == 4);
      assertThat(passedOn(relay)).hasSize(OVER);
      assertThat(second.awaitMails(OVER)).hasSize(OVER);
      first.awaitMails(4);
      var there = new HashSet<String>();
      for (var peer : List.of(first, second)) {
        for (String mail : peer.mails()) {
          var recipient = RECIPIENT.matcher(mail);
          assertThat(recipient.find()).isTrue();
          there.add(recipient.group(1));
        }
      }
      assertThat(there).as("none is lost").hasSize(2 + OVER);
    }
  }

  /// What an administrator sees meanwhile.
  private static void seenInUse(RunningRelay relay, String limit) {
    String words =
        limit.startsWith("quota")
            ? "all 2 connections of quota-connections of primary are in use"
            : "all 2 connections of primary are in use";
    String configuration = relay.home().resolve("poststation.conf").toString();
    assertThat(Ran.command("status", "--config", configuration).good().text())
        .containsPattern("primary .*works, " + words);
    assertThat(Ran.command("connector", "list", "--config", configuration).good().text())
        .containsPattern("primary: " + words);
    assertThat(
            Ran.command(
                    "explain",
                    "--config",
                    configuration,
                    "--client",
                    "127.0.0.1",
                    "--from",
                    "sender@here.test",
                    "--to",
                    "recipient@there.test")
                .good()
                .text())
        .contains(words);
    assertThat(passedOn(relay)).hasSize(OVER).allMatch(line -> line.contains(words));
    var id = Pattern.compile(" id=(\\S+) ").matcher(passedOn(relay).getFirst());
    assertThat(id.find()).isTrue();
    assertThat(Ran.command("trace", id.group(1), "--config", configuration).good().text())
        .contains("passed on to the next connector", words);
  }

  private static List<String> passedOn(RunningRelay relay) {
    return relay
        .log()
        .lines()
        .filter(line -> line.contains("event=attempt ") && line.contains("status=passed-on"))
        .toList();
  }

  private static long sent(RunningRelay relay, PostfixPeer peer) {
    var by = Pattern.compile("event=attempt .*relay=\\S+:" + peer.port() + " .*status=sent");
    return relay.log().lines().filter(line -> by.matcher(line).find()).count();
  }

  private static void send(RunningRelay relay, int mails) {
    Program.run(
        List.of(
            Peers.program("smtp-source"),
            "-N",
            "-s",
            Integer.toString(mails),
            "-m",
            Integer.toString(mails),
            "-f",
            "sender@here.test",
            "-t",
            "recipient@there.test",
            "127.0.0.1:" + relay.port()));
  }
}
