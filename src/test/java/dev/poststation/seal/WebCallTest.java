package dev.poststation.seal;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.config.Cidr;
import dev.poststation.os.Connection;
import dev.poststation.os.Os;
import dev.poststation.sim.LonelyNetwork;
import dev.poststation.sim.ScriptedConnection;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.tls.ClientTls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Where a stranger has us ask, and what is taken from there.
@Timeout(60)
final class WebCallTest {
  private static final Duration TIME = Duration.ofSeconds(20);
  private static final List<Cidr> OWN = List.of(Cidr.parse("127.0.0.0/8").orElseThrow());

  private static final ClientTls TLS = ClientTls.system(Os.real().disk());

  private final ScriptedResolver resolver = new ScriptedResolver();
  private final List<InetSocketAddress> called = new ArrayList<>();

  private WebCall call(List<Cidr> allowed) {
    return new WebCall(
        new LonelyNetwork() {
          @Override
          public Connection connect(InetSocketAddress to, InetAddress from, Duration timeout)
              throws IOException {
            called.add(to);
            throw new IOException("nobody is there");
          }
        },
        resolver,
        allowed,
        "smime.revocation-networks",
        TLS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://127.0.0.1/",
        "http://10.1.2.3/",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.64.0.1/",
        "http://0.0.0.0/",
        "http://255.255.255.255/",
        "http://[::1]/",
        "http://[fe80::1]/",
        "http://[fd00::1]/",
        "http://[2002:7f00:1::]/",
        "http://[64:ff9b::7f00:1]/",
        "http://mixed.example/",
        "https://mixed.example/",
        "https://198.51.100.1:80/",
        "http://198.51.100.1:25/"
      })
  void noPlaceOfOursAndNoOtherPortIsCalledForAStranger(String place) {
    resolver.address("mixed.example", "198.51.100.1", "192.168.1.1");
    assertThatThrownBy(() -> call(List.of()).ask(URI.create(place), null, "", 1000, TIME))
        .hasMessageContaining("smime.revocation-networks");
    assertThat(called).isEmpty();
  }

  @Test
  void aHostOfTheInternetIsCalledAtTheAddressThatWasLookedAt() {
    resolver.address("ocsp.example", "2001:db8::7", "203.0.113.7");
    assertThatThrownBy(
            () -> call(List.of()).ask(URI.create("http://ocsp.example/a"), null, "", 1000, TIME))
        .hasMessage("http://ocsp.example/a: nobody is there");
    assertThatThrownBy(
            () -> call(OWN).ask(URI.create("http://127.0.0.1:8080/"), null, "", 1000, TIME))
        .hasMessageContaining("nobody is there");
    assertThat(called)
        .containsExactly(
            new InetSocketAddress("203.0.113.7", 80), new InetSocketAddress("127.0.0.1", 8080));
  }

  /// What is taken from a site that answers so.
  private byte[] answered(String answer) throws IOException {
    var os = Os.real();
    try (var acceptor = os.network().listen(new InetSocketAddress("127.0.0.1", 0), 1)) {
      os.tasks()
          .platform(
              "site",
              () -> {
                try (var connection = acceptor.accept()) {
                  connection.deadline(TIME);
                  connection.read(new byte[4096], 0, 4096);
                  connection.write(answer.getBytes(US_ASCII), 0, answer.length());
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      var place = URI.create("http://127.0.0.1:" + acceptor.local().getPort() + "/x");
      return new WebCall(os.network(), resolver, OWN, "", TLS).ask(place, null, "", 10, TIME);
    }
  }

  @Test
  void itsAnswerMayHaveALengthOrChunksOrJustEnd() throws IOException {
    String ok = "HTTP/1.1 200 OK\r\n";
    assertThat(answered(ok + "Content-Length: 3\r\n\r\nabc")).asString().isEqualTo("abc");
    assertThat(answered(ok + "\r\nabc")).asString().isEqualTo("abc");
    assertThat(answered(ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x\r\nc\r\n0\r\n\r\n"))
        .asString()
        .isEqualTo("abc");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\nab",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nab",
        "220 mail.example ESMTP\r\n",
        ""
      })
  void whatIsNoWholeAnswerIsNone(String answer) {
    assertThatThrownBy(() -> answered(answer)).isInstanceOf(IOException.class);
  }

  /// Who copies all that came at each octet never comes to an end.
  @Test
  void anAnswerThatComesOctetByOctetAndDoesNotSayHowLongItIsIsTaken() throws IOException {
    byte[][] packets = new byte[2_000_000][];
    Arrays.fill(packets, new byte[1]);
    packets[0] = "HTTP/1.1 200 OK\r\n\r\n".getBytes(US_ASCII);
    var slow =
        new LonelyNetwork() {
          @Override
          public Connection connect(InetSocketAddress to, InetAddress from, Duration timeout) {
            return ScriptedConnection.of(packets);
          }
        };
    var place = URI.create("http://127.0.0.1/");
    assertThat(new WebCall(slow, resolver, OWN, "", TLS).ask(place, null, "", 5_000_000, TIME))
        .hasSize(packets.length - 1);
  }

  @Test
  void anAnswerWithoutEndIsCutOff() {
    assertThatThrownBy(() -> answered("HTTP/1.1 200 OK\r\n\r\n" + "x".repeat(30_000)))
        .hasMessageContaining("larger than 10 octets");
  }
}
