package dev.poststation.system;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.poststation.Poststation;
import dev.poststation.config.Configuration;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.demo.MailClient;
import dev.poststation.os.Os;
import dev.poststation.sim.PassingTime;
import dev.poststation.sim.ToyIssuer;
import dev.poststation.tlsrpt.ReportFile;
import dev.poststation.tlsrpt.TlsReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The whole way of a report: sessions with a Postfix under DANE records that Knot has signed, a
/// restart on the next day, a report by mail through that Postfix, read by Python and by ourselves,
/// and one to a server over HTTPS.
@Tag("peer")
@Timeout(120)
final class TlsReportsAtPeersTest {
  private static final String SCRIPT =
      """
      import email, gzip, json, sys
      from email import policy
      mail = email.message_from_binary_file(sys.stdin.buffer, policy=policy.SMTP)
      parts = list(mail.iter_parts())
      report = json.loads(gzip.decompress(parts[1].get_content()))
      tested = report["policies"][0]
      print(mail.get_content_type(), mail.get_param("report-type"), parts[0].get_content_type(),
            parts[1].get_content_type(), sep=" ")
      print(mail["TLS-Report-Domain"], mail["TLS-Report-Submitter"], mail["TLS-Required"])
      print(mail["Subject"])
      print(report["organization-name"], report["contact-info"], sorted(report.keys()))
      print(tested["policy"]["policy-type"], tested["policy"]["policy-domain"],
            tested["summary"]["total-successful-session-count"],
            tested["summary"]["total-failure-session-count"])
      """;

  private static final String DKIMPY =
      """
      import sys, time, dkim
      time.time = lambda: float(sys.argv[2])
      key = open(sys.argv[1]).read().strip()
      def dns(name, timeout=5):
          return ('v=DKIM1; p=' + key).encode() if name == b'mail._domainkey.here.test.' else b''
      print(dkim.verify(sys.stdin.buffer.read(), dnsfunc=dns))
      """;

  private Home home;
  private PostfixPeer postfix;
  private SignedDnsPeer knot;
  private HttpsServer site;
  private final Queue<String> posted = new ConcurrentLinkedQueue<>();
  private final AtomicReference<byte[]> body = new AtomicReference<>(new byte[0]);
  private final AtomicReference<Duration> later = new AtomicReference<>(Duration.ZERO);

