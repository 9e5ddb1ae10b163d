package dev.poststation.reporting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.os.Connection;
import dev.poststation.os.Os;
import dev.poststation.os.TlsStart;
import dev.poststation.sim.LonelyNetwork;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.sim.ToyIssuer;
import dev.poststation.tls.ClientTls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/// Where no report is posted to, whatever a domain writes.
class ReportSiteTest {
  private final ScriptedResolver resolver = new ScriptedResolver();
  private final ReportSite site = ReportSite.of(Optional::empty, resolver, Os.real());

  private void refuses(String place, String why) {
    assertThatThrownBy(() -> site.post(URI.create(place), new byte[1]))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(why);
  }

  @Test
  void nothingWithinOurOwnNetworksIsCalledForADomainThatSaysSo() {
    resolver.address("inside.example", "198.51.100.1", "192.168.1.1");
    refuses("https://10.0.0.5/", "10.0.0.5 is 10.0.0.5, which is nowhere in the Internet");
    refuses("https://[::1]/", "is ::1, which is nowhere in the Internet");
    refuses("https://0.0.0.0/", "0.0.0.0, which is nowhere in the Internet");
    refuses("https://inside.example/", "is 192.168.1.1, which is nowhere in the Internet");
    refuses("https://nobody.example/", "has no address");
  }

  @Test
  void noOtherPortThanThatOfHttpsIsCalled() {
    refuses("https://198.51.100.1:8443/", "is not at port 443");
  }

  @Test
  void theAddressThatWasLookedAtIsCalledAndTheNameIsLookedUpOnce() {
    resolver.address("reports.example", "2001:db8::7", "203.0.113.7");
    List<InetSocketAddress> called = new ArrayList<>();
    var network =
        new LonelyNetwork() {
          @Override
          public Connection connect(InetSocketAddress to, InetAddress from, Duration timeout)
              throws IOException {
            called.add(to);
            resolver.address("reports.example", "127.0.0.1"); // Too late to be of use.
            throw new IOException("nobody is there");
          }
        };
    var real = Os.real();
    var os = new Os(real.time(), network, real.tasks(), real.chance(), real.disk());
    var there = ReportSite.of(Optional::empty, resolver, os);
    assertThatThrownBy(() -> there.post(URI.create("https://reports.example/tls"), new byte[1]))
        .hasMessage("https://reports.example/tls: nobody is there");
    assertThat(called).containsExactly(new InetSocketAddress("203.0.113.7", 443));
  }

  /// What a site answers to a report that is posted to a name at 127.0.0.1.
  private static int posted(String name, String answer, List<String> heard) throws Exception {
    try (var acceptor = Os.real().network().listen(new InetSocketAddress("127.0.0.1", 0), 1)) {
      Os.real()
          .tasks()
          .platform(
              "site",
              () -> {
                try (var connection = acceptor.accept()) {
                  connection.startTls(
                      new TlsStart(ToyIssuer.tls(), true, null, false, List.of("TLSv1.3")));
                  byte[] buffer = new byte[8192];
                  var all = new StringBuilder();
                  while (!all.toString().endsWith("report")) {
                    int count = connection.read(buffer, 0, buffer.length);
                    all.append(new String(buffer, 0, count, StandardCharsets.US_ASCII));
                  }
                  heard.add(all.toString());
                  byte[] octets = answer.getBytes(StandardCharsets.US_ASCII);
                  connection.write(octets, 0, octets.length);
                } catch (Exception _) {
                  // It is gone.
                }
              });
      var tls = ClientTls.trusting(ToyIssuer.AUTHORITY, Os.real().disk());
      var to = URI.create("https://" + name + ":" + acceptor.local().getPort() + "/tls?a=b");
      return new CheckedPost(Os.real().network(), tls, Duration.ofSeconds(10))
          .post(
              to,
              name,
              InetAddress.ofLiteral("127.0.0.1"),
              "application/tlsrpt+gzip",
              "report".getBytes(StandardCharsets.US_ASCII));
    }
  }

  @Test
  void theSiteIsAskedByItsNameAndAnswersWhateverComesBeforeTheAnswer() throws Exception {
    List<String> heard = new CopyOnWriteArrayList<>();
    String answer = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 201 Created\r\n\r\n";
    assertThat(posted("mx.example", answer, heard)).isEqualTo(201);
    assertThat(heard)
        .singleElement()
        .asString()
        .startsWith("POST /tls?a=b HTTP/1.1\r\nHost: mx.example:")
        .contains(
            "\r\nContent-Type: application/tlsrpt+gzip\r\nContent-Length: 6\r\n", "\r\n\r\nreport");
  }

  @Test
  void aSiteWithoutACertificateForTheNameGetsNoReport() {
    List<String> heard = new CopyOnWriteArrayList<>();
    assertThatThrownBy(() -> posted("other.example", "HTTP/1.1 200 OK\r\n\r\n", heard))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("https://other.example:");
    assertThat(heard).isEmpty();
  }

  @Test
  void whoDoesNotSpeakHttpHasTakenNothing() {
    assertThatThrownBy(() -> posted("mx.example", "220 mx.example ESMTP\r\n", new ArrayList<>()))
        .hasMessageEndingWith("it does not speak HTTP");
    assertThatThrownBy(() -> posted("mx.example", "", new ArrayList<>()))
        .isInstanceOf(IOException.class);
  }
}
