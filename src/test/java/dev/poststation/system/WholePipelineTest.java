package dev.poststation.system;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// One mail goes through disclaimer, S/MIME or OpenPGP, DKIM and journal of the packed relay, and
/// is good to OpenSSL, GnuPG, OpenDKIM and dkimpy, none of which is ours.
@Tag("peer")
@Timeout(180)
final class WholePipelineTest {
  private static final String DKIMPY =
      """
      import sys, dkim
      keys = dict(line.split(' ', 1) for line in open(sys.argv[2]).read().splitlines())
      def dns(name, timeout=5):
          return keys.get(name.decode().rstrip('.'), '').encode()
      print(dkim.verify(open(sys.argv[1], 'rb').read(), dnsfunc=dns))
      """;

  private static final String SERVICES =
      """
      own-domains = ["x.test"]
      data = "@DATA@"
      smime { password = "file:@PASSWORD@" }
      openpgp { password = "file:@PASSWORD@" }
      dkim { "x.test" { selectors = [ { name = mail, key = "file:@KEY@" } ] } }
      content = [
        { use = disclaimer, for { from = ["@x.test"] }, text = "file:@COMPANY@" }
        { use = smime-sign, for { from = ["anna@x.test"] } }
        { use = openpgp-sign, for { from = ["bert@x.test"] } }
        { use = dkim-sign }
        { use = milter, name = judge, at = "inet:@JUDGE@@127.0.0.1", effect = signs }
        { use = archive, to = "journal@there.test", copy = sent }
      ]
      """;

  @TempDir Path directory;

  private Path key(Home keys) throws IOException {
    Path key = directory.resolve("mail.private");
    Program.run(
        List.of(
            Peers.program("openssl"), "genrsa", "-traditional", "-out", key.toString(), "2048"));
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    String open =
        Program.run(List.of(Peers.program("openssl"), "rsa", "-in", key.toString(), "-pubout"))
            .lines()
            .filter(line -> !line.startsWith("-") && !line.contains(" "))
            .reduce("", String::concat);
    keys.write("keys", "mail._domainkey.x.test v=DKIM1; k=rsa; p=" + open + "\n", Map.of());
    keys.write("nobody", "192.0.2.1\n", Map.of());
    return key;
  }

  private static void send(RunningRelay relay, String from) {
    Program.run(
        new ArrayList<>(
            List.of(
                Peers.program("swaks"),
                "--server",
                "127.0.0.1:" + relay.port(),
                "--from",
                from,
                "--to",
                "b@there.test",
                "--body",
                "Good day")));
  }

  /// The mail and the report of it, lines as on the wire.
  private static List<String> sent(SmtpSinkPeer sink) {
    var mails = new ArrayList<>(sink.awaitMails(2));
    mails.replaceAll(mail -> mail.replace("\n", "\r\n"));
    mails.sort((a, b) -> Boolean.compare(isReport(a), isReport(b)));
    assertThat(mails).hasSize(2);
    assertThat(isReport(mails.get(1))).isTrue();
    sink.clear();
    return mails;
  }

  private static boolean isReport(String mail) {
    return mail.contains("\r\nX-MS-Journal-Report:");
  }

  /// What the relay sent, without what the sink put in front of it.
  private static String from(String mail, String first) {
    return mail.substring(mail.indexOf(first));
  }

  private void isGoodToBothVerifiers(Home keys, String mail) throws IOException {
    Peers.mark("python3-dkim");
    assertThat(mail)
        .containsPattern(
            "Authentication-Results: judge\\.test;\\s+dkim=pass .*header\\.d=x\\.test");
    Path file = directory.resolve("mail");
    Files.write(file, from(mail, "DKIM-Signature:").getBytes(ISO_8859_1));
    String records = keys.path().resolve("keys").toString();
    assertThat(
            Program.run(List.of(Peers.program("python3"), "-c", DKIMPY, file.toString(), records))
                .strip())
        .isEqualTo("True");
  }

  /// The journal has to the octet what was sent.
  private static void isReported(String report, String mail) {
    String whole = from(mail, "Authentication-Results: judge.test").stripTrailing();
    assertThat(report).contains(whole);
  }

  @Test
  void aMailWithDisclaimerSignatureDkimAndJournalIsGoodToAllWhoVerifyIt() throws IOException {
    int port = Port.free();
    try (var pgp = new PgpBench();
        var keys = Home.create("judge");
        var sink = SmtpSinkPeer.start()) {
      var bench = pgp.bench;
      bench.person("anna", "anna@x.test", "rsa:2048", 9);
      bench.own("anna");
      pgp.person("bert", "bert@x.test", PgpBench.CURVE);
      pgp.own("bert");
      bench.write("company", "Example GmbH, Bonn\n");
      String configuration =
          SERVICES
              .replace("@DATA@", bench.file("data").toString())
              .replace("@PASSWORD@", bench.file("password").toString())
              .replace("@COMPANY@", bench.file("company").toString())
              .replace("@KEY@", key(keys).toString())
              .replace("@JUDGE@", Integer.toString(port));
      try (var _ = MiltersAtPeersTest.opendkim(keys, "v", port, MiltersAtPeersTest.JUDGE);
          var relay = RunningRelay.start(RunningRelay.towards(sink.port()) + configuration)) {
        send(relay, "anna@x.test");
        var sent = sent(sink);
        isGoodToBothVerifiers(keys, sent.getFirst());
        isReported(sent.get(1), sent.getFirst());
        bench.write("out", from(sent.getFirst(), "DKIM-Signature:"));
        bench.sh("%1$s cms -verify -in out -CAfile ca.pem -out inner");
        assertThat(bench.text("inner")).contains("Good day", "Example GmbH, Bonn");

        send(relay, "bert@x.test");
        sent = sent(sink);
        isGoodToBothVerifiers(keys, sent.getFirst());
        isReported(sent.get(1), sent.getFirst());
        var parts = PgpBench.parts(sent.getFirst());
        assertThat(parts.getFirst()).contains("Good day", "Example GmbH, Bonn");
        bench.write("entity", parts.get(0));
        bench.write("signature", PgpBench.body(parts.get(1)));
        pgp.gpg("--verify signature entity");
        assertThat(bench.text("said")).contains("Good signature", "bert@x.test");
      }
    }
  }
}
