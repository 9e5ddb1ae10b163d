package dev.poststation.system;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Details of the company with what a real OpenLDAP says of the sender, signed behind them: what
/// arrives is good to dkimpy, and another MIME parser sees them in text and HTML.
@Tag("peer")
@Timeout(180)
final class DisclaimerAtPeersTest {
  private static final String READER =
      """
      import sys, dkim, email, email.policy
      octets = open(sys.argv[1], 'rb').read()
      key = open(sys.argv[2]).read().strip()
      def dns(name, timeout=5):
          return ('v=DKIM1; p=' + key).encode() if name == b'mail._domainkey.example.com.' else b''
      print('signature', dkim.verify(octets, dnsfunc=dns))
      mail = email.message_from_bytes(octets, policy=email.policy.default)
      for part in mail.walk():
          if part.get_content_maintype() == 'text':
              print(part.get_content_type(), part.get_content_charset(), ascii(part.get_content()))
      """;

  private static final String MAIL =
      """
      From: Anna <anna@example.com>
      To: b@there.test
      Subject: x
      MIME-Version: 1.0
      Content-Type: multipart/alternative; boundary=b

      --b
      Content-Type: text/plain; charset=iso-8859-1

      hello
      --b
      Content-Type: text/html; charset=iso-8859-1

      <html><body><p>hello</p></body></html>
      --b--
      """;

  @TempDir Path directory;

  private Path secret(String name, String text) throws IOException {
    Path file = Files.writeString(directory.resolve(name), text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return file;
  }

  private String configuration(SlapdPeer slapd, SmtpSinkPeer sink) throws IOException {
    Path key = secret("mail.private", "");
    Files.writeString(
        directory.resolve("open"),
        Program.run(
            List.of(
                "sh",
                "-c",
                "%1$s genrsa -out %2$s 2048 2>/dev/null; %1$s rsa -in %2$s -pubout -outform DER 2>/dev/null | base64 -w0"
                    .formatted(Peers.program("openssl"), key))));
    return RunningRelay.towards(sink.port())
        + """
        directories { staff {
          url = "ldaps://127.0.0.1:%d", authorities = "%s", timeout = "2 s", remember = 0 s
          base = "ou=people,dc=example,dc=com"
          bind-dn = "cn=relay,dc=example,dc=com", bind-password = "file:%s" } }
        dkim { "example.com" { selectors = [ { name = mail, key = "file:%s" } ] } }
        content = [
          { use = disclaimer, directory = staff, text = "{cn} grüßt\\nTel. {telephoneNumber}\\nBeispiel GmbH – HRB 12345" }
          { use = dkim-sign }
        ]
        """
            .formatted(slapd.tlsPort(), slapd.authority(), secret("password", "secret\n"), key);
  }

  private void send(RunningRelay relay, int exit) {
    List<String> command =
        List.of(
            Peers.program("swaks"),
            "--server",
            "127.0.0.1:" + relay.port(),
            "--from",
            "anna@example.com",
            "--to",
            "b@there.test",
            "--data",
            "@" + directory.resolve("mail.eml"));
    try (var swaks = Program.start(command)) {
      assertThat(swaks.awaitExit(Duration.ofSeconds(30))).isEqualTo(exit);
    }
  }

  @Test
  void whatTheDirectorySaysStandsInTextAndHtmlAndTheSignatureHolds() throws IOException {
    Files.writeString(directory.resolve("mail.eml"), MAIL);
    try (var slapd = SlapdPeer.withPeople();
        var sink = SmtpSinkPeer.start();
        var relay = RunningRelay.start(configuration(slapd, sink))) {
      send(relay, 0);
      String mail = sink.awaitMails(1).getFirst();
      Path file = directory.resolve("arrived");
      String signed = mail.substring(mail.indexOf("DKIM-Signature:"));
      Files.write(file, signed.replace("\n", "\r\n").getBytes(ISO_8859_1));
      Peers.mark("python3-dkim");
      String seen =
          Program.run(
              List.of(
                  Peers.program("python3"),
                  "-c",
                  READER,
                  file.toString(),
                  directory.resolve("open").toString()));
      assertThat(seen.lines())
          .containsExactly(
              "signature True",
              "text/plain utf-8 'hello\\r"
                  + "\\n"
                  + "\\r"
                  + "\\n"
                  + "Anna gr\\xfc\\xdft\\r"
                  + "\\n"
                  + "Beispiel GmbH \\u2013 HRB 12345'",
              "text/html iso-8859-1 '<html><body><p>hello</p>\\r"
                  + "\\n"
                  + "<div><p>Anna gr&#252;&#223;t<br>\\r"
                  + "\\n"
                  + "Beispiel GmbH &#8211; HRB 12345</p></div>\\r"
                  + "\\n"
                  + "</body></html>'");
      relay.awaitLog(
          "event=content .* service=disclaimer result=changed .*"
              + "text=\"added to text/plain and text/html\"");

      slapd.stop();
      send(relay, 26);
      relay.awaitLog("rule=\"disclaimer .*on-error = defer: the sender is not known: ");
    }
  }
}
