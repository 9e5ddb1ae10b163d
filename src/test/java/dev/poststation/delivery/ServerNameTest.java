package dev.poststation.delivery;

import static dev.poststation.delivery.Play.opened;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Connector;
import dev.poststation.config.TlsTerms;
import dev.poststation.dns.Tlsa;
import dev.poststation.os.Os;
import dev.poststation.route.Assurance;
import dev.poststation.route.Destination;
import dev.poststation.route.NextHop;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.sim.Sink;
import dev.poststation.tls.ClientTls;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The name that a next hop is asked for (SNI, RFC 6066 3), as its end of real TLS sees it.
@Timeout(60)
class ServerNameTest {
  private static final Os OS = Os.real();
  private static final String KEYS = "nexthop-issued.p12";
  private static final String SOURCE = "tls of connector provider";

  private final ScriptedResolver resolver =
      new ScriptedResolver()
          .address("mx.example", "127.0.0.1")
          .address("exchange", "127.0.0.1")
          .alias("alias.example", "mx.example");
  private final Sample.Via via = new Sample.Via();
  private Assurance assurance = new Assurance(false, Connector.Tls.REQUIRED, SOURCE, List.of());
  private String tlsaAt = "";

  private static KeyStore store() throws IOException, GeneralSecurityException {
    try (InputStream in = Files.newInputStream(Path.of("src/test/resources/tls", KEYS))) {
      var store = KeyStore.getInstance("PKCS12");
      store.load(in, "changeit".toCharArray());
      return store;
    }
  }

  private static SSLContext keys() throws IOException, GeneralSecurityException {
    var factory = KeyManagerFactory.getInstance("PKIX");
    factory.init(store(), "changeit".toCharArray());
    var context = SSLContext.getInstance("TLS");
    context.init(factory.getKeyManagers(), null, null);
    return context;
  }

  /// What the DNS says of the certificate that is shown.
  private static Tlsa record() throws IOException, GeneralSecurityException {
    var store = store();
    byte[] shown = store.getCertificate(store.aliases().nextElement()).getEncoded();
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(shown);
    return new Tlsa(3, 0, 1, HexFormat.of().formatHex(hash));
  }

  private static TlsTerms terms(Connector.Tls level, String name) {
    return new TlsTerms(level, List.of(), TlsTerms.PROTOCOLS, name, null, SOURCE, true);
  }

  /// The names that the host was asked for in one session.
  private List<String> asked(String host, TlsTerms terms, boolean implicitTls) throws Exception {
    via.terms = terms;
    try (var sink = new Sink(OS, List.of(), keys(), implicitTls, false)) {
      if (!tlsaAt.isEmpty()) {
        resolver.tlsa("_" + sink.port() + "._tcp." + tlsaAt, record());
        resolver.secure("_" + sink.port() + "._tcp." + tlsaAt);
      }
      var hop = new NextHop(host, sink.port(), implicitTls, 0, 1, assurance);
      var authorities = ClientTls.trusting(List.of());
      var dialer = new Dialer(OS, resolver, authorities, "relay.example", () -> Sample.LIMITS);
      var opening = dialer.open(new Destination("d", via.connector(), List.of(hop)));
      try (var conversation = opened(opening)) {
        assertThat(conversation.tls()).isNotNull();
      }
      return sink.requestedNames();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aHostIsAskedForByItsName(boolean implicitTls) throws Exception {
    var required = terms(Connector.Tls.REQUIRED, null);
    assertThat(asked("mx.example", required, implicitTls)).containsExactly("mx.example");
    // Of itself the JDK sends no name without a dot.
    assertThat(asked("exchange", required, implicitTls)).containsExactly("exchange");
  }

  @ParameterizedTest
  @EnumSource(
      value = Connector.Tls.class,
      names = {"OPPORTUNISTIC", "REQUIRED"})
  void tlsNameComesBeforeTheNameOfTheHostAndServesAnAddress(Connector.Tls level) throws Exception {
    var named = terms(level, "mail.partner.example");
    assertThat(asked("mx.example", named, false)).containsExactly("mail.partner.example");
    assertThat(asked("127.0.0.1", named, false)).containsExactly("mail.partner.example");
  }

  @Test
  void anAddressIsNoName() throws Exception {
    assertThat(asked("127.0.0.1", terms(Connector.Tls.REQUIRED, null), false)).containsExactly("");
    assertThat(asked("127.0.0.1", terms(Connector.Tls.REQUIRED, "127.0.0.1"), false))
        .containsExactly("");
  }

  /// RFC 7672 8.1: the name under which the records stand, be the host an alias or not.
  @ParameterizedTest
  @ValueSource(strings = {"mx.example", "alias.example"})
  void whereTheDnsSaysWhatIsShownItsNameIsAskedFor(String base) throws Exception {
    assurance = new Assurance(true, Connector.Tls.OPPORTUNISTIC, SOURCE, List.of());
    resolver.secure("mx.example", "alias.example");
    tlsaAt = base;
    assertThat(asked("alias.example", terms(Connector.Tls.DANE, null), false))
        .containsExactly(base);
  }
}
