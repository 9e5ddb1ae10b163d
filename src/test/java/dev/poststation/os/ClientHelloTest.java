package dev.poststation.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.TrustManagerFactory;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A client's own way of saying hello, told from others.
class ClientHelloTest {
  private static SSLEngine client() throws Exception {
    var engine = SSLContext.getDefault().createSSLEngine();
    engine.setUseClientMode(true);
    return engine;
  }

  private static byte[] hello(SSLEngine engine) throws Exception {
    var out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    engine.wrap(ByteBuffer.allocate(0), out);
    return Arrays.copyOf(out.array(), out.position());
  }

  @Test
  void aLibraryAlwaysSaysTheSame() throws Exception {
    String first = ClientHello.fingerprint(hello(client()));
    assertThat(first).matches("t13i[0-9]{4}00_[0-9a-f]{12}_[0-9a-f]{12}");
    assertThat(ClientHello.fingerprint(hello(client()))).isEqualTo(first);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
  void aSessionThatIsTakenUpAgainBeginsAsAnyOther(String protocol) throws Exception {
    var server = context();
    var client = context();
    var first = handshake(client, server, protocol);
    var second = handshake(client, server, protocol);
    assertThat(second.begun).as("it is the same session").isEqualTo(first.begun);
    assertThat(second.hello.length).isNotEqualTo(first.hello.length);
    assertThat(ClientHello.fingerprint(second.hello))
        .isEqualTo(ClientHello.fingerprint(first.hello));
  }

  /// @param begun when its session was
  private record Shaken(byte[] hello, long begun) {}

  private static SSLContext context() throws Exception {
    var keys = KeyStore.getInstance("PKCS12");
    char[] password = "changeit".toCharArray();
    try (var in = Files.newInputStream(Path.of("src/test/resources/tls/nexthop.p12"))) {
      keys.load(in, password);
    }
    var managers = KeyManagerFactory.getInstance("PKIX");
    managers.init(keys, password);
    var trusted = TrustManagerFactory.getInstance("PKIX");
    var authority = KeyStore.getInstance("PKCS12");
    authority.load(null, null);
    authority.setCertificateEntry("a", keys.getCertificate(keys.aliases().nextElement()));
    trusted.init(authority);
    var context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), trusted.getTrustManagers(), null);
    return context;
  }

  /// A whole handshake in memory, and an octet in both directions, behind which tickets come.
  private static Shaken handshake(SSLContext ours, SSLContext theirs, String protocol)
      throws Exception {
    var client = ours.createSSLEngine("relay.test", 25);
    client.setUseClientMode(true);
    client.setEnabledProtocols(new String[] {protocol});
    var server = theirs.createSSLEngine();
    server.setUseClientMode(false);
    client.beginHandshake();
    server.beginHandshake();
    var hello = new byte[0];
    var nothing = ByteBuffer.allocate(0);
    var under = Map.of(client, ByteBuffer.allocate(99_000), server, ByteBuffer.allocate(99_000));
    for (int i = 0; i < 20; i++) {
      for (var from : List.of(client, server)) {
        var record = under.get(from);
        while (from.getHandshakeStatus() == HandshakeStatus.NEED_WRAP
            && from.wrap(nothing, record).bytesProduced() > 0) {
          hello = hello.length == 0 ? written(record) : hello;
        }
        var to = from.equals(client) ? server : client;
        record.flip();
        while (record.hasRemaining()
            && to.unwrap(record, ByteBuffer.allocate(40_000)).bytesConsumed() > 0) {
          for (Runnable task; (task = to.getDelegatedTask()) != null; ) {
            task.run();
          }
        }
        record.compact();
      }
    }
    return new Shaken(hello, client.getSession().getCreationTime());
  }

  private static byte[] written(ByteBuffer record) {
    byte[] octets = new byte[record.position()];
    record.get(0, octets);
    return octets;
  }

  @Test
  void otherChoicesAreSeen() throws Exception {
    var engine = client();
    var parameters = engine.getSSLParameters();
    parameters.setProtocols(new String[] {"TLSv1.2"});
    parameters.setServerNames(List.of(new SNIHostName("relay.example.com")));
    parameters.setApplicationProtocols(new String[] {"smtp"});
    engine.setSSLParameters(parameters);
    assertThat(ClientHello.fingerprint(hello(engine))).matches("t12d[0-9]{4}sp_.*");
  }

  /// Version 1.2, two ciphers with GREASE between them, extensions: GREASE, server name, padding,
  /// supported versions with GREASE and 1.3, signature algorithms.
  @Test
  void whatIsRandomIsLeftOut() {
    String ciphers = "0006" + "c02f" + "1a1a" + "1301";
    String names = "0000" + "0004" + "00020000";
    String versions = "002b" + "0007" + "06" + "2a2a" + "0304" + "0303";
    String algorithms = "000d" + "0006" + "0004" + "0403" + "0804";
    String padding = "0015" + "0002" + "0000";
    String grease = "4a4a" + "0000";
    String one = record(ciphers, grease + names + padding + versions + algorithms);
    String other =
        record("0004" + "1301" + "c02f", algorithms + names + versions.replace("2a2a", "fafa"));
    String print = ClientHello.fingerprint(HexFormat.of().parseHex(one));
    assertThat(print).startsWith("t13d020300_");
    assertThat(ClientHello.fingerprint(HexFormat.of().parseHex(other))).isEqualTo(print);
  }

  private static String record(String ciphers, String extensions) {
    String body =
        "0303" + "00".repeat(32) + "00" + ciphers + "0100" + length(extensions, 4) + extensions;
    String message = "01" + length(body, 6) + body;
    return "160301" + length(message, 4) + message;
  }

  private static String length(String hex, int digits) {
    return ("%0" + digits + "x").formatted(hex.length() / 2);
  }

  @Property(tries = 500)
  void whateverComesHasAFingerprintOrNone(@ForAll byte[] octets) {
    ClientHello.fingerprint(octets);
    byte[] record = Arrays.copyOf(octets, Math.max(octets.length, 6));
    record[0] = 22;
    record[5] = 1;
    ClientHello.fingerprint(record);
  }

  @Property(tries = 500)
  void aHelloThatIsDamagedOrBreaksOffDoesNoHarm(
      @ForAll @IntRange(min = 0, max = 600) int at, @ForAll byte octet) throws Exception {
    byte[] whole = hello(client());
    assertThat(ClientHello.fingerprint(Arrays.copyOf(whole, Math.min(at, whole.length - 1))))
        .isNull();
    whole[at % whole.length] = octet;
    ClientHello.fingerprint(whole);
  }
}
