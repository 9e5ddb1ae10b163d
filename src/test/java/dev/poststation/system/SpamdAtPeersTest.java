package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A real SpamAssassin judges mail before it is acknowledged.
@Tag("peer")
@Timeout(180)
final class SpamdAtPeersTest {
  private static SpamdPeer spamd;
  private static SmtpSinkPeer sink;
  private static RunningRelay relay;

  @BeforeAll
  static void start() {
    spamd = SpamdPeer.start();
    sink = SmtpSinkPeer.start();
    relay =
        RunningRelay.start(
            RunningRelay.towards(sink.port())
                + """
                content = [
                  { use = spamd, at = ["127.0.0.1:%d", "%s"], scores = on, hold-at = 9
                    reject-at = 15, max-size = "1 MB", retry-after = "1 s", tell-known = on }
                  { use = clamav, for { to = ["scanned.test"] }, at = ["127.0.0.1:%d"] }
                  { use = remember, for { from = ["anna@here.test"], to = ["friends.test"] } }
                ]
                """
                    .formatted(spamd.port(), spamd.socket(), spamd.port()));
  }

  @AfterAll
  static void end() {
    relay.close();
    sink.close();
    spamd.close();
  }

  @BeforeEach
  void clear() {
    sink.clear();
  }

  private static Program swaks(String to, String... more) {
    var command =
        new ArrayList<>(
            List.of(
                Peers.program("swaks"),
                "--server",
                "127.0.0.1:" + relay.port(),
                "--from",
                "anna@here.test",
                "--to",
                to));
    command.addAll(List.of(more));
    return Program.start(command);
  }

  private static int sends(String to, String... more) {
    return swaks(to, more).awaitExit(Duration.ofSeconds(60));
  }

  private static String refused(String... more) {
    var program = swaks("b@there.test", more);
    assertThat(program.awaitExit(Duration.ofSeconds(60))).as(program.output()).isEqualTo(26);
    return program.output();
  }

  private static String passed(String... more) {
    assertThat(sends("b@there.test", more)).isZero();
    return SunkMail.of(sink.awaitMails(1).getFirst()).mail();
  }

  /// A scanner that is none, for want of the right port, must not look like one that finds nothing.
  @Test
  void spamdInThePlaceOfClamdIsDownForClamav() {
    assertThat(sends("b@scanned.test")).isNotZero();
    relay.awaitLog("event=service service=clamav state=down .*clamd says: SPAMD/1.0");
  }

  @Test
  void gtubeIsRefused() {
    assertThat(refused("--body", RspamdAtPeersTest.GTUBE))
        .contains("554 5.7.1 This mail is taken for spam");
    relay.awaitLog(
        "service=spamd result=refused .* text=\"reject-at: spamd says score 1000.1 of 5.0:"
            + " .*GTUBE");
  }

  @Test
  void allMailHasItsScoreAndNobodyElseSays() {
    // By TCP, and by the socket.
    for (int i = 0; i < 2; i++) {
      sink.clear();
      assertThat(passed("--header", "X-Spam-Flag: NO", "--header", "X-Spam-Status: No, trust me"))
          .startsWith("X-Spam-Status: No, score=0.1 required=5.0 tests=FROM_ANNA\nReceived: ")
          .doesNotContain("X-Spam-Flag", "trust me");
    }
  }

  @Test
  void spamIsMarkedAndWorseIsHeld() {
    assertThat(passed("--header", "X-Wish: six"))
        .startsWith(
            "X-Spam-Flag: YES\n"
                + "X-Spam-Status: Yes, score=6.1 required=5.0 tests=FROM_ANNA, WISH_SIX\n"
                + "X-Spam-Level: ******\n"
                + "Received: ");
    assertThat(sends("held@there.test", "--header", "X-Wish: nine")).isZero();
    relay.awaitLog("event=admin .* by=hold-at text=\"hold-at = hold: spamd says score 9.1 of 5.0");
    assertThat(relay.log()).doesNotContainPattern("event=attempt .* to=<held@there\\.test>");
  }

  @Test
  void itIsToldOfAuthorsToWhomTheRecipientHasWritten() {
    assertThat(answered("tom@friends.test")).contains("tests=WISH_SIX\n");
    sink.clear();
    assertThat(sends("tom@friends.test")).isZero();
    sink.awaitMails(1);
    sink.clear();
    assertThat(answered("Tom@Friends.test"))
        .contains("score=2.0 required=5.0 tests=KNOWN_CORRESPONDENT,\n WISH_SIX\n");
    sink.clear();
    assertThat(answered("eve@friends.test")).contains("tests=WISH_SIX\n");
  }

  private static String answered(String from) {
    var program =
        Program.start(
            List.of(
                Peers.program("swaks"),
                "--server",
                "127.0.0.1:" + relay.port(),
                "--from",
                from,
                "--to",
                "anna@here.test",
                "--header",
                "X-Known-Correspondent: yes",
                "--header",
                "X-Wish: six"));
    assertThat(program.awaitExit(Duration.ofSeconds(60))).as(program.output()).isZero();
    return SunkMail.of(sink.awaitMails(1).getFirst()).mail();
  }

  @Test
  void nothingPassesWhileItIsDeadAndItIsAskedAgain() {
    spamd.kill();
    assertThat(refused()).contains("451 4.3.0 This mail cannot be looked at now");
    relay.awaitLog("event=service service=spamd state=down");
    spamd.restart();
    Until.holds("taken again", Duration.ofSeconds(30), () -> sends("b@there.test") == 0);
    relay.awaitLog("event=service service=spamd state=up");
  }
}
