package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Real milters hear of mail: OpenDKIM, which signs and verifies, OpenDMARC behind it, rspamd's
/// proxy, and clamav-milter.
@Tag("peer")
@Timeout(180)
final class MiltersAtPeersTest {
  private static final String OPENDKIM =
      """
      Mode @MODE@
      Socket inet:@PORT@@127.0.0.1
      PidFile @HOME@/@MODE@.pid
      Syslog no
      Background no
      RequireSafeKeys no
      @MORE@
      """;

  /// Of one that verifies with the keys of a file and takes nobody for one of its own.
  static final String JUDGE =
      "TestPublicKeys @HOME@/keys\nAuthservID judge.test\nAlwaysAddARHeader yes\n"
          + "InternalHosts @HOME@/nobody\nExternalIgnoreList @HOME@/nobody\n";

  private static final String CLAMAV_MILTER =
      """
      Foreground yes
      MilterSocket inet:@PORT@@127.0.0.1
      ClamdSocket tcp:127.0.0.1:@CLAMD@
      OnInfected Reject
      TemporaryDirectory @HOME@
      """;

  private static final String OPENDMARC =
      """
      AuthservID judge.test
      TrustedAuthservIDs judge.test
      Socket inet:@PORT@@127.0.0.1
      PidFile @HOME@/pid
      IgnoreHosts @HOME@/nobody
      Syslog no
      Background no
      SPFSelfValidate no
      """;

  private static int sends(RunningRelay relay, String... more) {
    var command =
        new ArrayList<>(
            List.of(
                Peers.program("swaks"),
                "--server",
                "127.0.0.1:" + relay.port(),
                "--from",
                "anna@here.test",
                "--to",
                "b@there.test"));
    command.addAll(List.of(more));
    return Program.start(command).awaitExit(Duration.ofSeconds(60));
  }

  static Program opendkim(Home home, String mode, int port, String more) {
    var file =
        home.write(
            mode + ".conf",
            OPENDKIM.replace("@PORT@@", port + "@").replace("@MODE@", mode).replace("@MORE@", more),
            Map.of("HOME", home.path().toString()));
    var program = Program.start(List.of(Peers.program("opendkim"), "-x", file.toString()));
    Port.awaitListening(program, port);
    return program;
  }

  @Test
  void whatOneOpenDkimSignsAnotherOneFindsGood() {
    try (var home = Home.create("opendkim");
        var sink = SmtpSinkPeer.start()) {
      String key = home.path().resolve("key.pem").toString();
      Program.run(List.of(Peers.program("openssl"), "genrsa", "-traditional", "-out", key, "2048"));
      String open =
          Program.run(List.of(Peers.program("openssl"), "rsa", "-in", key, "-pubout"))
              .lines()
              .filter(line -> !line.startsWith("-") && !line.contains(" "))
              .reduce("", String::concat);
      home.write("keys", "s1._domainkey.here.test v=DKIM1; k=rsa; p=" + open + "\n", Map.of());
      int signs = Port.free();
      int verifies = Port.free();
      home.write("nobody", "192.0.2.1\n", Map.of());
      try (var _ =
              opendkim(home, "s", signs, "Domain here.test\nSelector s1\nKeyFile " + key + "\n");
          var _ = opendkim(home, "v", verifies, JUDGE);
          var relay =
              RunningRelay.start(
                  RunningRelay.towards(sink.port())
                      + """
                      content = [
                        { use = milter, name = signs, at = "inet:%d@127.0.0.1" }
                        { use = milter, name = verifies, at = "127.0.0.1:%d" }
                      ]
                      """
                          .formatted(signs, verifies))) {
        assertThat(sends(relay)).isZero();
        String mail = sink.awaitMails(1).getFirst();
        assertThat(mail).contains("DKIM-Signature:").contains("Authentication-Results: judge.test");
        assertThat(mail).contains("dkim=pass");
        relay.awaitLog("event=content .* service=signs result=changed .*DKIM-Signature");
      }
    }
  }

  @Test
  void clamavMilterRefusesEicarAndOtherMailPasses() {
    try (var home = Home.create("clamav-milter");
        var clamd = ClamdPeer.start();
        var sink = SmtpSinkPeer.start()) {
      int port = Port.free();
      var file =
          home.write(
              "milter.conf",
              CLAMAV_MILTER.replace("@PORT@@", port + "@"),
              Map.of("HOME", home.path().toString(), "CLAMD", Integer.toString(clamd.port())));
      try (var milter =
              Program.start(List.of(Peers.program("clamav-milter"), "--config-file=" + file));
          var relay =
              RunningRelay.start(
                  RunningRelay.towards(sink.port())
                      + "content = [ { use = milter, at = \"inet:%d@127.0.0.1\" } ]\n"
                          .formatted(port))) {
        Port.awaitListening(milter, port);
        assertThat(sends(relay)).isZero();
        sink.awaitMails(1);
        assertThat(sends(relay, "--body", ClamdPeer.EICAR)).isEqualTo(26);
        relay.awaitLog("event=reject .* rule=\"milter \\(.*\\): the milter says: 5");
      }
    }
  }

  @Test
  void openDmarcWritesWhatItThinksOfTheAuthor() {
    try (var home = Home.create("opendmarc");
        var sink = SmtpSinkPeer.start()) {
      int port = Port.free();
      home.write("nobody", "192.0.2.1\n", Map.of());
      var file =
          home.write(
              "opendmarc.conf",
              OPENDMARC.replace("@PORT@@", port + "@"),
              Map.of("HOME", home.path().toString()));
      try (var milter =
              Program.start(List.of(Peers.program("opendmarc"), "-f", "-c", file.toString()));
          var relay =
              RunningRelay.start(
                  RunningRelay.towards(sink.port())
                      + "content = [ { use = milter, at = \"inet:%d@127.0.0.1\" } ]\n"
                          .formatted(port))) {
        Port.awaitListening(milter, port);
        assertThat(sends(relay)).isZero();
        assertThat(sink.awaitMails(1).getFirst())
            .containsPattern("Authentication-Results: judge.test; dmarc=[a-z]+");
      }
    }
  }

  @Test
  void theProxyOfRspamdRefusesGtubeInItsWordsAndAddsItsFieldsToOtherMail() {
    try (var rspamd = RspamdPeer.start();
        var sink = SmtpSinkPeer.start();
        var relay =
            RunningRelay.start(
                RunningRelay.towards(sink.port())
                    + "content = [ { use = milter, at = \"inet:%d@127.0.0.1\" } ]\n"
                        .formatted(rspamd.proxy()))) {
      assertThat(sends(relay, "--add-header", "X-Want-Fields: yes", "--add-header", "X-Old: 1"))
          .isZero();
      assertThat(sink.awaitMails(1).getFirst())
          .contains("\nX-Placed: one\n", "X-Told: anna@here.test|b@there.test|")
          .doesNotContain("X-Old");
      assertThat(sends(relay, "--body", RspamdAtPeersTest.GTUBE)).isEqualTo(26);
      relay.awaitLog("event=reject .* rule=\"milter \\(.*\\): the milter says: 5");
    }
  }
}
