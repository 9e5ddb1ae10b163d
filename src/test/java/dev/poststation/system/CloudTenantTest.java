package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.Ground;
import dev.poststation.admin.LiveRelay;
import dev.poststation.config.Configuration;
import dev.poststation.dns.Resolver;
import dev.poststation.os.FreePort;
import dev.poststation.os.Os;
import dev.poststation.policy.PeerSite;
import dev.poststation.sim.MemorySpool;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.spool.Spool;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// An entry that demands all that a server of Exchange Online can show, at once: its network, the
/// certificate of the service, our tenant, and a domain of ours. OpenSSL is the client, and a
/// balancer tells its address.
@Tag("peer")
final class CloudTenantTest {
  private static final String OURS = "0f3c2d9a-5b7e-4c1d-8a6f-2e9b4d7c1a05";
  private static final String OTHERS = "11111111-2222-3333-4444-555555555555";
  private static final String MICROSOFT = "40.107.9.9";

  private static Home home;
  private static LiveRelay relay;
  private static int port;

  @BeforeAll
  static void start() throws Exception {
    home = Home.create("cloud-tenant");
    OpenSsl.run(
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=ca.here.test",
        "-keyout",
        file("ca.key"),
        "-out",
        file("ca.pem"));
    issue("relay", "/CN=relay.test");
    issue("service", "/C=US/O=Microsoft Corporation/CN=mail.protection.outlook.com");
    issue("other", "/C=US/O=Somebody/CN=mail.else.example");
    port = FreePort.find();
    Files.createDirectory(home.path().resolve("data"));
    relay = new LiveRelay(home.path(), configuration(), new QuietGround());
  }

  private static String configuration() {
    return """
    certificates = [ { chain = "%s", key = "%s" } ]
    listeners.cloud { bind = "127.0.0.1:%d", tls = required, proxy-protocol = ["127.0.0.1"]
                      client-certificates = request }
    clients = [ { name = cloud, peer = microsoft365, tenant = "%s", senders = ["@example.com"], listeners = [cloud]
                  certificates = [ { subject = "CN=mail.protection.outlook.com,O=Microsoft Corporation,C=US", ca = "%s" } ] } ]
    """
        .formatted(file("relay.pem"), file("relay.key"), port, OURS, file("ca.pem"));
  }

  /// Nobody in the world is asked.
  private static final class QuietGround implements Ground {
    @Override
    public Resolver resolver(Configuration configuration, Os os) {
      return new ScriptedResolver();
    }

    @Override
    public Spool spool(Configuration configuration, Os os) {
      return new MemorySpool(os.time());
    }

    @Override
    public PeerSite peerSite(Resolver resolver, Os os) {
      return _ -> List.of("40.107.0.0/16");
    }
  }

  @AfterAll
  static void stop() throws Exception {
    relay.close();
    home.close();
  }

  private static String file(String name) {
    return home.path().resolve(name).toString();
  }

  private static void issue(String name, String subject) {
    OpenSsl.run(
        "req",
        "-new",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-subj",
        subject,
        "-keyout",
        file(name + ".key"),
        "-out",
        file(name + ".csr"));
    OpenSsl.run(
        "x509",
        "-req",
        "-in",
        file(name + ".csr"),
        "-CA",
        file("ca.pem"),
        "-CAkey",
        file("ca.key"),
        "-set_serial",
        "7",
        "-days",
        "2",
        "-out",
        file(name + ".pem"));
  }

  /// The replies to MAIL, RCPT and the content, of a client that comes from this address.
  private static String send(String from, String certificate, String sender, String tenant)
      throws IOException {
    String content = "X-MS-Exchange-CrossTenant-Id: " + tenant + "\r\nSubject: x\r\n\r\nHello\r\n";
    String dialogue =
        "EHLO mail.outbound.example\r\nMAIL FROM:<%s>\r\nRCPT TO:<bob@there.example>\r\nBDAT %d LAST\r\n%sQUIT\r\n"
            .formatted(sender, content.length(), content);
    try (var balancer = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> carry(balancer, from));
      List<String> command =
          new ArrayList<>(
              List.of(
                  Peers.program("openssl"),
                  "s_client",
                  "-starttls",
                  "smtp",
                  "-quiet",
                  "-connect",
                  "127.0.0.1:" + balancer.getLocalPort()));
      if (!certificate.isEmpty()) {
        command.addAll(
            List.of("-cert", file(certificate + ".pem"), "-key", file(certificate + ".key")));
      }
      return Program.run(command, Map.of(), dialogue.getBytes(StandardCharsets.US_ASCII));
    }
  }

  /// A balancer for one connection, which says whose it is.
  private static void carry(ServerSocket balancer, String from) {
    try (var client = balancer.accept();
        var server = new Socket(InetAddress.getLoopbackAddress(), port)) {
      server
          .getOutputStream()
          .write(
              ("PROXY TCP4 " + from + " 127.0.0.1 40000 25\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      var back = Thread.ofVirtual().start(() -> pass(server, client));
      pass(client, server);
      back.join();
    } catch (IOException | InterruptedException _) {
      // The client sees that nobody answers.
    }
  }

  private static void pass(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException _) {
      // One of them is gone.
    }
  }

  @Test
  void theServiceWithOurTenantAndOurDomainMaySend() throws Exception {
    assertThat(send(MICROSOFT, "service", "anna@example.com", OURS))
        .contains("250 2.1.0", "250 2.1.5", "250 2.0.0");
  }

  @Test
  void noneOfThemMayBeMissing() throws Exception {
    assertThat(send(MICROSOFT, "", "anna@example.com", OURS))
        .as("no certificate")
        .contains("554 5.7.1")
        .doesNotContain("250 2.1.5");
    assertThat(send(MICROSOFT, "other", "anna@example.com", OURS))
        .as("a certificate of somebody else")
        .contains("554 5.7.1")
        .doesNotContain("250 2.1.5");
    assertThat(send("203.0.113.9", "service", "anna@example.com", OURS))
        .as("another network")
        .contains("554 5.7.1")
        .doesNotContain("250 2.1.5");
    assertThat(send(MICROSOFT, "service", "eve@else.example", OURS))
        .as("a domain that is not ours")
        .contains("550 5.7.1")
        .doesNotContain("250 2.1.5");
    assertThat(send(MICROSOFT, "service", "anna@example.com", OTHERS))
        .as("another tenant")
        .contains("250 2.1.5", "550 5.7.1 This mail is not of the tenant that may send here");
  }
}
