package dev.poststation.delivery;

import static dev.poststation.delivery.Play.brief;
import static dev.poststation.delivery.Play.failed;
import static dev.poststation.delivery.Play.opened;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Connector;
import dev.poststation.dns.Resolver;
import dev.poststation.os.Os;
import dev.poststation.route.Destination;
import dev.poststation.route.NextHop;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.sim.Sink;
import dev.poststation.tls.ClientTls;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The same over real sockets and real TLS.
@Timeout(60)
class SocketTest {
  private static final Os OS = Os.real();
  private static final KeyStore KEYS = keys();

  private final Resolver resolver =
      new ScriptedResolver()
          .address("mx.example", "127.0.0.1")
          .address("other.example", "127.0.0.1");
  private final Sample.Via via = new Sample.Via();
  private ClientTls clientTls = ClientTls.trusting(List.of(certificate()));

  private static KeyStore keys() {
    try (InputStream in = SocketTest.class.getResourceAsStream("/tls/nexthop.p12")) {
      var store = KeyStore.getInstance("PKCS12");
      store.load(in, "changeit".toCharArray());
      return store;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static Certificate certificate() {
    try {
      return KEYS.getCertificate("nexthop");
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static SSLContext serverTls() {
    try {
      var factory = KeyManagerFactory.getInstance("PKIX");
      factory.init(KEYS, "changeit".toCharArray());
      var context = SSLContext.getInstance("TLS");
      context.init(factory.getKeyManagers(), null, null);
      return context;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private Opening dial(String host, int port, boolean implicitTls) {
    var dialer = new Dialer(OS, resolver, clientTls, "relay.example", () -> Sample.LIMITS);
    return dialer.open(
        new Destination("d", via.connector(), List.of(new NextHop(host, port, implicitTls))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "PIPELINING",
        "CHUNKING",
        "PIPELINING,CHUNKING",
        "PIPELINING,SIZE 0,8BITMIME,DSN"
      })
  void mailsOfAllSizesArriveWhole(String extensions) throws IOException {
    via.tls = Connector.Tls.OPPORTUNISTIC;
    for (SSLContext tls : Arrays.asList(null, serverTls())) {
      try (var sink = new Sink(OS, List.of(extensions.split(",")), tls, false, true);
          var conversation = opened(dial("mx.example", sink.port(), false))) {
        var random = new Random(42);
        for (int size : new int[] {10, 5_000, 40_000, 70_000, 500_000, 3_000_000}) {
          byte[] content = content(random, size);
          var letter = new Sample.Letter().content(content).to("a@x.example", "b@x.example");
          letter.chunkSize = 1 + random.nextInt(100_000);
          var result = conversation.send(letter.order());
          assertThat(brief(result)).containsExactly("Delivered 2.0.0", "Delivered 2.0.0");
          byte[] expected =
              (Sample.TRACE + new String(content, StandardCharsets.ISO_8859_1))
                  .getBytes(StandardCharsets.ISO_8859_1);
          assertThat(Arrays.equals(sink.contents().getLast(), expected))
              .as("size %d", size)
              .isTrue();
        }
        assertThat(conversation.tls() != null).isEqualTo(tls != null);
        assertThat(conversation.stale()).isFalse();
      }
    }
  }

  private static byte[] content(Random random, int size) {
    byte[] content = new byte[size];
    for (int i = 0; i < size; i++) {
      content[i] = (byte) (random.nextInt(5) == 0 ? '.' : 'a' + random.nextInt(26));
    }
    for (int i = 1; i < size; i += 2 + random.nextInt(100)) {
      content[i - 1] = '\r';
      content[i] = '\n';
    }
    content[size - 2] = '\r';
    content[size - 1] = '\n';
    // No line may be longer than 998.
    return content;
  }

  @ParameterizedTest
  @CsvSource({
    // tls, host, trusted, result
    "OPPORTUNISTIC, mx.example, false, Opened",
    "REQUIRED, mx.example, false, Opened",
    "REQUIRED, other.example, false, Opened",
    "VERIFY, mx.example, true, Opened",
    "VERIFY, 127.0.0.1, true, Opened",
    "VERIFY, mx.example, false, Deferred TLS 4.7.5",
    "VERIFY, other.example, true, Deferred TLS 4.7.5",
  })
  void certificatesAreLookedAtWhereTheyShallBe(
      Connector.Tls tls, String host, boolean trusted, String expected) throws IOException {
    via.tls = tls;
    clientTls = trusted ? clientTls : ClientTls.system(OS.disk());
    for (boolean implicit : new boolean[] {false, true}) {
      try (var sink = new Sink(OS, List.of(), serverTls(), implicit, true)) {
        var opening = dial(host, sink.port(), implicit);
        if (expected.equals("Opened")) {
          try (var conversation = opened(opening)) {
            assertThat(conversation.tls().protocol()).isEqualTo("TLSv1.3");
            assertThat(brief(conversation.send(new Sample.Letter().order())))
                .containsExactly("Delivered 2.0.0");
          }
        } else {
          var outcome = failed(opening).outcome();
          assertThat(brief(outcome)).isEqualTo(expected);
          assertThat(outcome.text())
              .contains(trusted ? "other.example" : "update-ca-certificates")
              .doesNotContain("sun.", "PKIX");
        }
      }
    }
  }

  @Test
  void aHostThatCannotDoTlsIsServedInClear() throws IOException {
    via.tls = Connector.Tls.OPPORTUNISTIC;
    // It offers STARTTLS, but speaks on in clear.
    try (var sink = new Sink(OS, List.of("STARTTLS"), null, false, true)) {
      var opening = dial("mx.example", sink.port(), false);
      try (var conversation = opened(opening)) {
        assertThat(conversation.tls()).isNull();
        assertThat(((Opening.Opened) opening).dialogue())
            .contains("* TLS failed: once more in clear (RFC 7435)");
        assertThat(brief(conversation.send(new Sample.Letter().order())))
            .containsExactly("Delivered 2.0.0");
      }
    }
  }

  /// With opportunistic TLS it goes on in clear on a new connection: StartTlsTest.
  @Test
  void repliesInjectedBehindStarttlsAreNoticed() throws Exception {
    via.tls = Connector.Tls.REQUIRED;
    try (var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      OS.tasks().virtual("injector", () -> inject(server));
      var failed = failed(dial("mx.example", server.getLocalPort(), false));
      assertThat(failed.outcome().text()).contains("an injection");
    }
  }

  private static void inject(ServerSocket server) {
    try (Socket socket = server.accept()) {
      var out = socket.getOutputStream();
      var in = socket.getInputStream();
      out.write("220 hi\r\n".getBytes(StandardCharsets.US_ASCII));
      in.read(new byte[1000]);
      out.write("250-hi\r\n250 STARTTLS\r\n".getBytes(StandardCharsets.US_ASCII));
      in.read(new byte[1000]);
      out.write("220 go\r\n250-evil\r\n250 AUTH PLAIN\r\n".getBytes(StandardCharsets.US_ASCII));
      in.read(new byte[1000]);
    } catch (IOException _) {
      // As it may be.
    }
  }

  @Test
  void aNextHopThatIsSilentTimesOut() throws IOException {
    via.timeouts = timeouts(Duration.ofMillis(300));
    try (var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      var failed = failed(dial("mx.example", server.getLocalPort(), false));
      assertThat(brief(failed.outcome())).isEqualTo("Deferred GREETING 4.4.2");
      assertThat(failed.outcome().text()).contains("timed out while waiting for the greeting");
    }
  }

  @Test
  void aNextHopThatDoesNotReadTimesOut() throws Exception {
    var some = Duration.ofSeconds(20);
    var few = Duration.ofMillis(500);
    via.timeouts = new Connector.Timeouts(some, some, some, some, some, some, few, few, few);
    var large = new Sample.Letter().content(content(new Random(1), 20_000_000)).order();
    try (var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      var stuck = new CountDownLatch(1);
      OS.tasks().virtual("stuck", () -> stick(server, stuck));
      try (var conversation = opened(dial("mx.example", server.getLocalPort(), false))) {
        var result = conversation.send(large);
        assertThat(brief(result)).containsExactly("Deferred CONTENT 4.4.2");
        assertThat(result.reusable()).isFalse();
      }
    }
  }

  /// Takes a mail up to DATA and then neither reads nor writes.
  private static void stick(ServerSocket server, CountDownLatch stuck) {
    try {
      Socket socket = server.accept();
      var out = socket.getOutputStream();
      for (String reply : List.of("220 hi", "250 hi", "250 ok", "250 ok", "354 go")) {
        out.write((reply + "\r\n").getBytes(StandardCharsets.US_ASCII));
        if (!reply.startsWith("354")) {
          socket.getInputStream().read(new byte[1000]);
        }
      }
      stuck.countDown();
    } catch (IOException _) {
      // As it may be.
    }
  }

  private static Connector.Timeouts timeouts(Duration each) {
    return new Connector.Timeouts(each, each, each, each, each, each, each, each, each);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "PIPELINING", "PIPELINING,CHUNKING"})
  void aNextHopThatWentWhileIdleBurnsNoAttempt(String extensions) throws Exception {
    wentWhileIdle(List.of(extensions.split(",")), null);
    via.tls = Connector.Tls.OPPORTUNISTIC;
    wentWhileIdle(List.of(extensions.split(",")), serverTls());
  }

  private void wentWhileIdle(List<String> extensions, SSLContext tls) throws IOException {
    var sink = new Sink(OS, extensions, tls, false, true);
    try (var conversation = opened(dial("mx.example", sink.port(), false))) {
      assertThat(conversation.tls() != null).isEqualTo(tls != null);
      assertThat(brief(conversation.send(new Sample.Letter().order())))
          .containsExactly("Delivered 2.0.0");
      sink.close();
      var result = conversation.send(new Sample.Letter().order());
      // With BDAT all of the mail goes out at once: who did not ask whether the connection is stale
      // does not know what became of it.
      assertThat(brief(result))
          .containsExactly(extensions.contains("CHUNKING") ? "Deferred END 4.4.2" : "-");
      assertThat(result.reusable()).isFalse();
    }
  }

  @Test
  void nobodyListensIsToldInOneSentence() throws IOException {
    int port;
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = server.getLocalPort();
    }
    var failed = failed(dial("mx.example", port, false));
    assertThat(failed.outcome().text())
        .isEqualTo("connect to mx.example[127.0.0.1]:" + port + ": Connection refused");
  }

  @Test
  void closingFromAnotherThreadEndsAMailThatIsStuck() throws Exception {
    var large = new Sample.Letter().content(content(new Random(1), 20_000_000)).order();
    try (var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      var stuck = new CountDownLatch(1);
      OS.tasks().virtual("stuck", () -> stick(server, stuck));
      var conversation = opened(dial("mx.example", server.getLocalPort(), false));
      var closer = OS.tasks().virtual("closer", () -> closeWhen(stuck, conversation));
      var result = conversation.send(large);
      assertThat(brief(result)).first().asString().matches("Deferred (DATA|CONTENT) 4.4.2");
      closer.join();
    }
  }

  private static void closeWhen(CountDownLatch stuck, Conversation conversation) {
    try {
      stuck.await();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    conversation.close();
  }
}