  @BeforeEach
  void start() throws Exception {
    home = Home.create("tls-reports");
    postfix = PostfixPeer.start();
    site = HttpsServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 10);
    site.setHttpsConfigurator(new HttpsConfigurator(ToyIssuer.tls()));
    site.createContext(
        "/v1",
        exchange -> {
          try (exchange) {
            body.set(exchange.getRequestBody().readAllBytes());
            posted.add(
                exchange.getRequestMethod()
                    + " "
                    + exchange.getRequestHeaders().getFirst("Content-Type"));
            exchange.sendResponseHeaders(posted.size() == 1 ? 503 : 201, -1);
          }
        });
    site.start();
    String right = OpenSsl.fingerprint(postfix.certificate()).substring("sha256:".length());
    int port = postfix.port();
    knot =
        SignedDnsPeer.signing(
            List.of(
                "good MX 10 mail",
                "mail A 127.0.0.1",
                "_" + port + "._tcp.mail TLSA 3 0 1 " + right,
                "_smtp._tls.good TXT \"v=TLSRPTv1;\" \" rua=mailto:reports@collector.plain.test\"",
                "bad MX 10 other",
                "other A 127.0.0.1",
                "_" + port + "._tcp.other TLSA 3 0 1 " + "ab".repeat(32),
                "_smtp._tls.bad TXT \"v=TLSRPTv1; rua=https://127.0.0.1:"
                    + site.getAddress().getPort()
                    + "/v1\""),
            List.of("none MX 10 mail.test."));
    home.write("anchors", knot.keys(), Map.of());
    Program.run(
        List.of(
            "sh",
            "-c",
            "%1$s genrsa -out %2$s/dkim.key 2048 2>/dev/null; chmod 600 %2$s/dkim.key; %1$s rsa -in %2$s/dkim.key -pubout -outform DER 2>/dev/null | base64 -w0 > %2$s/dkim.pub"
                .formatted(Peers.program("openssl"), home.path())));
  }

  /// By the clock of the relay, which is ahead; in seconds.
  private String now() {
    return Long.toString(Instant.now().plus(later.get()).getEpochSecond());
  }

  /// What dkimpy says of a mail, from its signature on.
  private String verified(String mail) {
    Peers.mark("python3-dkim");
    String signed = mail.substring(mail.indexOf("DKIM-Signature:")).replace("\n", "\r\n");
    String key = home.path().resolve("dkim.pub").toString();
    return Program.run(List.of(Peers.program("python3"), "-c", DKIMPY, key, now()), signed).strip();
  }

  @AfterEach
  void stop() {
    knot.close();
    site.stop(0);
    postfix.close();
    home.close();
  }

  private Os os() {
    var os = Os.real();
    var time =
        new PassingTime(os.time()) {
          @Override
          public Instant now() {
            return super.now().plus(later.get());
          }
        };
    return new Os(time, os.network(), os.tasks(), os.chance(), os.disk(), os.processes());
  }

  private Configuration configuration() {
    String text =
        """
        hostname = "relay.here.test"
        data = "%1$s"
        listeners { relay { bind = "127.0.0.1:0" } }
        dns { servers = ["127.0.0.1:%2$d"], dnssec = validate, anchors = "%3$s" }
        clients = [ { name = local, networks = ["127.0.0.1"] } ]
        connectors { internet { type = mx, port = %4$d, tls = dane }
                     collector { hosts = ["127.0.0.1:%4$d"], tls = off } }
        routes = [ { to = ["collector.plain.test"], via = [collector] }
                   { via = [internet] } ]
        log { file = "%5$s" }
        dkim { "here.test" { selectors = [ { name = mail, key = "file:%7$s" } ] } }
        content = [ { use = dkim-sign } ]
        tls-reports { from = "tls@here.test", organization = "Here & Co", authorities = "%6$s" }
        """
            .formatted(
                home.path().resolve("data"),
                knot.port(),
                home.path().resolve("anchors"),
                postfix.port(),
                home.path().resolve("mail.log"),
                ToyIssuer.AUTHORITY.toAbsolutePath(),
                home.path().resolve("dkim.key"));
    return switch (new Loader(Os.real(), Map.of()).parse(text, Path.of("test.conf"))) {
      case Loaded.Good good -> good.configuration();
      case Loaded.Bad bad -> throw new AssertionError(bad.problems().toString());
    };
  }

  private static void send(Poststation relay, String to) throws Exception {
    try (var client = MailClient.connect(Os.real(), relay.listening().getFirst(), false, _ -> {})) {
      byte[] content = "Subject: x\r\n\r\ny\r\n".getBytes(StandardCharsets.US_ASCII);
      assertThat(client.send("sender@here.test", List.of(to), "", content).recipients()).isOne();
    }
  }

  private String log() {
    try {
      return Files.readString(home.path().resolve("mail.log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Whether the log has it of the report that goes over HTTPS.
  private boolean told(String status) {
    return log()
        .lines()
        .filter(line -> line.contains("event=tls-report domain=bad.test"))
        .anyMatch(line -> line.contains("status=" + status));
  }

  @Test
  void whatKnotPublishesAndPostfixShowsIsReportedOnTheNextDay() throws Exception {
    try (var relay = Poststation.start(os(), configuration())) {
      send(relay, "anna@good.test");
      send(relay, "ben@bad.test");
      send(relay, "carl@none.plain.test");
      postfix.awaitMails(2);
      eventually("counted", () -> relay.reporter().standings().size() >= 3);
    }
    later.set(Duration.ofHours(29)); // After 4 o'clock UTC of the next day, or of the one after.
    List<String> mails;
    try (var _ = Poststation.start(os(), configuration())) {
      mails = postfix.awaitMails(3);
      eventually("posted, and the answer was heard", () -> told("deferred"));
    }
    var report = mails.stream().filter(each -> each.contains("TLS-Report-Domain")).toList();
    assertThat(report).hasSize(1);
    assertThat(Program.run(List.of(Peers.program("python3"), "-c", SCRIPT), report.getFirst()))
        .startsWith(
            "multipart/report tlsrpt text/plain application/tlsrpt+gzip\n"
                + "good.test here.test No\n"
                + "Report Domain: good.test Submitter: here.test Report-ID: <20")
        .contains(
            "Here & Co tls@here.test ['contact-info', 'date-range', 'organization-name',"
                + " 'policies', 'report-id']\n",
            "\ntlsa mail.test 1 0");
    assertThat(ReportFile.read(report.getFirst().getBytes(StandardCharsets.UTF_8)).policies())
        .extracting(TlsReport.Policy::successful)
        .containsExactly(1L);
    assertThat(verified(report.getFirst())).isEqualTo("True");
    assertThat(verified(report.getFirst().replace("aggregate", "other"))).isEqualTo("False");
    assertThat(posted).containsOnly("POST application/tlsrpt+gzip");
    assertThat(ReportFile.read(body.get()).policies())
        .singleElement()
        .satisfies(
            it -> {
              assertThat(it.type()).isEqualTo("tlsa");
              assertThat(it.domain()).isEqualTo("other.test");
              assertThat(it.failures().getFirst().result()).isEqualTo("tlsa-invalid");
              assertThat(it.failures().getFirst().host()).isEqualTo("other.test");
            });
    assertThat(log()).contains("it answers 503");
    assertThat(told("sent")).isFalse();
    // The site takes it the next time, and the mail does not come again.
    later.set(Duration.ofHours(30));
    try (var _ = Poststation.start(os(), configuration())) {
      eventually("posted again, and taken", () -> told("sent"));
    }
    assertThat(posted).hasSize(2);
    assertThat(log()).containsOnlyOnce("event=tls-report domain=good.test");
    assertThat(postfix.mails()).hasSize(3);
  }
}
