package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What real scanners find is kept by the real program, which is killed meanwhile.
@Tag("peer")
@Timeout(180)
final class QuarantineAtPeersTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  private static ClamdPeer clamd;
  private static RspamdPeer rspamd;
  private static SpamdPeer spamd;
  private static SmtpSinkPeer sink;
  private static RunningRelay relay;

  @BeforeAll
  static void start() {
    clamd = ClamdPeer.start();
    rspamd = RspamdPeer.start();
    spamd = SpamdPeer.start();
    sink = SmtpSinkPeer.start();
    relay =
        RunningRelay.start(
            RunningRelay.towards(sink.port())
                + """
                content = [
                  { use = clamav, at = ["%s"], on-found = quarantine, for { to = ["@virus.test"] } }
                  { use = rspamd, at = ["127.0.0.1:%d"], learn-at = ["127.0.0.1:%d"], password = "exec:echo secret"
                    on-reject = quarantine, for { to = ["@spam.test"] } }
                  { use = spamd, at = ["127.0.0.1:%d"], quarantine-at = 8, learn = on
                    for { to = ["@assassin.test"] } }
                ]
                """
                    .formatted(clamd.socket(), rspamd.port(), rspamd.controller(), spamd.port()));
  }

  @AfterAll
  static void end() {
    relay.close();
    sink.close();
    spamd.close();
    rspamd.close();
    clamd.close();
  }

  @BeforeEach
  void clear() {
    sink.clear();
  }

  private static void send(String to, String... more) {
    List<String> command =
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
    var program = Program.start(command);
    assertThat(program.awaitExit(LONG)).as(program.output()).isZero();
  }

  private static String run(String... words) {
    List<String> command = new ArrayList<>(PackedProgram.command());
    command.addAll(List.of(words));
    command.addAll(List.of("--config", relay.home().resolve("poststation.conf").toString()));
    var program = Program.start(command);
    program.awaitExit(LONG);
    return program.output();
  }

  /// The only mail that is kept from a recipient.
  private static String kept(String to) {
    String list = run("quarantine", "list", "--to", to);
    var found = Pattern.compile("(?m)^([0-9A-Z]{13}) ").matcher(list);
    assertThat(found.find()).as(list).isTrue();
    return found.group(1);
  }

  @Test
  void aKillLosesNothingThatIsKeptAndItIsReleasedToOneAfterIt() throws Exception {
    send("bob@virus.test,eve@virus.test,carl@else.test", "--body", ClamdPeer.EICAR);
    sink.awaitMails(1);
    String id = kept("eve@virus.test");
    relay.awaitLog("event=quarantine id=" + id + " action=keep by=clamav text=\"on-found = ");
    relay.kill();
    relay.restart();
    assertThat(run("quarantine", "show", id))
        .contains("for      <bob@virus.test>", "for      <eve@virus.test>", "clamd found Eicar")
        .doesNotContain("carl@");

    assertThat(run("quarantine", "release", id, "--for", "eve@virus.test"))
        .contains("Released " + id + ", as mail ");
    relay.kill(); // What the command said is durable.
    relay.restart();
    sink.awaitMails(2);
    assertThat(sink.mails()).hasSize(2);
    var last = SunkMail.of(sink.awaitMails(2).getLast());
    assertThat(last.mail()).contains(ClamdPeer.EICAR.substring(0, 20));
    assertThat(run("quarantine", "show", id))
        .contains("for      <bob@virus.test>", "not for  <eve@virus.test>: released as ");
    assertThat(run("quarantine", "delete", id)).contains("Deleted " + id);
    assertThat(run("quarantine", "list", "--to", "bob@virus.test")).contains("No mail matches.");
  }

  @Test
  void rspamdLearnsThatAMailIsGoodAndItIsReleasedWithoutItsMark() {
    send("bob@spam.test", "--h-Subject", "offer", "--body", RspamdAtPeersTest.GTUBE);
    String id = kept("bob@spam.test");
    assertThat(run("quarantine", "report", id, "--release"))
        .contains(id + ": rspamd has learned it as ham; released as " + id);
    assertThat(SunkMail.of(sink.awaitMails(1).getFirst()).mail()) // It is none: nothing says so.
        .contains("Subject: offer")
        .doesNotContain("X-Spam");
    relay.awaitLog("event=quarantine id=" + id + " action=report by=.* text=\"rspamd has learned");
  }

  @Test
  void whoIsDeadLearnsNothingAndTheMailStays() {
    send("gus@spam.test", "--body", RspamdAtPeersTest.GTUBE);
    String id = kept("gus@spam.test");
    rspamd.kill();
    try {
      assertThat(run("quarantine", "report", id, "--release"))
          .contains(id + ": ", "127.0.0.1:" + rspamd.controller())
          .doesNotContain("released");
    } finally {
      rspamd.restart();
    }
    assertThat(run("quarantine", "list", "--to", "gus@spam.test")).contains(id);
  }

  @Test
  void spamdIsToldToo() {
    send("bob@assassin.test", "--header", "X-Wish: nine");
    String id = kept("bob@assassin.test");
    assertThat(run("quarantine", "show", id, "--header"))
        .contains("X-Wish: nine")
        .doesNotContain("X-Spam");
    assertThat(run("quarantine", "report", id)).contains(id + ": spamd has learned it as ham");
    assertThat(run("quarantine", "list", "--service", "spamd")).contains(id);
  }

  @Test
  void whoLearnsNothingSaysSoAndNothingIsDone() {
    send("dan@virus.test", "--body", ClamdPeer.EICAR);
    String id = kept("dan@virus.test");
    assertThat(run("quarantine", "report", id, "--release"))
        .contains(id + ": service clamav is none that learns: only rspamd and spamd do");
    assertThat(run("quarantine", "list", "--to", "dan@virus.test")).contains(id);
  }
}
