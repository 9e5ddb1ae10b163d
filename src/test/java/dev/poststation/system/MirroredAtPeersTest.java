package dev.poststation.system;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.cli.Ran;
import dev.poststation.os.Os;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Copies of outbound mail that the packed relay sends to a real Postfix, which plays the hosted
/// filter: it takes some, refuses others, hangs, and sends one back.
@Tag("peer")
@Timeout(180)
final class MirroredAtPeersTest {
  private static final String TEXT =
      """
      From: A <a@here.test>
      To: B <b@there.test>
      Subject: one
      Message-ID: <one@here.test>
      Date: Tue, 1 Dec 2026 12:00:00 +0000
      MIME-Version: 1.0
      Content-Type: text/plain; charset=utf-8
      Content-Transfer-Encoding: 8bit

      Gr\u00c3\u00bc\u00c3\u009fe
      .with a dot

      """;

  @TempDir Path directory;

  private static String configuration(PostfixPeer filter, SmtpSinkPeer sink) {
    return """
    own-domains = ["here.test"]
    connectors {
      filter { hosts = ["127.0.0.1:%d"] }
      next { hosts = ["127.0.0.1:%d"] }
    }
    routes = [ { to = ["filter.test"], via = [filter] }, { via = [next] } ]
    queue { retry = ["1 s"] }
    content = [
      { use = header, add = ["X-Added: by the relay"] }
      { use = mirror, copy = sent, to = "learn@filter.test" }
      { use = mirror, name = refused, to = "bad@filter.test", for { header = ["Subject: one"] } }
    ]
    """
        .formatted(filter.port(), sink.port());
  }

  private int send(RunningRelay relay, String text, String from, String to) throws IOException {
    Path mail = Files.writeString(directory.resolve("mail"), text, ISO_8859_1);
    String server = "127.0.0.1:" + relay.port();
    List<String> command =
        List.of(
            Peers.program("swaks"),
            "--server",
            server,
            "--from",
            from,
            "--to",
            to,
            "--data",
            "@" + mail);
    try (var swaks = Program.start(command)) {
      return swaks.awaitExit(Duration.ofSeconds(60));
    }
  }

  private static String command(RunningRelay relay, String line) {
    Path file = relay.home().resolve("poststation.conf");
    var ran = Ran.on(Os.real(), line + " --config " + file);
    return ran.out() + ran.err();
  }

  /// All that the relay sent of the mail, behind what it says of the envelope of a copy.
  private static String mail(String stored) {
    return stored.substring(stored.indexOf("X-Added: by the relay\n")).stripTrailing();
  }

  @Test
  void theFilterGetsEachOutboundMailToTheOctetAndNothingThatItDoesTouchesTheMail()
      throws IOException {
    try (var postfix =
            PostfixPeer.start(
                "smtpd_recipient_restrictions = check_recipient_access inline:{{bad@filter.test="
                    + "550 5.7.1 not learned}}, reject_unauth_destination");
        var sink = SmtpSinkPeer.start();
        var relay = RunningRelay.start(configuration(postfix, sink))) {
      assertThat(send(relay, TEXT, "a@here.test", "b@there.test,hidden@there.test")).isZero();
      String copy = postfix.awaitMails(1).getFirst();
      String sent = sink.awaitMails(1).getFirst();
      assertThat(copy)
          .startsWith("Return-Path: <>\n")
          .contains(
              "\nX-Envelope-From: <a@here.test>\nX-Envelope-To: <b@there.test>\n"
                  + "X-Envelope-To: <hidden@there.test>\nX-Mirror-Seal: ");
      assertThat(mail(copy)).isEqualTo(mail(sent)).endsWith(TEXT.stripTrailing());
      relay.awaitLog("event=content .*service=mirror .*a copy goes to learn@filter.test");
      relay.awaitLog("event=queued .*protocol=mirror");

      // Postfix refuses a copy for good: log, metric and status say so, and nobody else is told.
      relay.awaitLog("event=notice .*kind=mirror .*to=<?bad@filter.test");
      assertThat(relay.metric("poststation_mirror_lost_total")).isEqualTo(1);
      assertThat(command(relay, "status"))
          .contains("the filter at bad@filter.test (use = mirror) did not take 1 copy");

      // It comes back, by another sender; a bounce is no mail of a person.
      String back = copy.substring(copy.indexOf("Received: "));
      assertThat(send(relay, back, "f@filter.test", "b@there.test")).isZero();
      relay.awaitLog("event=content .*not mirrored: it is such a copy itself");
      assertThat(send(relay, TEXT, "<>", "b@there.test")).isZero();
      relay.awaitLog("event=content .*not mirrored: it has no sender");
      sink.awaitMails(3);

      // The filter hangs: the mail is there at once, and the copy after a crash, once.
      postfix.silent(true);
      String two = TEXT.replace("one", "two");
      assertThat(send(relay, two, "a@here.test", "b@there.test")).isZero();
      sink.awaitMails(4);
      assertThat(postfix.mails()).hasSize(1);
      // What the next hop has taken, and the spool does not know yet, would be sent once more.
      Until.holds(
          "the copy alone is left",
          Duration.ofSeconds(30),
          () -> relay.metric("poststation_spool_mails") == 1);
      relay.kill();
      relay.restart();
      postfix.silent(false);
      assertThat(postfix.awaitMails(2).getLast()).contains("Subject: two", "X-Mirror-Seal: ");
      Until.holds(
          "nothing is left",
          Duration.ofSeconds(30),
          () -> relay.metric("poststation_spool_mails") == 0);
      assertThat(postfix.mails()).hasSize(2);
      assertThat(sink.mails()).as("the sender got no bounce").hasSize(4);
    }
  }
}
