package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Configuration;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.delivery.Dialer;
import dev.poststation.delivery.Opening;
import dev.poststation.os.Os;
import dev.poststation.route.Destination;
import dev.poststation.route.NextHop;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.tls.ClientTls;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A real Postfix behind real proxies, which listen at 127.0.0.2.
@Tag("peer")
final class ProxiesAtPeersTest {
  private static final Os OS = Os.real();
  private static Home home;
  private static PostfixPeer postfix;
  private static Program open;
  private static Program closed;
  private static Program http;
  private static int openPort;
  private static int closedPort;
  private static int httpPort;

  @BeforeAll
  static void start() {
    home = Home.create("proxies");
    postfix = PostfixPeer.start();
    openPort = Port.free();
    closedPort = Port.free();
    httpPort = Port.free();
    open = socks(openPort);
    closed = socks(closedPort, "-u", "relay", "-P", "s3cret");
    var file =
        home.write(
            "tinyproxy.conf",
            """
            Listen 127.0.0.2
            Port @PORT@
            BasicAuth relay s3cret
            ConnectPort @HOP@
            LogLevel Error
            """,
            Map.of("PORT", "" + httpPort, "HOP", "" + postfix.port()));
    http = Program.start(List.of(Peers.program("tinyproxy"), "-d", "-c", file.toString()));
    await(http, httpPort);
    Until.holds(
        "Postfix talks without a proxy",
        Duration.ofSeconds(30),
        () -> dial(postfix.port(), "") instanceof Opening.Opened);
  }

  private static Program socks(int port, String... login) {
    List<String> command =
        new ArrayList<>(List.of(Peers.program("microsocks"), "-i", "127.0.0.2", "-p", "" + port));
    command.addAll(List.of(login));
    var program = Program.start(command);
    await(program, port);
    return program;
  }

  private static void await(Program program, int port) {
    Until.holds(
        "a proxy on port " + port,
        Duration.ofSeconds(30),
        () -> {
          assertThat(program.isAlive()).as(program.output()).isTrue();
          try (var socket = new Socket("127.0.0.2", port)) {
            return socket.isConnected();
          } catch (IOException _) {
            return false;
          }
        });
  }

  @AfterAll
  static void stop() {
    http.close();
    closed.close();
    open.close();
    postfix.close();
    home.close();
  }

  private static Path password(String text) {
    Path file = home.write("password-" + text, text, Map.of());
    try {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return file;
  }

  private static Configuration configuration(int port, String keys) {
    String text =
        """
        hostname = "relay.here.test"
        clients = [ { name = local, networks = ["127.0.0.1"] } ]
        connectors { next { hosts = ["127.0.0.1:%d"], tls-name = "localhost", %s } }
        routes = [ { via = [next] } ]
        """
            .formatted(port, keys);
    return switch (new Loader(OS, Map.of()).parse(text, Path.of("test.conf"))) {
      case Loaded.Good good -> good.configuration();
      case Loaded.Bad bad -> throw new AssertionError(bad.problems().toString());
    };
  }

  private static X509Certificate trusted() {
    try (var in = new FileInputStream(postfix.certificate().toFile())) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    } catch (IOException | CertificateException e) {
      throw new AssertionError(e);
    }
  }

  private static Opening dial(int port, String keys) {
    var configuration = configuration(port, keys);
    var dialer =
        new Dialer(
            OS,
            new ScriptedResolver(),
            ClientTls.trusting(List.of(trusted())),
            "relay.here.test",
            configuration::limits);
    var connector = configuration.connectors().get("next");
    return dialer.open(
        new Destination("next", connector, List.of(new NextHop("127.0.0.1", port, false))));
  }

  private static String opened(String keys) {
    var opening = dial(postfix.port(), keys);
    assertThat(opening).as(() -> opening + "\n" + postfix.log()).isInstanceOf(Opening.Opened.class);
    ((Opening.Opened) opening).conversation().close();
    return String.join("\n", ((Opening.Opened) opening).dialogue());
  }

  private static Opening.Failed failed(int port, String keys) {
    var opening = dial(port, keys);
    assertThat(opening).as(opening.toString()).isInstanceOf(Opening.Failed.class);
    return (Opening.Failed) opening;
  }

  private static String login(String scheme, int port, String password) {
    return "proxy = \"%s://relay@127.0.0.2:%d\", proxy-password = \"file:%s\", "
        .formatted(scheme, port, password(password));
  }

  @Test
  void tlsIsVerifiedThroughEachProxyAndTheNameIsTheNextHops() {
    String free = "proxy = \"socks5://127.0.0.2:" + openPort + "\", ";
    for (String way :
        List.of(free, login("socks5", closedPort, "s3cret"), login("http", httpPort, "s3cret"))) {
      assertThat(opened(way + "tls = verify"))
          .contains("through proxy ", "encrypted with TLSv1.3", "certificate verified");
    }
    String pin = OpenSsl.fingerprint(postfix.certificate());
    assertThat(opened(free + "tls = pinned, pin = [\"" + pin + "\"]"))
        .contains("the certificate is as demanded");
  }

  @Test
  void aLoginThatIsRefusedIsTheProxysTrouble() {
    for (String way :
        List.of(
            login("socks5", closedPort, "wrong"),
            login("http", httpPort, "wrong"),
            "proxy = \"socks5://127.0.0.2:" + closedPort + "\", ",
            "proxy = \"http://127.0.0.2:" + httpPort + "\", ")) {
      var failed = failed(postfix.port(), way);
      assertThat(failed.outcome().status()).hasToString("4.4.1");
      assertThat(failed.outcome().text())
          .containsPattern("of connector next (refuses user relay|lets nobody in without a login)");
      assertThat(failed.refusals()).isEmpty();
    }
  }

  @Test
  void aHostThatTheProxyCannotReachIsTheHosts() {
    int nobody = Port.free();
    var socks = failed(nobody, "proxy = \"socks5://127.0.0.2:" + openPort + "\"");
    assertThat(socks.outcome().text()).contains("connect to 127.0.0.1[", ": connection refused");
    assertThat(socks.refusals()).hasSize(1);
    var refused = failed(nobody, login("http", httpPort, "s3cret"));
    assertThat(refused.outcome().text()).contains("connect to 127.0.0.1[", ": 403 ");
    assertThat(refused.refusals()).hasSize(1);
  }
}
