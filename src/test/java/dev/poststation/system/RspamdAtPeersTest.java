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

/// A real rspamd judges mail before it is acknowledged.
@Tag("peer")
@Timeout(180)
final class RspamdAtPeersTest {
  /// Does no harm; what looks for spam finds it. In two pieces, so that this file is not found.
  static final String GTUBE =
      "XJS*C4JDBQADN1.NSBN3*2IDNEN*" + "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X";

  private static RspamdPeer rspamd;
  private static SmtpSinkPeer sink;
  private static RunningRelay relay;

  @BeforeAll
  static void start() {
    rspamd = RspamdPeer.start();
    sink = SmtpSinkPeer.start();
    String at = "at = [\"127.0.0.1:%d\", \"%s\"]".formatted(rspamd.port(), rspamd.socket());
    relay =
        RunningRelay.start(
            RunningRelay.towards(sink.port())
                + """
                content = [
                  { use = rspamd, name = strict, for { to = ["strict.test"] }, %1$s, scores = on
                    retry-after = "1 s" }
                  { use = rspamd, name = mild, for { to = ["mild.test"] }, %1$s, settings-id = outbound
                    on-reject = hold, on-soft-reject = mark, on-greylist = defer, on-add-header = pass
                    on-rewrite-subject = defer }
                  { use = rspamd, name = short, for { to = ["short.test"] }, %1$s, max-size = "1 KB"
                    too-large = reject }
                  { use = rspamd, name = told, for { to = ["here.test"] }, %1$s, tell-known = on
                    scores = on }
                  { use = remember, for { from = ["here.test"], to = ["friends.test"] } }
                ]
                """
                    .formatted(at));
  }

