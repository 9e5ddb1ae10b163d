package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Postfix, Exim, OpenSMTPD and smtp-sink as next hops accept what we send, and their logs say how
/// we sent it.
@Tag("peer")
final class NextHopsTest {
  private static final String MAIL =
      "From: sender@here.test\r\n"
          + "To: recipient@there.test\r\n"
          + "Subject: next hop\r\n\r\n"
          + "Grüße\r\n"
          + ".\r\n"
          + "end\r\n";

  @Test
  void postfixAcceptsWithTlsChunkingAndDsn() {
    try (var postfix = PostfixPeer.start();
        var relay = RunningRelay.to(postfix.port(), "tls = required")) {
      sendWithDsn(relay.port());

      assertThat(postfix.awaitMails(1).getFirst())
          .contains("Subject: next hop\n")
          .endsWith("\n\nGr\u00c3\u00bc\u00c3\u009fe\n.\nend\n");
      assertThat(dialogue(postfix.log()))
          .contains("STARTTLS", "BDAT")
          .anyMatch(
              line ->
                  line.startsWith("MAIL FROM:<sender@here.test>")
                      && line.contains("BODY=8BITMIME")
                      && line.contains("SIZE=")
                      && line.contains("RET=HDRS")
                      && line.contains("ENVID=abc+2Bdef"))
          .anyMatch(
              line ->
                  line.startsWith("RCPT TO:<recipient@there.test>")
                      && line.contains("NOTIFY=FAILURE,DELAY")
                      && line.contains("ORCPT=rfc822;first@here.test"));
      assertThat(postfix.log()).contains("TLSv1.3 with cipher");
      awaitSent(relay, 1);
    }
  }

  @Test
  void postfixWithoutChunkingGetsData() {
    try (var postfix =
            PostfixPeer.start("smtpd_discard_ehlo_keywords = chunking, dsn, pipelining");
        var relay = RunningRelay.to(postfix.port(), "tls = off")) {
      sendWithDsn(relay.port());

      assertThat(postfix.awaitMails(1).getFirst())
          .endsWith("\n\nGr\u00c3\u00bc\u00c3\u009fe\n.\nend\n");
      assertThat(dialogue(postfix.log())).contains("DATA").doesNotContain("STARTTLS", "BDAT");
      awaitSent(relay, 1);
    }
  }

  @Test
  void postfixWithoutEightBitGetsSevenBit() {
    try (var postfix = PostfixPeer.start("smtpd_discard_ehlo_keywords = 8bitmime, chunking");
        var relay = RunningRelay.to(postfix.port())) {
      sendWithDsn(relay.port());

      assertThat(postfix.awaitMails(1).getFirst())
          .matches("(?s).*\n\n\\p{ASCII}*")
          .contains("end\n");
      awaitSent(relay, 1);
    }
  }

  @Test
  void aRecipientThatPostfixRefusesIsBouncedAndTheOthersAreDelivered() {
    try (var postfix =
            PostfixPeer.start(
                "smtpd_recipient_restrictions = check_recipient_access inline:{{bad@there.test=550"
                    + " 5.1.1 unknown}}, reject_unauth_destination");
        var relay = RunningRelay.to(postfix.port())) {
      swaks(relay.port(), "--to", "one@there.test,bad@there.test,two@there.test");

      // One file for each of the two, and the notice to the sender.
      var mails = postfix.awaitMails(3);
      assertThat(mails)
          .filteredOn(mail -> mail.startsWith("Return-Path: <sender@here.test>"))
          .hasSize(2);
      assertThat(mails)
          .anyMatch(
              mail ->
                  mail.contains("multipart/report")
                      && mail.contains("Final-Recipient: rfc822; bad@there.test")
                      && mail.contains("5.1.1")
                      && mail.contains("X-Original-To: sender@here.test"));
    }
  }

