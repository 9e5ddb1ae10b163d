package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.LogSettings;
import dev.poststation.config.TraceSettings;
import dev.poststation.log.Event;
import dev.poststation.log.MailJournal;
import dev.poststation.log.Metrics;
import dev.poststation.log.Samples;
import dev.poststation.os.Os;
import dev.poststation.sim.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Programs that read Postfix's log read ours.
@Tag("peer")
final class LogReadersTest {
  @TempDir private Path directory;
  private String file = "";

  @BeforeEach
  void writeTheLog() throws IOException {
    write(Samples.all());
  }

  private void write(List<Event> events) throws IOException {
    write(events, LogSettings.Format.POSTFIX);
  }

  private void write(List<Event> events, LogSettings.Format format) throws IOException {
    var path = directory.resolve("mail.log");
    Files.deleteIfExists(path);
    file = path.toString();
    var os = Os.real();
    try (var journal =
        MailJournal.open(
            os,
            "relay.example.com",
            new LogSettings(format, path, 1 << 30),
            new TraceSettings(Duration.ofDays(1), 1_000_000, true),
            new Metrics(os))) {
      events.forEach(journal::report);
    }
  }

  private String fail2ban(String mode) {
    var filter = Peers.file("etc/fail2ban/filter.d/postfix.conf") + "[mode=" + mode + "]";
    return Program.run(
        List.of(Peers.program("fail2ban-regex"), "--print-all-matched", file, filter));
  }

  @Test
  void pflogsummCountsWhatHappened() {
    var report =
        Program.run(List.of(Peers.program("pflogsumm"), "--verbose-msg-detail", file))
            .replaceAll(" +", " ");
    assertThat(report)
        .contains("\n 2 received\n")
        .contains("\n 1 delivered\n")
        .contains("\n 1 deferred (2 deferrals)\n")
        .contains("\n 2 bounced\n")
        .contains("\n 4 rejected ")
        .contains("\n 4224 bytes received\n 3412 bytes delivered\n")
        .contains("1 3412 0 0.3 s 0.3 s example.net")
        .contains("2 anna@example.com")
        .contains("connect to mx.example.org[198.51.100.7]:25: connection refused")
        .contains("550 5.1.1 <chris@example.org>: \"chris\" is not known here")
        .contains("Relay access denied")
        .contains("Fatal Errors: none")
        .contains("Panics: none");
  }

  /// All that it says, but for the hours of this machine. It lists what is equally frequent in the
  /// order of a Perl hash, which differs from run to run unless it is told not to.
  @Test
  void pflogsummsWholeReportIsRight() throws IOException {
    var report =
        Program.run(
            List.of(
                "env",
                "PERL_HASH_SEED=0",
                "PERL_PERTURB_KEYS=0",
                Peers.program("pflogsumm"),
                file));
    Golden.check(
        "pflogsumm.txt", report.replaceAll("(?s)\nPer-(Day|Hour) Traffic.*?(?=\nHost/Domain)", ""));
  }

  @Test
  void fail2banSeesWhoMayNotRelay() {
    assertThat(fail2ban("normal"))
        .contains("RCPT from unknown[203.0.113.9]: 554 5.7.1 <bert@example.net>")
        .contains("too many errors after RCPT from unknown[203.0.113.9]")
        .contains("improper command pipelining after CONNECT from unknown[203.0.113.9]")
        .contains(" 3 matched");
  }

  @Test
  void fail2banSeesWhoOnlyKnocksInItsAggressiveMode() {
    assertThat(fail2ban("aggressive"))
        .contains("lost connection after EHLO from unknown[203.0.113.9]")
        .contains(" 5 matched");
  }

  @Test
  void fail2banSeesWhoOnlyKnocksInTheModeThatLooksForThatAlone() {
    assertThat(fail2ban("ddos"))
        .contains("lost connection after EHLO from unknown[203.0.113.9]")
        .contains(" 1 matched");
  }

  /// The jail `postfix-sasl`.
  @Test
  void fail2banSeesWhoCannotLogIn() {
    assertThat(fail2ban("auth"))
        .contains("unknown[203.0.113.9]: SASL PLAIN authentication failed: wrong name or password")
        .contains(" 1 matched");
  }

  /// Clients that send mail, also in vain, and whatever next hops and administrators do.
  @Test
  void fail2banSeesNobodyWhoIsInnocent() throws IOException {
    var innocent =
        Samples.all().stream()
            .filter(
                event ->
                    switch (event) {
                      case Event.Rejected rejected -> rejected.stage().equals("CONNECT");
                      case Event.Disconnected gone -> gone.how().matches("quit|timeout");
                      case Event.Authenticated who -> who.problem() == null;
                      default -> true;
                    })
            .toList();
    write(innocent);
    for (String mode : List.of("normal", "auth", "rbl", "ddos", "extra", "aggressive")) {
      assertThat(fail2ban(mode)).as(mode).contains(" 0 matched");
    }
  }

  /// Not whoever shares an address with a user whose password is wrong there.
  @Test
  void fail2banSeesWhoGuessesByTheFilterOfTheManual() throws IOException {
    write(Samples.all(), LogSettings.Format.LOGFMT);
    String page = Files.readString(Path.of("docs/manual/users.md"));
    int from = page.indexOf("[Definition]");
    var filter = directory.resolve("poststation.conf");
    Files.writeString(filter, page.substring(from, page.indexOf("```", from)));
    assertThat(
            Program.run(
                List.of(Peers.program("fail2ban-regex"), "--print-all-matched", file, filter + "")))
        .contains("event=block address=203.0.113.9 failures=10")
        .contains(" 1 matched");
  }
}
