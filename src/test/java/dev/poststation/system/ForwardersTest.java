package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// XFORWARD as Postfix says it, XCLIENT as swaks does. 203.0.113.5 may relay, and 127.0.0.1.
@Tag("peer")
final class ForwardersTest {
  private static SmtpSinkPeer sink;
  private static RunningRelay relay;

  @BeforeAll
  static void start() {
    sink = SmtpSinkPeer.start();
    relay =
        RunningRelay.start(
            RunningRelay.towards(sink.port())
                + """
                clients = [ { name = known, networks = ["127.0.0.1", "203.0.113.5"] } ]
                listeners.relay.xclient = ["127.0.0.1"]
                listeners.relay.xforward = ["127.0.0.1"]
                """);
  }

  @AfterAll
  static void stop() {
    relay.close();
    sink.close();
  }

  private static String swaks(String address) {
    var command =
        List.of(
            Peers.program("swaks"),
            "--server",
            "127.0.0.1:" + relay.port(),
            "--from",
            "sender@here.test",
            "--to",
            "x@there.test",
            "--xclient-addr",
            address,
            "--xclient-name",
            "far.example",
            "--xclient-port",
            "40999");
    try (var program = Program.start(command)) {
      program.awaitExit(Duration.ofMinutes(1));
      return program.output();
    }
  }

  @Test
  void swaksSpeaksForAClientThatMayRelay() {
    sink.clear();
    assertThat(swaks("203.0.113.5")).contains("250 2.0.0 Ok");
    assertThat(sink.awaitMails(1).getFirst()).contains("([203.0.113.5])");
    relay.awaitLog(
        "event=announced .*how=xclient by=127.0.0.1 address=203.0.113.5 port=40999"
            + " name=far.example");
  }

  @Test
  void swaksSpeaksForAClientThatMayNot() {
    assertThat(swaks("203.0.113.6")).contains("554 5.7.1");
    relay.awaitLogWith("\"no rule in clients matches 203.0.113.6\"");
  }

  @Test
  void postfixSaysFromWhomItHasTheMail() {
    sink.clear();
    try (var postfix =
        PostfixPeer.start(
            "virtual_transport = smtp:[127.0.0.1]:" + relay.port(),
            "smtp_send_xforward_command = yes",
            "smtp_dns_support_level = disabled",
            "smtp_host_lookup = native")) {
      Program.run(
          List.of(
              Peers.program("swaks"),
              "--server",
              "127.0.0.1:" + postfix.port(),
              "--helo",
              "printer.here.test",
              "--from",
              "sender@here.test",
              "--to",
              "x@there.test"));
      assertThat(sink.awaitMails(1)).hasSize(1);
      relay.awaitLog(
          "event=announced .*how=xforward by=127.0.0.1 address=127.0.0.1 port=[0-9]+"
              + " name=\\S+ helo=printer.here.test protocol=ESMTP ident=[0-9A-Za-z]+");
    }
  }
}
