package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A real Postfix takes every recipient, and sends bounces later: they come back through the relay,
/// which learns from those about its own mail.
@Tag("peer")
final class BouncesBackTest {
  private static void send(RunningRelay relay, String from, String to, String... more) {
    Program.run(
        Stream.concat(
                List.of(
                    Peers.program("swaks"),
                    "--server",
                    "127.0.0.1:" + relay.port(),
                    "--from",
                    from,
                    "--to",
                    to)
                    .stream(),
                List.of(more).stream())
            .toList());
  }

  @Test
  void aRecipientOfWhichABounceSaysThatItIsNoMoreIsNotTriedAgainAndAForgedBounceTellsNothing() {
    try (var postfix =
            PostfixPeer.start(
                "smtpd_reject_unlisted_recipient = no",
                "transport_maps = inline:{{gone@there.test = error:5.1.1 mailbox is gone}}");
        var home = Home.create("bounces");
        var relay =
            RunningRelay.start(
                RunningRelay.towards(postfix.port()) + "suppression { for = all }\n")) {
      send(relay, "news@here.test", "gone@there.test");
      String bounce = postfix.awaitMails(1).getFirst();
      assertThat(bounce).contains("message/delivery-status", "mailbox is gone");
      Path forged = home.write("forged", bounce.replace("gone@", "other@"), Map.of());
      send(relay, "<>", "news@here.test", "--data", "@" + forged);
      Path real = home.write("bounce", bounce, Map.of());
      send(relay, "<>", "news@here.test", "--data", "@" + real);
      Until.holds(
          "learned", Duration.ofSeconds(20), () -> relay.log().contains("event=suppression"));
      assertThat(relay.log())
          .containsPattern("event=suppression .*gone@there.test.*mailbox is gone")
          .doesNotContainPattern("event=suppression .*other@there.test");
      try (var again =
          Program.start(
              List.of(
                  Peers.program("swaks"),
                  "--server",
                  "127.0.0.1:" + relay.port(),
                  "--from",
                  "news@here.test",
                  "--to",
                  "gone@there.test"))) {
        assertThat(again.awaitExit(Duration.ofMinutes(1))).isNotZero();
        assertThat(again.output()).contains("550 5.1.1 This recipient was refused on ");
      }
    }
  }
}
