package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// TLS of the listener, judged by OpenSSL, swaks and posttls-finger.
@Tag("peer")
final class StartTlsTest {
  private static SmtpSinkPeer sink;
  private static RunningRelay relay;
  private static Home certificates;

  @BeforeAll
  static void start() {
    certificates = Home.create("certificates");
    var certificate = Certificate.in(certificates.path());
    sink = SmtpSinkPeer.start();
    relay =
        RunningRelay.start(
            RunningRelay.towards(sink.port())
                + "certificates = [ { chain = \"%s\", key = \"%s\" } ]\n"
                    .formatted(certificate.chain(), certificate.key()));
  }

  @AfterAll
  static void stop() {
    relay.close();
    sink.close();
    certificates.close();
  }

  @Test
  void swaksDeliversOverStartTls() {
    String dialogue =
        Program.run(
            List.of(
                Peers.program("swaks"),
                "--server",
                "127.0.0.1:" + relay.port(),
                "--from",
                "sender@here.test",
                "--to",
                "swaks@there.test",
                "--tls"));

    assertThat(dialogue).contains("TLS started with cipher TLSv1.3");
    assertThat(sink.awaitMails(1)).anyMatch(mail -> mail.contains("<swaks@there.test>"));
    sink.clear();
  }

  @Test
  void posttlsFingerSeesTls13AndOurCertificate() {
    String seen =
        Program.run(
            List.of(
                Peers.program("posttls-finger"), "-c", "-l", "may", "[127.0.0.1]:" + relay.port()));

    assertThat(seen).contains("TLSv1.3").contains("subject_CN=localhost");
  }

  @Test
  void whatIsSentInClearTogetherWithStartTlsIsForgotten() {
    // CVE-2011-0411: an answer to the injected NOOP inside TLS would show that it survived.
    String script =
        """
        import socket, ssl, sys
        plain = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 20)
        plain.recv(1000)
        plain.sendall(b"EHLO a.here.test\\r\\n")
        plain.recv(2000)
        plain.sendall(b"STARTTLS\\r\\nMAIL FROM:<injected@here.test>\\r\\n")
        reply = b""
        while not reply.endswith(b"\\n"):
            reply += plain.recv(1000)
        print("reply", reply)
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        try:
            tls = context.wrap_socket(plain)
            tls.sendall(b"RCPT TO:<x@there.test>\\r\\n")
            print("inside", tls.recv(1000))
        except (ssl.SSLError, ConnectionError) as error:
            print("refused", error)
        """;
    String seen =
        Program.run(
            List.of(Peers.program("python3"), "-c", script, Integer.toString(relay.port())));

    // Either the relay does not start TLS at all, or it does and knows of no MAIL.
    assertThat(seen)
        .satisfiesAnyOf(
            text -> assertThat(text).contains("refused"),
            text -> assertThat(text).containsPattern("inside b'50[0-9] "));
  }
}
