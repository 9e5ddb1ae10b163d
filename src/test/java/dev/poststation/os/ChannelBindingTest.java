package dev.poststation.os;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.CertificateFiles;
import dev.poststation.config.ClientCertificates;
import dev.poststation.config.Origin;
import dev.poststation.tls.Certificates;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What both ends of a TLS connection have in common, over real sockets.
@Timeout(60)
class ChannelBindingTest {
  private static final Os OS = Os.real();
  private static final Duration SOON = Duration.ofSeconds(20);

  private static final ClientCertificates ASKED =
      new ClientCertificates(true, Optional.of(Path.of("src/test/resources/tls/authority.pem")));

  private record Ends(Connection client, Connection server) {}

  private static Ends shakeHands(String protocol) throws Exception {
    return shakeHands(protocol, null);
  }

  /// @param shown the keys of the certificate that the client shows; null: none
  private static Ends shakeHands(String protocol, KeyManager @Nullable [] shown) throws Exception {
    var files =
        new CertificateFiles(
            Path.of("src/test/resources/tls/relay.pem"),
            Path.of("src/test/resources/tls/relay.key"),
            new Origin("test.conf:2"));
    var keys =
        Certificates.load(List.of(files), OS.disk(), OS.time()).serverStart(ASKED).orElseThrow();
    var loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    var acceptor = OS.network().listen(loopback, 5);
    var accepting =
        new FutureTask<>(
            () -> {
              var server = acceptor.accept();
              server.deadline(SOON);
              server.startTls(keys);
              return server;
            });
    Thread.ofVirtual().start(accepting);
    var client = OS.network().connect(acceptor.local(), null, SOON);
    client.deadline(SOON);
    assertThat(client.binding(Binding.EXPORTER)).isNull();
    client.startTls(new TlsStart(trusting(shown), false, null, false, List.of(protocol)));
    var server = accepting.get(20, TimeUnit.SECONDS);
    acceptor.close();
    return new Ends(client, server);
  }

  private static SSLContext trusting(KeyManager @Nullable [] shown) throws Exception {
    var anybody =
        new X509TrustManager() {
          @Override
          public void checkClientTrusted(X509Certificate[] chain, String type) {}

          @Override
          public void checkServerTrusted(X509Certificate[] chain, String type) {}

          @Override
          public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
          }
        };
    var context = SSLContext.getInstance("TLS");
    context.init(shown, new TrustManager[] {anybody}, null);
    return context;
  }

  @Test
  void bothEndsExportTheSameAndOtherConnectionsSomethingElse() throws Exception {
    var one = shakeHands("TLSv1.3");
    var other = shakeHands("TLSv1.3");
    byte[] exported = one.server.binding(Binding.EXPORTER);
    assertThat(exported).hasSize(32).isEqualTo(one.client.binding(Binding.EXPORTER));
    assertThat(exported).isEqualTo(one.server.binding(Binding.EXPORTER));
    assertThat(exported).isNotEqualTo(other.server.binding(Binding.EXPORTER));
    one.client.close();
    other.client.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void theServersCertificateIsHashed(String protocol) throws Exception {
    var ends = shakeHands(protocol);
    byte[] certificate = ends.client.tls().peerChain().getFirst().getEncoded();
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(certificate);
    assertThat(HexFormat.of().formatHex(ends.server.binding(Binding.SERVER_END_POINT)))
        .isEqualTo(HexFormat.of().formatHex(hash));
    assertThat(ends.client.binding(Binding.SERVER_END_POINT)).isEqualTo(hash);
    ends.client.close();
  }

  /// As with `mechanism = scram-sha-256-plus` and `certificate` at the same connector.
  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void itIsTheServersCertificateAlsoWhereTheClientShowsItsOwn(String protocol) throws Exception {
    var store =
        KeyStore.getInstance(
            Path.of("src/test/resources/tls/nexthop-issued.p12").toFile(),
            "changeit".toCharArray());
    var factory = KeyManagerFactory.getInstance("PKIX");
    factory.init(store, "changeit".toCharArray());
    var ends = shakeHands(protocol, factory.getKeyManagers());
    assertThat(ends.server.tls().peerChain()).isNotEmpty();
    byte[] certificate = ends.client.tls().peerChain().getFirst().getEncoded();
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(certificate);
    assertThat(ends.client.binding(Binding.SERVER_END_POINT)).isEqualTo(hash);
    assertThat(ends.server.binding(Binding.SERVER_END_POINT)).isEqualTo(hash);
    ends.client.close();
  }

  /// RFC 9266 4: there it depends on an extension.
  @Test
  void nothingIsExportedBeforeTls13() throws Exception {
    var ends = shakeHands("TLSv1.2");
    assertThat(ends.server.binding(Binding.EXPORTER)).isNull();
    ends.client.close();
  }
}
