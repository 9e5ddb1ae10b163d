package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A real c-icap, behind which a real clamd looks for malware, judges mail before it is
/// acknowledged.
@Tag("peer")
@Timeout(180)
final class IcapAtPeersTest {
  private static ClamdPeer clamd;
  private static IcapPeer icap;
  private static SmtpSinkPeer sink;
  private static RunningRelay relay;

  @BeforeAll
  static void start() {
    clamd = ClamdPeer.start();
    icap = IcapPeer.start(clamd);
    sink = SmtpSinkPeer.start();
    relay =
        RunningRelay.start(
            RunningRelay.towards(sink.port())
                + """
                content = [
                  { use = icap, name = answers, for { to = ["answers.test"] }, at = ["127.0.0.1:%1$d"]
                    service = avscan, retry-after = "1 s" }
                  { use = icap, name = requests, for { to = ["requests.test"] }, at = ["127.0.0.1:%1$d"]
                    service = avscan, method = reqmod, on-found = hold, retry-after = "1 s" }
                  { use = icap, name = echo, for { to = ["echo.test"] }, at = ["127.0.0.1:%1$d"]
                    service = echo }
                  { use = icap, name = nowhere, for { to = ["nowhere.test"] }, at = ["127.0.0.1:%1$d"]
                    service = nowhere }
                ]
                """
                    .formatted(icap.port()));
  }

  @AfterAll
  static void end() {
    relay.close();
    sink.close();
    icap.close();
    clamd.close();
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

  private static String refused(String to, String... more) {
    var program = swaks(to, more);
    assertThat(program.awaitExit(Duration.ofSeconds(60))).as(program.output()).isEqualTo(26);
    return program.output();
  }

  private static void finds(String service, String text) {
    relay.awaitLog("event=content .* service=" + service + " .* text=\".*" + text);
  }

  @Test
  void malwareIsRefusedAlsoInAnAttachmentAndOtherMailPasses() {
    assertThat(sends("b@answers.test", "--attach", "harmless")).isZero();
    finds("answers", "the ICAP server found nothing");
    assertThat(refused("b@answers.test", "--attach", ClamdPeer.EICAR))
        .contains("550 5.7.1 This mail has malware in it");
    finds("answers", "the ICAP server found Eicar-Test");
    // Behind the preview, too.
    assertThat(
            refused(
                "b@answers.test", "--body", ("x".repeat(60) + "\\n").repeat(60) + ClamdPeer.EICAR))
        .contains("550 5.7.1");
  }

  @Test
  void asARequestItIsShownToo() {
    assertThat(sends("b@requests.test")).isZero();
    finds("requests", "the ICAP server found nothing");
    assertThat(sends("held@requests.test", "--body", ClamdPeer.EICAR)).isZero();
    relay.awaitLog(
        "event=admin .* by=on-found text=\"on-found = hold: the ICAP server found Eicar");
    assertThat(relay.log()).doesNotContainPattern("event=attempt .* to=<held@");
  }

  @Test
  void whatComesBackAsItWasPasses() {
    assertThat(sends("b@echo.test", "--body", ("x".repeat(60) + "\\n").repeat(1500))).isZero();
    finds("echo", "the ICAP server gave it back as it was");
  }

  @Test
  void aServiceThatThereIsNotIsSaid() {
    assertThat(refused("b@nowhere.test")).contains("451 4.3.0");
    relay.awaitLog("event=service service=nowhere state=down text=\".* answers for nowhere");
  }

  @Test
  void nothingPassesWhileItIsDeadAndConnectionsThatRestedAreNotMissed() {
    assertThat(sends("b@answers.test")).isZero();
    icap.kill();
    icap.restart();
    assertThat(sends("b@answers.test")).isZero(); // The connection of before is gone.
    icap.kill();
    assertThat(refused("b@answers.test")).contains("451 4.3.0 This mail cannot be looked at now");
    relay.awaitLog("event=service service=answers state=down");
    icap.restart();
    Until.holds("taken again", Duration.ofSeconds(30), () -> sends("b@answers.test") == 0);
    relay.awaitLog("event=service service=answers state=up");
  }
}