  @Test
  void eximAcceptsWithTlsPipeliningChunkingAndDsn() {
    try (var exim = EximPeer.start();
        var relay = RunningRelay.to(exim.port(), "tls = required")) {
      sendWithDsn(relay.port());

      var mail = exim.awaitMails(1).getFirst();
      assertThat(mail.body()).isEqualTo("Gr\u00c3\u00bc\u00c3\u009fe\n.\nend\n");
      assertThat(mail.head()).contains("-dsn_envid abc+2Bdef").contains("-dsn_ret 2");
      awaitSent(relay, 1);
      // K: CHUNKING was used; L: PIPELINING was used (Exim's specification, "Log files").
      String arrival =
          Until.present(
              "logged by Exim",
              Duration.ofSeconds(20),
              () ->
                  exim.log()
                      .lines()
                      .filter(line -> line.contains(" <= sender@here.test"))
                      .findFirst());
      assertThat(arrival).contains("P=esmtps", "X=TLS1.3", " K ", " L.");
    }
  }

  @Test
  void opensmtpdAcceptsWithTls() {
    try (var opensmtpd = OpenSmtpdPeer.start();
        var relay = RunningRelay.to(opensmtpd.port(), "tls = required")) {
      sendWithDsn(relay.port());

      assertThat(opensmtpd.awaitMails(1).getFirst())
          .contains("Subject: next hop\n")
          .endsWith("\n\nGr\u00c3\u00bc\u00c3\u009fe\n.\nend\n\n");
      awaitSent(relay, 1);
      assertThat(opensmtpd.log()).contains("smtp tls ciphers=TLSv1.3");
    }
  }

  @Test
  void mailOfSmtpSourceReachesSmtpSinkOnceEach() {
    try (var sink = SmtpSinkPeer.start();
        var relay = RunningRelay.to(sink.port())) {
      Program.run(
          List.of(
              Peers.program("smtp-source"),
              "-d",
              "-s",
              "20",
              "-m",
              "500",
              "-l",
              "3000",
              "-f",
              "sender@here.test",
              "-t",
              "recipient@there.test",
              "127.0.0.1:" + relay.port()));

      awaitSent(relay, 500);
      assertThat(sink.mails()).hasSize(500);
    }
  }

  @Test
  void mailGoesToTheMailExchangerThatTheDnsNames() {
    try (var sink = SmtpSinkPeer.start();
        var dns =
            DnsPeer.start(
                "dest MX 10 mail", "mail A 127.0.0.1", "nothing MX 0 .", "alone A 127.0.0.1");
        var relay =
            RunningRelay.start(
                """
                dns { servers = ["127.0.0.1:%d"] }
                connectors { internet { type = mx, port = %d } }
                routes = [ { via = [internet] } ]
                queue { retry = ["1 s"] }
                """
                    .formatted(dns.port(), sink.port()))) {
      swaks(relay.port(), "--to", "by-mx@dest.test");
      swaks(relay.port(), "--to", "by-address@alone.test");
      swaks(relay.port(), "--to", "nobody@nothing.test");

      // RFC 5321 5.1 without MX records; RFC 7505 with a null MX.
      assertThat(sink.awaitMails(2))
          .anyMatch(mail -> mail.contains("X-Rcpt-Args: <by-mx@dest.test>"))
          .anyMatch(mail -> mail.contains("X-Rcpt-Args: <by-address@alone.test>"));
      Until.holds(
          "null MX bounced",
          Duration.ofSeconds(30),
          () ->
              relay
                  .log()
                  .lines()
                  .anyMatch(
                      line ->
                          line.contains("to=<nobody@nothing.test>")
                              && line.contains("dsn=5.1.10")
                              && line.contains("status=bounced")));
    }
  }

