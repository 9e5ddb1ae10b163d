package dev.poststation.system;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Mail that the relay signs on its way is good to dkimpy, and to the octet what was signed.
@Tag("peer")
@Timeout(180)
final class DkimSignedTest {
  private static final String DKIMPY =
      """
      import sys, dkim
      key = open(sys.argv[2]).read().strip()
      def dns(name, timeout=5):
          return ('v=DKIM1; p=' + key).encode() if name == b'mail._domainkey.x.test.' or name == b'mail._domainkey.here.test.' else b''
      print(dkim.verify(open(sys.argv[1], 'rb').read(), dnsfunc=dns))
      """;

  @TempDir Path directory;

  private String key() throws IOException {
    Path key = directory.resolve("mail.private");
    String open =
        Program.run(
            List.of(
                "sh",
                "-c",
                "%1$s genrsa -out %2$s 2048 2>/dev/null; %1$s rsa -in %2$s -pubout -outform DER 2>/dev/null | base64 -w0"
                    .formatted(Peers.program("openssl"), key)));
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(directory.resolve("open"), open);
    return "dkim { \"x.test\" { selectors = [ { name = mail, key = \"file:%s\" } ] } }\n"
        .formatted(key);
  }

  private Path secret() throws IOException {
    Path secret = Files.writeString(directory.resolve("secret"), "0123456789abcdef\n");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    return secret;
  }

  private static void send(RunningRelay relay, String from, String to, String... more) {
    var command =
        new java.util.ArrayList<>(
            List.of(
                Peers.program("swaks"),
                "--server",
                "127.0.0.1:" + relay.port(),
                "--from",
                from,
                "--to",
                to));
    command.addAll(List.of(more));
    Program.run(command);
  }

  private String verified(String mail) throws IOException {
    Peers.mark("python3-dkim");
    Path file = directory.resolve("mail");
    // Up to what the next hop put in front of it.
    int begin = mail.indexOf("DKIM-Signature:");
    Files.write(file, mail.substring(begin).replace("\n", "\r\n").getBytes(ISO_8859_1));
    return Program.run(
            List.of(
                Peers.program("python3"),
                "-c",
                DKIMPY,
                file.toString(),
                directory.resolve("open").toString()))
        .strip();
  }

  @Test
  void whatOthersChangedBeforeIsSignedAndMailOfOtherDomainsIsNot() throws IOException {
    try (var sink = SmtpSinkPeer.start();
        var relay =
            RunningRelay.start(
                RunningRelay.towards(sink.port())
                    + key()
                    + """
                    clients += { name = edge, networks = ["127.0.0.2"], recipients = ["@x.test"] }
                    content = [
                      { use = header, remove = ["X-Mailer"], replace = ["Subject: another"] }
                      { use = list-unsubscribe, url = "https://www.x.test/u/{token}", secrets = ["file:%s"] }
                      { use = dkim-sign }
                    ]
                    """
                        .formatted(secret()))) {
      String large = "@" + Files.writeString(directory.resolve("large"), "line\n".repeat(40_000));
      send(relay, "anna@x.test", "b@there.test", "--body", "small");
      String small = sink.awaitMails(1).getFirst();
      assertThat(small).contains("\nSubject: another\n").doesNotContain("X-Mailer");
      assertThat(verified(small)).isEqualTo("True");
      assertThat(verified(small.replace("small", "smell"))).isEqualTo("False");
      // RFC 8058 4: without a signature over both nobody acts on them.
      assertThat(small).contains("\nList-Unsubscribe: <https://www.x.test/u/");
      for (String part : List.of("x.test/u/", "=One-Click")) {
        assertThat(verified(small.replace(part, part + "A"))).as(part).isEqualTo("False");
      }
      sink.clear();

      send(relay, "anna@x.test", "b@there.test", "--body", large);
      assertThat(verified(sink.awaitMails(1).getFirst())).isEqualTo("True");
      relay.awaitLog("event=content .* service=dkim-sign result=changed .*signed by mail");
      sink.clear();

      send(relay, "anna@else.test", "b@there.test");
      assertThat(sink.awaitMails(1).getFirst()).doesNotContain("DKIM-Signature");
      relay.awaitLog("result=unchanged .* text=\"not signed: dkim has no domain for else.test\"");
      sink.clear();

      // Somebody outside who writes to us in our name.
      send(relay, "boss@x.test", "b@x.test", "--local-interface", "127.0.0.2");
      assertThat(sink.awaitMails(1).getFirst()).doesNotContain("DKIM-Signature");
      relay.awaitLog("result=unchanged .* text=\"not signed: it came from outside, by client rule");
    }
  }

  @Test
  void aMailThatItsAuthorHasSignedIsSignedByItsDomainTooAndBothAreGood() throws IOException {
    try (var bench = new SmimeBench();
        var sink = SmtpSinkPeer.start()) {
      bench.person("anna", "anna@x.test", "rsa:2048", 9);
      bench.own("anna");
      String configuration =
          """
          data = "%s"
          smime { password = "file:%s" }
          content = [
            { use = smime-sign }
            { use = dkim-sign }
          ]
          """
              .formatted(bench.file("data"), bench.file("password"));
      try (var relay =
          RunningRelay.start(RunningRelay.towards(sink.port()) + key() + configuration)) {
        send(relay, "anna@x.test", "b@there.test", "--body", "small");
        String mail = sink.awaitMails(1).getFirst();
        assertThat(verified(mail)).isEqualTo("True");
        bench.write("out", mail.substring(mail.indexOf("DKIM-Signature:")).replace("\n", "\r\n"));
        bench.sh("%1$s cms -verify -in out -CAfile ca.pem -out inner");
        assertThat(bench.text("inner")).contains("small");
        relay.awaitLog("service=smime-sign result=changed .*signed by .*anna@x.test");
      }
    }
  }

  @Test
  void aBounceIsSignedByTheDomainOfTheRelay() throws IOException {
    try (var refusing = SmtpSinkPeer.start("-f", "rcpt");
        var sink = SmtpSinkPeer.start();
        var relay =
            RunningRelay.start(
                key().replace("x.test", "here.test")
                    + """
                    connectors {
                      refusing { hosts = ["127.0.0.1:%d"] }
                      home { hosts = ["127.0.0.1:%d"] }
                    }
                    routes = [ { to = ["gone.test"], via = [refusing] }, { via = [home] } ]
                    content = [ { use = dkim-sign } ]
                    """
                        .formatted(refusing.port(), sink.port()))) {
      send(relay, "anna@x.test", "b@gone.test");
      String bounce = sink.awaitMails(1).getFirst();
      assertThat(bounce).contains("multipart/report", "d=here.test;");
      assertThat(verified(bounce)).isEqualTo("True");
      assertThat(verified(bounce.replace("gone.test", "else.test"))).isEqualTo("False");
    }
  }
}
