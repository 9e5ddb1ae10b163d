package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Real clients send one mail straight to smtp-sink and one through the relay: what arrives differs
/// by the relay's Received field and by nothing else.
@Tag("peer")
final class ClientsTest {
  /// 8-bit text, dots at the start of lines, empty lines at the end, a long line.
  private static final String MAIL =
      """
      From: Sender <sender@here.test>
      To: recipient@there.test
      Date: Tue, 24 Nov 2026 10:00:00 +0000
      Message-ID: <clients-test@here.test>
      Subject: the same bytes
      MIME-Version: 1.0
      Content-Type: text/plain; charset=utf-8
      Content-Transfer-Encoding: 8bit

      Grüße aus Köln – ohne Verlust
      .
      ..two dots
      trailing blanks \t\s
      """
          + "x".repeat(900)
          + "\n\nlast line\n\n\n";

  private static SmtpSinkPeer direct;
  private static SmtpSinkPeer behind;
  private static RunningRelay relay;

  @TempDir private static Path directory;

  private interface Client {
    void send(int port) throws Exception;
  }

  @BeforeAll
  static void start() {
    direct = SmtpSinkPeer.start();
    behind = SmtpSinkPeer.start();
    relay = RunningRelay.to(behind.port());
  }

  @AfterAll
  static void stop() {
    relay.close();
    behind.close();
    direct.close();
  }

  @Test
  void swaksDeliversTheSameBytes() throws Exception {
    Path file = Files.writeString(directory.resolve("swaks.eml"), crlf(MAIL));
    sameBytes(
        port ->
            Program.run(
                List.of(
                    Peers.program("swaks"),
                    "--server",
                    "127.0.0.1:" + port,
                    "--from",
                    "sender@here.test",
                    "--to",
                    "recipient@there.test",
                    "--no-data-fixup",
                    "--data",
                    "@" + file)));
  }

  @Test
  void msmtpDeliversTheSameBytes() throws Exception {
    sameBytes(
        port ->
            Program.run(
                List.of(
                    Peers.program("msmtp"),
                    "--file=/dev/null",
                    "--host=127.0.0.1",
                    "--port=" + port,
                    "--from=sender@here.test",
                    "--",
                    "recipient@there.test"),
                MAIL));
  }

  @Test
  void curlDeliversTheSameBytes() throws Exception {
    Path file = Files.writeString(directory.resolve("curl.eml"), crlf(MAIL));
    sameBytes(
        port ->
            Program.run(
                List.of(
                    Peers.program("curl"),
                    "-sS",
                    "smtp://127.0.0.1:" + port,
                    "--mail-from",
                    "sender@here.test",
                    "--mail-rcpt",
                    "recipient@there.test",
                    "-T",
                    file.toString())));
  }

  @Test
  void smtplibDeliversTheSameBytes() throws Exception {
    String script =
        """
        import smtplib, sys
        with smtplib.SMTP("127.0.0.1", int(sys.argv[1])) as smtp:
            smtp.sendmail("sender@here.test", ["recipient@there.test"], sys.stdin.buffer.read(), ["BODY=8BITMIME"])
        """;
    sameBytes(
        port ->
            Program.run(
                List.of(Peers.program("python3"), "-c", script, Integer.toString(port)),
                crlf(MAIL)));
  }

  @Test
  void nodemailerDeliversTheSameBytes() throws Exception {
    String script =
        """
        const transport = require("nodemailer").createTransport({ host: "127.0.0.1", port: process.argv[1] });
        const raw = require("fs").readFileSync(0);
        transport.sendMail({ envelope: { from: "sender@here.test", to: "recipient@there.test" }, raw }, (error) => {
          if (error) { console.error(error); process.exit(1); }
        });
        """;
    Peers.mark("node-nodemailer");
    sameBytes(
        port ->
            Program.run(
                List.of(Peers.program("node"), "-e", script, Integer.toString(port)), crlf(MAIL)));
  }

  @Test
  void sNailDeliversTheSameBytes() throws Exception {
    // It writes the header itself: Date and Message-ID differ between two mails, all else is
    // compared.
    sameBytes(
        port ->
            Program.run(
                List.of(
                    Peers.program("s-nail"),
                    "-:/",
                    "-S",
                    "mta=smtp://127.0.0.1:" + port,
                    "-S",
                    "smtp-auth=none",
                    "-S",
                    "v15-compat",
                    "-S",
                    "ttycharset=utf-8",
                    "-S",
                    "sendcharsets=utf-8",
                    "-S",
                    "sendwait",
                    "-S",
                    "mime-encoding=8b",
                    "-r",
                    "sender@here.test",
                    "-s",
                    "the same bytes",
                    "recipient@there.test"),
                Map.of("LC_ALL", "C.UTF-8"),
                "Grüße\n.\n..two dots\n\nlast line\n\n\n".getBytes(StandardCharsets.UTF_8)));
  }

  private static void sameBytes(Client client) throws Exception {
    client.send(direct.port());
    client.send(relay.port());
    String sent = SunkMail.of(only(direct)).mail();
    SunkMail relayed = SunkMail.of(only(behind));

    assertThat(withoutIds(relayed.withoutTrace())).isEqualTo(withoutIds(sent));
    assertThat(relayed.envelope())
        .contains("X-Mail-Args: <sender@here.test>")
        .contains("X-Rcpt-Args: <recipient@there.test>");
  }

  private static String only(SmtpSinkPeer sink) {
    String mail = sink.awaitMails(1).getFirst();
    sink.clear();
    return mail;
  }

  private static String withoutIds(String mail) {
    return mail.replaceFirst("(?m)^Date: .*\n", "").replaceFirst("(?m)^Message-I[dD]: .*\n", "");
  }

  private static String crlf(String text) {
    return text.replace("\n", "\r\n");
  }
}
