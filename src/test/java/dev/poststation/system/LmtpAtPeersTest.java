package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Mail goes by LMTP to a real Dovecot.
@Tag("peer")
@Timeout(120)
final class LmtpAtPeersTest {
  @Test
  void dovecotAnswersForEachRecipientAtItsSocketAndAtItsPort() {
    try (var dovecot = DovecotLmtpPeer.start();
        var relay =
            RunningRelay.start(
                """
                connectors {
                  socket { type = lmtp, hosts = ["unix:%s"] }
                  port { type = lmtp, hosts = ["127.0.0.1:%d"] }
                }
                routes = [ { from = ["port@here.test"], via = [port] }, { via = [socket] } ]
                """
                    .formatted(dovecot.socket(), dovecot.port()))) {
      String all = "anna@example.net,broken@example.net,nobody@example.net,bert@example.net";
      send(relay.port(), "socket@here.test", all);
      send(relay.port(), "port@here.test", "anna@example.net");
      Until.holds(
          "delivered",
          Duration.ofSeconds(20),
          () -> dovecot.mails("anna").size() == 2 && dovecot.mails("bert").size() == 1);

      assertThat(dovecot.mails("bert").getFirst())
          .contains("Return-Path: <socket@here.test>", "\nlines\n.with dots\n");
      awaitLogged(relay, "to=<anna@example.net>", "relay=unix:" + dovecot.socket(), "status=sent");
      awaitLogged(relay, "to=<bert@example.net>", "status=sent", "<bert@example.net>", "Saved");
      awaitLogged(relay, "to=<broken@example.net>", "status=deferred", "451 4.2.0");
      awaitLogged(relay, "to=<nobody@example.net>", "status=bounced", "550 5.1.1");
      awaitLogged(
          relay, "to=<anna@example.net>", ":" + dovecot.port() + " ", "status=sent", "Saved");
    }
  }

  private static void awaitLogged(RunningRelay relay, String... words) {
    Until.holds(
        "logged: " + List.of(words),
        Duration.ofSeconds(20),
        () ->
            relay.log().lines().anyMatch(line -> List.of(words).stream().allMatch(line::contains)));
  }

  private static void send(int port, String from, String to) {
    Program.run(
        List.of(
            Peers.program("swaks"),
            "--server",
            "127.0.0.1:" + port,
            "--from",
            from,
            "--to",
            to,
            "--body",
            "lines\n.with dots\n"));
  }
}
