package dev.poststation.system;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.poststation.content.Treatment;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What `smime-verify` and `smime-encrypt` make of certificates that were revoked, as OpenSSL's
/// responder and its lists say so.
@Tag("peer")
@Timeout(180)
final class SmimeRevocationTest {
  private static final String VERIFY = "{ use = smime-verify }";
  private static final String KEY = "ec -pkeyopt ec_paramgen_curve:P-256";
  private static final List<Program> RESPONDERS = new ArrayList<>();
  private static final AtomicInteger FETCHED = new AtomicInteger();

  private static SmimeBench bench = new SmimeBench();
  private static HttpServer web;
  private static String asking = "";
  private static StringBuilder index = new StringBuilder();

  @BeforeAll
  static void start() throws IOException {
    web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 5);
    for (String name : List.of("ca.crl", "forged.crl")) {
      web.createContext(
          "/" + name,
          exchange -> {
            FETCHED.incrementAndGet();
            byte[] list = bench.octets(name);
            exchange.sendResponseHeaders(200, name.equals("ca.crl") ? 0 : list.length); // chunked
            try (var out = exchange.getResponseBody()) {
              out.write(list);
            }
          });
    }
    web.start();
    int responder = Port.free();
    int other = Port.free();
    String ocsp = "authorityInfoAccess=OCSP;URI:http://127.0.0.1:";
    String dead = ocsp + Port.free();
    String lists = "crlDistributionPoints=URI:http://127.0.0.1:" + web.getAddress().getPort();
    person("good", ocsp + responder, false);
    person("gone", ocsp + responder, true);
    person("wrong", ocsp + other, false);
    person("listed", lists + "/ca.crl", true);
    person("unlisted", dead + "\n" + lists + "/ca.crl", false);
    person("forged", lists + "/forged.crl", true);
    person("silent", dead, true);
    person("plain", "", true);
    bench.extensions("");
    bench.write("index.txt", index.toString());
    bench.write(
        "ca.cnf",
        """
        [ca]
        default_ca = d
        [d]
        database = index.txt
        default_md = sha256
        default_crl_days = 1
        """);
    String list = "%1$s ca -gencrl -config ca.cnf -cert CA.pem -keyfile CA.key -out list.pem";
    bench.sh(list.replace("CA", "ca"));
    bench.sh("%1$s crl -in list.pem -outform DER -out ca.crl");
    bench.sh(
        "%1$s req -x509 -newkey rsa:2048 -nodes -keyout fake.key -out fake.pem -days 30 -subj"
            + " '/CN=Test CA'");
    bench.sh(list.replace("CA", "fake"));
    bench.sh("%1$s crl -in list.pem -outform DER -out forged.crl");
    delegate();
    respond(responder, "delegate");
    respond(other, "good");
    for (String who : List.of("good", "gone", "silent")) {
      bench.partner(who);
    }
    asking =
        "authorities = \"%s\", revocation-networks = [\"127.0.0.1\"], revocation = "
            .formatted(bench.file("ca.pem"));
  }

  @AfterAll
  static void end() {
    RESPONDERS.forEach(Program::close);
    web.stop(0);
    bench.close();
  }

  private static void person(String name, String extensions, boolean revoked) {
    bench.extensions(extensions);
    bench.person(name, name + "@there.test", KEY, 20);
    bench.sh("%1$s x509 -in NAME.pem -noout -serial -out serial".replace("NAME", name));
    String serial = bench.text("serial").replaceAll(".*=|\\s", "");
    index.append(
        (revoked
                ? "R\t301231235959Z\t261130100000Z,keyCompromise\t%s\tunknown\t/CN=%s\n"
                : "V\t301231235959Z\t\t%s\tunknown\t/CN=%s\n")
            .formatted(serial, name));
  }

  /// Who answers for the authority.
  private static void delegate() {
    bench.write("delegate.ext", "extendedKeyUsage=OCSPSigning\n");
    bench.sh("%1$s req -newkey " + KEY + " -nodes -keyout delegate.key -out d.csr -subj /CN=d");
    bench.sh(
        "%1$s x509 -req -in d.csr -CA ca.pem -CAkey ca.key -days 20 -extfile delegate.ext -out"
            + " delegate.pem");
  }

  private static void respond(int port, String as) {
    var program =
        Program.start(
            List.of(
                Peers.program("openssl"),
                "ocsp",
                "-port",
                Integer.toString(port),
                "-index",
                bench.file("index.txt").toString(),
                "-CA",
                bench.file("ca.pem").toString(),
                "-rsigner",
                bench.file(as + ".pem").toString(),
                "-rkey",
                bench.file(as + ".key").toString(),
                "-nmin",
                "5"));
    RESPONDERS.add(program);
    // One that connects and says nothing would keep it from all others.
    program.awaitLine(line -> line.contains("waiting for OCSP client"), Duration.ofMinutes(1));
  }

  /// What is said of a mail that somebody signs.
  private static String said(String mode, String who) {
    bench.write("inner", "Content-Type: text/plain\r\n\r\nHello\r\n");
    bench.sh(
        "%1$s cms -sign -binary -crlfeol -in inner -signer WHO.pem -inkey WHO.key -subject s -from WHO@there.test -out sent"
            .replace("WHO", who));
    String mail = bench.text("sent").replaceAll("\r?\n", "\r\n");
    var variant = bench.passed(VERIFY, asking + mode, mail, who + "@there.test", "anna@here.test");
    return variant.notes().getFirst().reason();
  }

  @Test
  void aResponderSaysWhoseSignaturesCountNoMore() {
    assertThat(said("if-reachable", "good"))
        .isEqualTo("smime=pass: signed by the author (good@there.test)");
    assertThat(said("require", "good")).startsWith("smime=pass: signed by the author (");
    assertThat(said("if-reachable", "gone"))
        .startsWith(
            "smime=policy: its certificate was revoked on 2026-11-30T10:00:00Z, keyCompromise (");
    assertThat(bench.text("out")).contains(" smime=policy (its certificate was revoked on 2026-");
    assertThat(said("off", "gone")).startsWith("smime=pass: signed by the author (");
    assertThat(said("require", "wrong"))
        .startsWith(
            "smime=temperror: whether its certificate was revoked is not known: http://127.")
        .contains("its answer is not signed by who may say so");
  }

  @Test
  void aListSaysItToWhereNoResponderDoesAndIsFetchedOnce() {
    int before = FETCHED.get();
    assertThat(said("if-reachable", "unlisted"))
        .isEqualTo("smime=pass: signed by the author (unlisted@there.test)");
    assertThat(said("if-reachable", "listed"))
        .startsWith("smime=policy: its certificate was revoked: it is on http://127.0.0.1:");
    assertThat(FETCHED).hasValue(before + 1);
    assertThat(said("require", "forged"))
        .startsWith("smime=temperror: ")
        .contains("the list is not of who issued the certificate");
  }

  @Test
  void whereNobodySaysSoTheConfigurationDoes() {
    for (String who : List.of("silent", "plain")) {
      assertThat(said("if-reachable", who))
          .startsWith(
              "smime=pass: signed by the author; whether its certificate was revoked is not"
                  + " known: ");
      assertThat(said("require", who))
          .startsWith("smime=temperror: whether its certificate was revoked is not known: ");
    }
  }

  @Test
  void nothingWithinOurNetworksIsAskedUnlessThatIsAllowed() {
    int before = FETCHED.get();
    String allowed = asking;
    asking = asking.replaceAll("revocation-networks = [^,]*, ", "");
    assertThat(said("require", "listed"))
        .contains("127.0.0.1 is called at port 80 only, and not in smime.revocation-networks");
    asking = allowed;
    assertThat(FETCHED).hasValue(before);
  }

  private static Treatment encrypted(String mode, String to) {
    String mail = "From: anna@here.test\r\nTo: " + to + "\r\nSubject: s\r\n\r\nHello\r\n";
    return bench.treat(
        "{ use = smime-encrypt, policy = always }",
        asking + mode,
        mail.getBytes(ISO_8859_1),
        "anna@here.test",
        to);
  }

  @Test
  void nothingIsEncryptedByACertificateThatWasRevoked() {
    assertThat(encrypted("require", "good@there.test")).isInstanceOf(Treatment.Passed.class);
    assertThat(encrypted("off", "gone@there.test")).isInstanceOf(Treatment.Passed.class);
    var refused = (Treatment.Refused) encrypted("if-reachable", "gone@there.test");
    assertThat(refused.reply().toString()).contains("550", "no valid certificate of gone@");
    assertThat(refused.rule())
        .contains("the certificate of gone@there.test was revoked on 2026-11-30T10:00:00Z");
    assertThat(encrypted("if-reachable", "silent@there.test")).isInstanceOf(Treatment.Passed.class);
    var waits = (Treatment.Refused) encrypted("require", "silent@there.test");
    assertThat(waits.reply().toString()).contains("451");
    assertThat(waits.rule())
        .contains("whether the certificate of silent@there.test was revoked is not known: http://");
  }
}