  @AfterAll
  static void end() {
    relay.close();
    sink.close();
    rspamd.close();
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
                "--helo",
                "pc.here.test",
                "--from",
                "anna@here.test",
                "--to",
                to,
                "--h-Subject",
                "hello"));
    command.addAll(List.of(more));
    var program = Program.start(command);
    program.awaitExit(Duration.ofSeconds(60));
    return program;
  }

  /// What the relay says at the end of the mail.
  private static String refused(String to, String... more) {
    var program = swaks(to, more);
    assertThat(program.awaitExit(Duration.ofSeconds(1))).as(program.output()).isEqualTo(26);
    return program.output();
  }

  /// What the next hop gets.
  private static String passed(String to, String... more) {
    var program = swaks(to, more);
    assertThat(program.awaitExit(Duration.ofSeconds(1))).as(program.output()).isZero();
    return SunkMail.of(sink.awaitMails(1).getFirst()).mail();
  }

  @Test
  void gtubeIsRefusedInItsOwnWords() {
    assertThat(refused("b@strict.test", "--body", GTUBE)).contains("554 5.7.1 Gtube pattern");
    relay.awaitLog(
        "event=content .* service=strict result=refused .* text=\"rspamd says .*reject.*, score"
            + " 15");
    relay.awaitLog("event=reject .* rule=\"strict \\(.*\\): rspamd says");
  }

  @Test
  void aMailThatIsNoneGoesOnWithItsScore() {
    assertThat(passed("b@strict.test", "--header", "X-Spam-Status: No, it says"))
        .startsWith("X-Spam-Status: No, score=0.00 required=15.00 tests=[] action=\"no action\"\n")
        .doesNotContain("it says")
        .contains("Subject: hello\n");
  }

  @Test
  void spamThatIsTakenIsMarkedAndItsSubjectRewritten() {
    assertThat(passed("b@strict.test", "--header", "X-Want-Score: 7"))
        .startsWith("X-Spam-Status: Yes, score=7.00 required=15.00 tests=[WISHES=7.00]")
        .contains("\nX-Spam: Yes\n", "Subject: hello\n");
    sink.clear();
    assertThat(passed("b@strict.test", "--header", "X-Want-Score: 9"))
        .contains("\nX-Spam: Yes\n", "Subject: =?UTF-8?Q?=5BSpam=3A_=C3=BC=5D_hello?=\n");
    relay.awaitLog("service=strict result=changed .* text=\"rspamd says .*rewrite subject");
  }

  @Test
  void itIsToldOfTheMailAndChangesItsHeader() {
    String mail =
        passed(
            "b@mild.test,c@mild.test",
            "--header",
            "X-Want-Fields: yes",
            "--header",
            "X-Old: 1",
            "--header",
            "X-Two: 1",
            "--header",
            "X-Two: 2");
    assertThat(mail)
        .containsPattern(
            "X-Told:"
                + " anna@here\\.test\\|b@mild\\.test,c@mild\\.test\\|nil\\|pc\\.here\\.test\\|127\\.0\\.0\\.1\\|[0-9A-Z]+\\|outbound\\|relay\\.here\\.test\\|nil")
        .containsPattern("(?s)^X-.*\nReceived: .*\nX-Placed: one\n")
        .contains("X-Listed: a\n", "X-Listed: b\n", "X-Two: 1\n")
        .doesNotContain("X-Old", "X-Two: 2");
  }

  @Test
  void softRejectHasTheClientComeBackInItsWords() {
    assertThat(refused("b@strict.test", "--header", "X-Want-Action: soft reject"))
        .contains("451 4.7.1 As you wished: soft reject");
  }

  @Test
  void whatBecomesOfItIsAsItIsWritten() {
    assertThat(passed("b@mild.test", "--header", "X-Want-Action: soft reject"))
        .contains("X-Spam: Yes\n");
    sink.clear();
    assertThat(passed("b@mild.test", "--header", "X-Want-Score: 7")).doesNotContain("X-Spam");
    assertThat(refused("b@mild.test", "--header", "X-Want-Score: 9")).contains("451 4.7.1 Not now");
    assertThat(refused("b@mild.test", "--header", "X-Want-Score: 5"))
        .contains("451 4.7.1 Greylisted");
    sink.clear();
    assertThat(passed("b@strict.test", "--header", "X-Want-Score: 5")).doesNotContain("X-Spam: ");
    assertThat(swaks("held@mild.test", "--body", GTUBE).awaitExit(Duration.ofSeconds(1))).isZero();
    relay.awaitLog("event=admin .* by=on-reject text=\"on-reject = hold: rspamd says");
    assertThat(relay.log()).doesNotContainPattern("event=attempt .* to=<held@mild\\.test>");
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
                "X-Want-Score: 7"));
    assertThat(program.awaitExit(Duration.ofSeconds(60))).as(program.output()).isZero();
    return SunkMail.of(sink.awaitMails(1).getFirst()).mail();
  }

  @Test
  void itIsToldOfAuthorsToWhomTheRecipientHasWritten() {
    assertThat(answered("bob@friends.test")).contains("X-Spam: Yes").doesNotContain("KNOWN");
    sink.clear();
    passed("bob@friends.test");
    relay.awaitLog("service=remember result=unchanged .* text=\"remembered: ");
    sink.clear();
    assertThat(answered("Bob@Friends.test"))
        .startsWith("X-Spam-Status: No, score=2.00 required=15.00 tests=[WISHES=7.00,")
        .contains("KNOWN_CORRESPONDENT=-5.00")
        .doesNotContain("X-Spam: ");
    sink.clear();
    assertThat(answered("eve@friends.test")).contains("X-Spam: Yes");
  }

  @Test
  void aMailThatIsTooLargeIsNotShownToIt() {
    assertThat(refused("b@short.test", "--body", "x".repeat(2000)))
        .contains("552 5.3.4 This mail is too large");
  }

  @Test
  void nothingPassesWhileItIsDeadAndItIsAskedAgain() {
    rspamd.kill();
    assertThat(refused("b@strict.test")).contains("451 4.3.0 This mail cannot be looked at now");
    relay.awaitLog("event=service service=strict state=down");
    rspamd.restart();
    Until.holds(
        "taken again",
        Duration.ofSeconds(30),
        () -> swaks("b@strict.test").awaitExit(Duration.ofSeconds(1)) == 0);
    sink.awaitMails(1); // Or it comes in the midst of the next test.
    relay.awaitLog("event=service service=strict state=up");
  }
}
