package dev.poststation.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.os.Os;
import dev.poststation.os.TlsFacts;
import dev.poststation.sim.SimTime;
import dev.poststation.smtp.Command;
import dev.poststation.smtp.Command.Attribute;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClientTest {
  private static TlsFacts withCertificate() throws Exception {
    byte[] pem = Files.readAllBytes(Path.of("src/test/resources/tls/relay.pem"));
    var certificate =
        (X509Certificate)
            CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem));
    return new TlsFacts("TLSv1.3", "TLS_AES_256_GCM_SHA384", null, List.of(certificate), true);
  }

  @Test
  void theCertificateOfAProxyIsNotThatOfTheClientItSpeaksFor() throws Exception {
    var proxy = InetAddress.getByName("192.0.2.10");
    var relay = new Relay(Os.real().time());
    var client =
        new Client(
            Peer.direct(new InetSocketAddress(proxy, 40_000)),
            new InetSocketAddress(25),
            relay::current,
            Os.real().time());
    client.secured(withCertificate());
    assertThat(client.known().certificate()).startsWith("sha256:");
    assertThat(client.certificates()).hasSize(1);

    client.announced(new Announced(proxy, true, Map.of(Attribute.ADDR, "198.51.100.7")));
    assertThat(client.known().address().getHostAddress()).isEqualTo("198.51.100.7");
    assertThat(client.known().certificate()).isNull();
    assertThat(client.known().tls().peerChain()).isEmpty();
    assertThat(client.known().tls().peerVerified()).isFalse();
    assertThat(client.certificates()).isEmpty();
    assertThat(client.tls().peerChain()).as("what the trace says").hasSize(1);
  }

  @Test
  void aDecisionHoldsForASecondAndIsMadeAnewForAMailThatComesLater() throws Exception {
    var midnight = LocalDate.of(2026, 6, 2).atStartOfDay(ZoneId.systemDefault()).toInstant();
    var time = new SimTime(midnight.minusMillis(500));
    var relay = new Relay(time);
    relay.set("conditions", "networks = [\"192.0.2.0/24\"], expires = \"2026-06-01\"");
    relay.reload();
    var address = InetAddress.getByName("192.0.2.10");
    var client =
        new Client(
            Peer.direct(new InetSocketAddress(address, 40_000)),
            new InetSocketAddress(25),
            relay::current,
            time);
    assertThat(client.ruleName()).isEqualTo("lan");
    time.advance(Duration.ofMillis(900));
    client.decideAnew();
    assertThat(client.ruleName()).isEqualTo("lan");
    time.advance(Duration.ofMillis(200));
    client.decideAnew();
    assertThat(client.ruleName()).isEqualTo("-");
  }

  /// The size of mail that EHLO tells goes by it.
  @Test
  void aRefusalIsDecidedAnewAtEhlo() throws Exception {
    var time = new SimTime();
    var relay = new Relay(time);
    relay.set("conditions", "host = \"branch.dyn.test\"");
    relay.resolver.fail("branch.dyn.test", "SERVFAIL");
    relay.reload();
    var address = InetAddress.getByName("192.0.2.10");
    var client =
        new Client(
            Peer.direct(new InetSocketAddress(address, 40_000)),
            new InetSocketAddress(25),
            relay::current,
            time);
    client.hello(new Command.Hello(true, "branch.example"));
    assertThat(client.ruleName()).isEqualTo("-");
    relay.resolver.forget("branch.dyn.test").address("branch.dyn.test", "192.0.2.10");
    time.advance(Duration.ofMinutes(1));
    client.hello(new Command.Hello(true, "branch.example"));
    assertThat(client.ruleName()).isEqualTo("lan");
  }

  /// It may be the DNS that has not told yet where the client is.
  @Test
  void whetherAPasswordMayBeSaidInClearIsDecidedAnewAtEhlo() throws Exception {
    var time = new SimTime();
    var relay = new Relay(time);
    relay.set("conditions", "host = \"branch.dyn.test\"");
    relay.set("tolerate", "clear-text-password");
    relay.resolver.fail("branch.dyn.test", "SERVFAIL");
    relay.reload();
    var address = InetAddress.getByName("192.0.2.10");
    var client =
        new Client(
            Peer.direct(new InetSocketAddress(address, 40_000)),
            new InetSocketAddress(25),
            relay::current,
            time);
    client.hello(new Command.Hello(true, "branch.example"));
    assertThat(client.clearText()).isNull();
    relay.resolver.forget("branch.dyn.test").address("branch.dyn.test", "192.0.2.10");
    time.advance(Duration.ofMinutes(1));
    client.hello(new Command.Hello(true, "branch.example"));
    assertThat(client.clearText()).isNotNull();
  }
}
