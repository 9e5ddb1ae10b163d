package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.poststation.content.Treatment;
import dev.poststation.os.Os;
import dev.poststation.sim.ElsewhereNetwork;
import dev.poststation.sim.ScriptedResolver;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.KeyStore;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Keys of GnuPG that a site publishes where GnuPG says, and GnuPG reads what is encrypted by them.
@Tag("peer")
@Timeout(180)
final class OpenPgpWebKeysTest {
  private static final String ALWAYS = "{ use = openpgp-encrypt, policy = always }";
  private static final String WKD = "wkd = on, wkd-authorities = \"%s\"";
  private static final Map<String, byte[]> FILES = new ConcurrentHashMap<>();

  private static PgpBench pgp = new PgpBench();
  private static HttpsServer server;
  private static ElsewhereNetwork network;

  @BeforeAll
  static void site() throws Exception {
    var bench = pgp.bench;
    bench.sh(
        "%1$s req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout site.key -out"
            + " site.pem -days 9 -subj /CN=site"
            + " -addext subjectAltName=DNS:openpgpkey.there.test,DNS:direct.test");
    bench.sh("%1$s pkcs12 -export -inkey site.key -in site.pem -passout pass:secret -out site.p12");
    var store = KeyStore.getInstance("PKCS12");
    char[] password = "secret".toCharArray();
    store.load(new ByteArrayInputStream(bench.octets("site.p12")), password);
    var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(store, password);
    var context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    server = HttpsServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 10);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            byte[] file = FILES.get(exchange.getRequestURI().toString());
            exchange.sendResponseHeaders(file == null ? 404 : 200, file == null ? -1 : file.length);
            if (file != null) {
              exchange.getResponseBody().write(file);
            }
          }
        });
    server.start();
    var real = Os.real();
    network = new ElsewhereNetwork(real.network(), server.getAddress());
    bench.outside(
        new Os(real.time(), network, real.tasks(), real.chance(), real.disk()),
        new ScriptedResolver()
            .address("openpgpkey.there.test", "198.51.100.7")
            .address("direct.test", "198.51.100.8")
            .address("down.test", "198.51.100.9"));
    bench.pgp(WKD.formatted(bench.file("site.pem")));
    pgp.person("cleo", "Cleo.X@there.test", PgpBench.CURVE);
    pgp.person("dora", "dora@direct.test", PgpBench.CURVE);
    FILES.put(
        "/.well-known/openpgpkey/there.test/hu/" + hash("Cleo.X@there.test") + "?l=CLEO.x",
        exported("cleo", "Cleo.X@there.test"));
    FILES.put(
        "/.well-known/openpgpkey/hu/" + hash("dora@direct.test") + "?l=dora",
        exported("dora", "dora@direct.test"));
  }

  /// Where GnuPG looks for it.
  private static String hash(String address) {
    return pgp.gpg("--with-wkd-hash --list-keys " + address)
        .lines()
        .map(String::strip)
        .filter(each -> each.matches("[a-z0-9]{32}@.*"))
        .findFirst()
        .orElseThrow()
        .substring(0, 32);
  }

  private static byte[] exported(String name, String address) {
    pgp.gpg("--output " + name + ".bin --export " + address);
    return pgp.bench.octets(name + ".bin");
  }

  @AfterAll
  static void end() {
    server.stop(0);
    pgp.close();
  }

  private static String mail(String to) {
    return "From: anna@here.test\r\nTo: " + to + "\r\nSubject: s\r\n\r\nHello\r\n";
  }

  private static void opened(String to) {
    var variant = pgp.variants(ALWAYS, mail(to), "anna@here.test", to).getFirst();
    assertThat(variant.notes().getFirst().reason()).endsWith(", wkd)");
    pgp.bench.write("closed", PgpBench.body(PgpBench.parts(PgpBench.text(variant)).get(1)));
    pgp.gpg("--output inner --decrypt closed");
    assertThat(pgp.bench.text("inner")).contains("Hello");
  }

  @Test
  void mailIsEncryptedByAKeyThatTheDomainPublishesByEitherMethodUnlessOneWasImported() {
    opened("CLEO.x@there.test");
    opened("dora@direct.test");
    int calls = network.calls();
    opened("dora@direct.test");
    assertThat(network.calls()).isEqualTo(calls);

    pgp.person("next", "dora@direct.test", PgpBench.CURVE);
    pgp.gpg("--armor --output next.asc --export next");
    pgp.partner("next");
    pgp.bench.pgp(WKD.formatted(pgp.bench.file("site.pem")) + ", warn-before = 31 days");
    var variant =
        pgp.variants(ALWAYS, mail("dora@direct.test"), "anna@here.test", "dora@direct.test")
            .getFirst();
    assertThat(variant.notes().getFirst().reason()).endsWith("(dora@direct.test)");
  }

  @Test
  void whoHasNoneIsRefusedAndWhoseSiteIsSilentWaitsAndWhatNeedNotBeEncryptedGoesOn() {
    var none =
        (Treatment.Refused)
            pgp.treat(ALWAYS, mail("eve@there.test"), "anna@here.test", "eve@there.test");
    assertThat(none.reply().toString()).contains("550", "there is no valid key of eve@there.test");
    assertThat(none.toString()).contains("it answers 404");

    network.silent(true);
    try {
      var later =
          (Treatment.Refused)
              pgp.treat(ALWAYS, mail("a@down.test"), "anna@here.test", "a@down.test");
      assertThat(later.reply().toString()).contains("451");
      var passed =
          pgp.variants(
              "{ use = openpgp-encrypt }", mail("a@down.test"), "anna@here.test", "a@down.test");
      assertThat(passed.getFirst().notes().getFirst().reason())
          .contains("not encrypted: ", "https://down.test/", "nobody answers");
    } finally {
      network.silent(false);
    }
  }
}