  @Test
  void mailWaitsForANextHopThatIsDownAndSurvivesARestart() {
    try (var sink = SmtpSinkPeer.start();
        var relay = RunningRelay.to(sink.port())) {
      sink.stop();
      swaks(relay.port(), "--to", "recipient@there.test");
      Until.holds(
          "deferred", Duration.ofSeconds(20), () -> relay.log().contains("status=deferred"));
      relay.stop();
      sink.restart();
      relay.restart();

      assertThat(sink.awaitMails(1).getFirst()).contains("Subject: next hop");
    }
  }

  @Test
  void pflogsummReadsOurLog() {
    try (var sink = SmtpSinkPeer.start();
        var relay =
            RunningRelay.start(RunningRelay.towards(sink.port()) + "log { format = postfix }")) {
      swaks(relay.port(), "--to", "recipient@there.test");
      sink.awaitMails(1);
      Until.holds("logged", Duration.ofSeconds(20), () -> relay.log().contains("status=sent"));

      var summary =
          Program.run(
              List.of(Peers.program("pflogsumm"), relay.home().resolve("mail.log").toString()));
      assertThat(summary).containsPattern("\\s1\\s+received").containsPattern("\\s1\\s+delivered");
    }
  }

  @Test
  void fail2banFindsWhoWasRefusedInOurLog() {
    try (var relay =
        RunningRelay.start(
            RunningRelay.towards(Port.free())
                + """
                clients = [ { name = elsewhere, networks = ["192.0.2.1"] } ]
                log { format = postfix }
                """)) {
      var refused =
          Program.start(
              List.of(
                  Peers.program("swaks"),
                  "--server",
                  "127.0.0.1:" + relay.port(),
                  "--from",
                  "sender@here.test",
                  "--to",
                  "recipient@there.test"));
      // swaks: "no recipients were accepted".
      assertThat(refused.awaitExit(Duration.ofSeconds(30))).isEqualTo(24);
      Until.holds("logged", Duration.ofSeconds(20), () -> relay.log().contains("554 5.7.1"));

      var found =
          Program.run(
              List.of(
                  Peers.program("fail2ban-regex"),
                  "-c",
                  Peers.file("etc/fail2ban").toString(),
                  relay.home().resolve("mail.log").toString(),
                  "postfix[mode=aggressive]"));
      // Its expression for "Relay access denied" has hit once; the others see who only looked
      // whether the port is open.
      assertThat(found)
          .containsPattern("\\) \\[1\\] \\^\\[A-Z\\]\\{4\\} from .*Relay access denied");
    }
  }

  private static void sendWithDsn(int port) {
    String script =
        """
        import smtplib, sys
        with smtplib.SMTP("127.0.0.1", int(sys.argv[1])) as smtp:
            smtp.sendmail("sender@here.test", ["recipient@there.test"], sys.stdin.buffer.read(),
                ["BODY=8BITMIME", "RET=HDRS", "ENVID=abc+2Bdef"],
                ["NOTIFY=FAILURE,DELAY", "ORCPT=rfc822;first@here.test"])
        """;
    Program.run(List.of(Peers.program("python3"), "-c", script, Integer.toString(port)), MAIL);
  }

  private static void swaks(int port, String... options) {
    var command =
        new java.util.ArrayList<>(
            List.of(
                Peers.program("swaks"),
                "--server",
                "127.0.0.1:" + port,
                "--from",
                "sender@here.test",
                "--data",
                "-"));
    command.addAll(List.of(options));
    Program.run(command, MAIL);
  }

  private static void awaitSent(RunningRelay relay, int count) {
    Until.holds(
        count + " mails sent",
        Duration.ofSeconds(60),
        () -> relay.log().lines().filter(line -> line.contains("status=sent")).count() >= count);
  }

  /// The commands in Postfix's log of a debug_peer.
  private static List<String> dialogue(String log) {
    return log.lines()
        .filter(line -> line.contains(": < localhost[127.0.0.1]: "))
        .map(line -> line.replaceFirst("^.*< localhost\\[127\\.0\\.0\\.1\\]: ", ""))
        .map(line -> line.startsWith("BDAT ") ? "BDAT" : line)
        .toList();
  }
}
