package dev.poststation.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.os.Os;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// An entry of `clients` whose conditions everybody can meet is an open relay, which must be meant.
class OpenToEverybodyTest {
  private static final String OWN = "authority.pem";

  private final Bench bench = new Bench();

  @BeforeEach
  void make() throws IOException, GeneralSecurityException {
    bench.disk.with(OWN, Files.readString(Path.of("src/test/resources/tls", OWN)));
    bench.disk.with("public.pem", pem(published().getFirst()));
    bench.disk.with("bundle.pem", Files.readString(Path.of("src/test/resources/tls", OWN)) + all());
  }

  private static List<X509Certificate> published() throws GeneralSecurityException {
    var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init((KeyStore) null);
    return Arrays.stream(factory.getTrustManagers())
        .map(X509TrustManager.class::cast)
        .flatMap(each -> Stream.of(each.getAcceptedIssuers()))
        .toList();
  }

  private static String all() throws GeneralSecurityException {
    var text = new StringBuilder();
    for (var each : published()) {
      text.append(pem(each));
    }
    return text.toString();
  }

  private static String pem(X509Certificate certificate) throws GeneralSecurityException {
    var base64 = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));
    return "-----BEGIN CERTIFICATE-----\n"
        + base64.encodeToString(certificate.getEncoded())
        + "\n-----END CERTIFICATE-----\n";
  }

  private List<String> told(String conditions) {
    return bench.problems(Bench.BASE + "clients = [ { name = a, " + conditions + " } ]").stream()
        .filter(each -> !each.contains("it asks for TLS, which no listener offers"))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "certificates = [ { ca = public.pem } ]",
        "certificates = [ { ca = bundle.pem } ]",
        "certificates = [ { ca = authority.pem }, { ca = public.pem } ]",
        "certificates = [ { ca = public.pem } ], networks = [\"0.0.0.0/0\"]",
        "certificates = [ { ca = public.pem } ], networks = [\"0.0.0.0/1\", \"10.0.0.0/8\"]",
        "certificates = [ { ca = public.pem } ], reverse = [\".co.uk\"]",
        "certificates = [ { ca = public.pem } ], tls = required, hours = [\"08:00-18:00\"]"
      })
  void aCertificateThatEverybodyGetsIsNoProof(String conditions) {
    assertThat(told(conditions))
        .containsExactly(
            "poststation.conf:1: client \"a\" lets everybody relay who has a certificate of a"
                + " public authority, which gives one to anybody: an open relay; name the subject"
                + " beside ca; if the authority is your own, put it below"
                + " /usr/local/share/ca-certificates; or write open-relay = allowed in this entry"
                + " if it is meant");
    assertThat(told(conditions + ", open-relay = allowed"))
        .containsExactly(
            "poststation.conf:1: warning: client \"a\" lets everybody relay who has a certificate"
                + " of a public authority, which gives one to anybody: an open relay, as open-relay"
                + " = allowed says");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "certificates = [ { ca = authority.pem } ]",
        "certificates = [ { ca = public.pem, subject = \"CN=mail.partner.example\" } ]",
        "certificates = [ { ca = public.pem } ], networks = [\"192.0.2.0/24\"]",
        "certificates = [ { ca = public.pem } ], host = [\"branch.dyn.example.net\"]",
        "certificates = [ { ca = public.pem } ], reverse = [\".partner.example\"]",
        "reverse = [\".partner.co.uk\"]",
        "reverse = [\".bücher.example\"]",
        "reverse = [\".city.kawasaki.jp\"]",
        "reverse = [\"ec2-192-0-2-1.eu-central-1.compute.amazonaws.com\"]",
        "reverse = [\".co.uk\"], networks = [\"192.0.2.0/24\"]"
      })
  void whatNotEverybodyHasIsEnough(String conditions) {
    assertThat(told(conditions)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ".co.uk",
        ".github.io",
        ".eu-central-1.compute.amazonaws.com",
        ".compute.amazonaws.com",
        ".amazonaws.com",
        ".公司.cn",
        ".xn--55qx5d.cn",
        ".kawasaki.jp",
        ".firm.kawasaki.jp"
      })
  void aNameThatEverybodyCanHaveIsNoProof(String name) {
    assertThat(told("reverse = [\"" + name + "\"]"))
        .containsExactly(
            "poststation.conf:1: client \"a\" lets everybody relay whose address has a name below a"
                + " domain where anybody can have one: an open relay; name more of it in reverse,"
                + " or networks beside it; or write open-relay = allowed in this entry if it is"
                + " meant");
  }

  /// What the administrator adds to the machine Java may trust, too.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/usr/local/share/ca-certificates/ours.crt",
        "/usr/local/share/ca-certificates/firm/2026/ours.crt",
        "/etc/ca-certificates/trust-source/anchors/ours.crt"
      })
  void anAuthorityThatWasAddedToTheMachineIsNotAPublicOne(String file)
      throws GeneralSecurityException {
    bench.disk.with(file, pem(published().getFirst()));
    assertThat(told("certificates = [ { ca = public.pem } ]")).isEmpty();
  }

  /// The machine's own file system: such as has links and pipes.
  @Test
  void aLinkThatLeadsBackAndAPipeAreNothingThatWasAdded(@TempDir Path added) throws Exception {
    Files.createDirectories(added.resolve("firm/one"));
    Files.createSymbolicLink(added.resolve("firm/one/back"), added);
    Files.createSymbolicLink(added.resolve("firm/back"), added);
    assertThat(new ProcessBuilder("mkfifo", "" + added.resolve("firm/pipe")).start().waitFor())
        .isZero();
    Files.writeString(added.resolve("firm/one/ours.crt"), pem(published().getFirst()));
    var authorities = new PublicAuthorities(Os.real().disk(), List.of(added));
    assertThat(authorities.have(published().getFirst())).isFalse();
    assertThat(authorities.have(published().getLast())).isTrue();
  }

  /// By networks the same is told where they add up to the Internet.
  @Test
  void manyNetworksWithSuchACertificateAddUp() {
    String networks =
        "\"1.0.0.0/8\", \"2.0.0.0/8\", \"3.0.0.0/8\", \"4.0.0.0/6\", \"8.0.0.0/8\", \"11.0.0.0/8\","
            + " \"12.0.0.0/8\", \"13.0.0.0/8\", \"14.0.0.0/8\", \"15.0.0.0/8\", \"16.0.0.0/8\","
            + " \"17.0.0.0/8\", \"18.0.0.0/8\", \"19.0.0.0/8\", \"20.0.0.0/8\", \"21.0.0.0/8\"";
    assertThat(
            told(
                "certificates = [ { ca = public.pem } ], networks = ["
                    + networks.replace("\"4.0.0.0/6\"", "\"4.0.0.0/8\", \"5.0.0.0/8\"")
                    + "]"))
        .singleElement()
        .asString()
        .contains("add up to an open relay");
  }

  @Test
  void anEntryBehindOneThatHasAllItsUsersNeverMatches() {
    String all = Bench.BASE + "clients = [ { name = all, users = [\"*\"] }\n";
    assertThat(bench.problems(all + "{ name = b, users = [anna], senders = [\"@a.example\"] } ]"))
        .filteredOn(each -> each.contains("has all its users"))
        .containsExactly(
            "poststation.conf:2: warning: client \"b\" never matches: client \"all\","
                + " poststation.conf:1, is before it and has all its users; put it before that one,"
                + " or remove it");
    assertThat(bench.problems(all + "{ name = b, networks = [\"192.0.2.0/24\"] } ]"))
        .noneMatch(each -> each.contains("has all its users"));
    String some = Bench.BASE + "clients = [ { name = some, users = [anna, otto] }\n";
    assertThat(bench.problems(some + "{ name = b, users = [Otto] } ]"))
        .anyMatch(each -> each.contains("has all its users"));
    assertThat(bench.problems(some + "{ name = b, auth = required } ]"))
        .noneMatch(each -> each.contains("has all its users"));
    String inTime = Bench.BASE + "clients = [ { name = t, users = [\"*\"], tls = required }\n";
    assertThat(bench.problems(inTime + "{ name = b, users = [anna] } ]"))
        .noneMatch(each -> each.contains("has all its users"));
  }
}
