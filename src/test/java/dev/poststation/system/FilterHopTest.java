package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A filter that can nothing but SMTP has mail between acceptance and delivery, and hands it back
/// by a listener: the configuration of docs/manual/filter.md, with a real Postfix as the filter.
@Tag("peer")
@Timeout(180)
final class FilterHopTest {
  private static final String CONFIGURATION =
      """
      listeners { back { bind = "127.0.0.1:@BACK@", xforward = ["127.0.0.1"] } }
      connectors {
        filter { hosts = ["127.0.0.1:@FILTER@"], xforward = on }
        next { hosts = ["127.0.0.1:@NEXT@"] }
      }
      routes = [
        { listener = [relay], via = [filter] }
        { via = [next] }
      ]
      content = [
        { use = header, name = before, for { listener = [relay] }, add = ["X-Before: once"] }
        { use = header, name = behind, for { listener = [back] }, add = ["X-Behind: once"] }
      ]
      queue { retry = ["1 s"] }
      """;

  private static String configuration(int back, int filter, int next) {
    return CONFIGURATION
        .replace("@BACK@", Integer.toString(back))
        .replace("@FILTER@", Integer.toString(filter))
        .replace("@NEXT@", Integer.toString(next));
  }

  private static int sends(RunningRelay relay, String to) {
    return Program.start(
            List.of(
                Peers.program("swaks"),
                "--server",
                "127.0.0.1:" + relay.port(),
                "--helo",
                "pc.here.test",
                "--from",
                "anna@here.test",
                "--to",
                to))
        .awaitExit(Duration.ofSeconds(60));
  }

  private static int count(String text, String part) {
    return text.split(Pattern.quote(part), -1).length - 1;
  }

  private static String come(SmtpSinkPeer sink, RunningRelay relay, PostfixPeer filter) {
    try {
      return sink.awaitMails(1).getFirst();
    } catch (AssertionError e) {
      throw new AssertionError(relay.log() + filter.log(), e);
    }
  }

  @Test
  void aMailGoesThroughTheFilterOnceAndItsIdentityComesBack() {
    int back = Port.free();
    try (var filter =
            PostfixPeer.start(
                "virtual_mailbox_domains =",
                "mynetworks = 127.0.0.1",
                "smtpd_recipient_restrictions = permit_mynetworks, reject",
                "default_transport = smtp:[127.0.0.1]:" + back,
                "smtpd_authorized_xforward_hosts = 127.0.0.1",
                "smtp_send_xforward_command = yes");
        var sink = SmtpSinkPeer.start();
        var relay = RunningRelay.start(configuration(back, filter.port(), sink.port()))) {
      assertThat(sends(relay, "b@there.test")).isZero();
      String mail = come(sink, relay, filter);
      assertThat(count(mail, "X-Before: once")).isEqualTo(1);
      assertThat(count(mail, "X-Behind: once")).isEqualTo(1);
      assertThat(mail.indexOf("X-Behind")).isLessThan(mail.indexOf("X-Before"));
      assertThat(mail).contains("by postfix.next.test (Postfix)");

      relay.awaitLog("event=queued ");
      var first = Pattern.compile("event=queued id=(\\w+) .*").matcher(relay.log());
      assertThat(first.find()).isTrue();
      relay.awaitLog(
          "event=announced .* how=xforward by=127\\.0\\.0\\.1 address=127\\.0\\.0\\.1"
              + " helo=pc\\.here\\.test protocol=ESMTP ident="
              + first.group(1));

      filter.stop();
      assertThat(sends(relay, "c@there.test")).isZero();
      relay.awaitLog("event=attempt .* to=<c@there\\.test> .* status=deferred");
      assertThat(sink.mails()).hasSize(1); // Nothing passes without the filter.
    }
  }
}
