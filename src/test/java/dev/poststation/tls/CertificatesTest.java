package dev.poststation.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.config.CertificateFiles;
import dev.poststation.config.Origin;
import dev.poststation.os.Disk;
import dev.poststation.os.Os;
import dev.poststation.os.Time;
import dev.poststation.os.TlsFacts;
import dev.poststation.os.TlsStart;
import dev.poststation.sim.PassingDisk;
import dev.poststation.sim.ServerLog;
import dev.poststation.sim.SimTime;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.Security;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CertificatesTest {
  private static final Os OS = Os.real();
  private static final Path KEYS = Path.of("src/test/resources/tls");

  private final SimTime time = new SimTime();

  private static CertificateFiles files(String chain, String key) {
    return new CertificateFiles(
        KEYS.resolve(chain), KEYS.resolve(key), new Origin("poststation.conf:7"));
  }

  private static CertificateFiles files(String name) {
    return files(name + ".pem", name + ".key");
  }

  private Certificates load(CertificateFiles... files) throws TlsException {
    return Certificates.load(List.of(files), OS.disk(), time);
  }

  /// The common name of the certificate that a client sees who asks for `name`.
  private static String shown(Certificates certificates, String name) throws Exception {
    return shake(certificates, name, "TLSv1.3", "TLSv1.2")
        .peerChain()
        .getFirst()
        .getSubjectX500Principal()
        .getName();
  }

  private static TlsFacts shake(Certificates certificates, String name, String... protocols)
      throws Exception {
    var start = certificates.serverStart().orElseThrow();
    var any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (var acceptor = OS.network().listen(any, 5)) {
      var server =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try (var accepted = acceptor.accept()) {
                      accepted.deadline(Duration.ofSeconds(20));
                      accepted.startTls(start);
                      accepted.read(new byte[1], 0, 1);
                    } catch (IOException _) {
                      // The client sees it too.
                    }
                  });
      try (var client = OS.network().connect(acceptor.local(), null, Duration.ofSeconds(20))) {
        client.deadline(Duration.ofSeconds(20));
        return client.startTls(new TlsStart(trustAll(), false, name, false, List.of(protocols)));
      } finally {
        server.join(Duration.ofSeconds(20));
      }
    }
  }

  private static SSLContext trustAll() throws Exception {
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
    context.init(null, new TrustManager[] {anybody}, null);
    return context;
  }

  @Test
  void theNameThatIsAskedForChoosesTheCertificate() throws Exception {
    var certificates = load(files("relay"), files("rsa"), files("wild"), files("edwards"));
    assertThat(shown(certificates, "relay.example.com")).isEqualTo("CN=relay.test");
    assertThat(shown(certificates, "MAIL.example.com")).isEqualTo("CN=relay.test");
    assertThat(shown(certificates, "rsa.example.com")).isEqualTo("CN=rsa.test");
    assertThat(shown(certificates, "any.example.org")).isEqualTo("CN=wild.test");
    assertThat(shown(certificates, "ed.example.net")).isEqualTo("CN=edwards.test");
  }

  @Test
  void theFirstCertificateIsTheDefault() throws Exception {
    var certificates = load(files("wild"), files("relay"));
    assertThat(shown(certificates, null)).isEqualTo("CN=wild.test");
    assertThat(shown(certificates, "unknown.example")).isEqualTo("CN=wild.test");
    assertThat(shown(certificates, "example.org")).isEqualTo("CN=wild.test");
    assertThat(shown(certificates, "two.labels.example.org")).isEqualTo("CN=wild.test");
    assertThat(shown(load(files("rsa"), files("wild")), "two.labels.example.org"))
        .isEqualTo("CN=rsa.test");
  }

  @Test
  void tls12IsSpokenAndOlderIsNot() throws Exception {
    var certificates = load(files("relay"), files("rsa"));
    assertThat(shake(certificates, "rsa.example.com", "TLSv1.2").protocol()).isEqualTo("TLSv1.2");
    assertThat(shake(certificates, "relay.example.com", "TLSv1.2").protocol()).isEqualTo("TLSv1.2");
    assertThat(certificates.serverStart().orElseThrow().protocols())
        .containsExactly("TLSv1.3", "TLSv1.2");
  }

  @Test
  void withoutCertificatesTlsCannotStart() throws TlsException {
    assertThat(load().present()).isFalse();
    assertThat(load().serverStart()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "relay.pem, relay-sec1.key",
    "relay.pem, relay-params.key",
    "rsa.pem, rsa-pkcs1.key",
    "rsa.pem, rsa.key",
    "edwards.pem, edwards.key"
  })
  void keysInAllUsualFormsAreRead(String chain, String key) throws Exception {
    var certificates = load(files(chain, key));
    assertThat(shown(certificates, null)).startsWith("CN=");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "missing.pem | relay.key | missing.pem: there is no such file; name one in PEM format",
        "relay.pem | missing.key | missing.key: there is no such file; name one in PEM format",
        "relay.pem | rsa.key | rsa.key: it is not the key of the certificate in KEYS/relay.pem; *",
        "relay.pem | wild.key | wild.key: it is not the key of the certificate in KEYS/relay.pem;"
            + " *",
        "relay.key | relay.key | relay.key: there is no certificate in it; name a file in PEM"
            + " format",
        "relay.pem | relay.pem | relay.pem: there is no private key in it; name a file in PEM"
            + " format",
        "make.sh | relay.key | make.sh: there is no certificate in it; name a file in PEM format",
        "disordered.pem | relay.key | disordered.pem: the server's own certificate must stand first"
            + " in it",
        "rsa.pem | rsa-encrypted.key | rsa-encrypted.key: the key in it is encrypted; *",
        "relay.pem | relay-encrypted.key | relay-encrypted.key: the key in it is encrypted; *"
      })
  void whatCannotBeUsedIsSaidInOneSentence(String chain, String key, String sentence) {
    String expected =
        "poststation.conf:7: certificates: "
            + KEYS
            + "/"
            + sentence.replace("KEYS", KEYS.toString());
    var problems = problems(List.of(files(chain, key)), OS.disk(), time);
    assertThat(problems).hasSize(1);
    if (expected.endsWith("*")) {
      assertThat(problems.getFirst()).startsWith(expected.substring(0, expected.length() - 1));
    } else {
      assertThat(problems).containsExactly(expected);
    }
    assertThatThrownBy(() -> load(files(chain, key)))
        .isInstanceOf(TlsException.class)
        .hasMessage(problems.getFirst());
  }

  @Test
  void damagedFilesAreSaidInOneSentence(@TempDir Path directory) throws IOException {
    String pem = Files.readString(KEYS.resolve("relay.pem"));
    for (String damaged :
        List.of(
            pem.substring(0, 200),
            pem.replace("-----BEGIN CERTIFICATE-----", "-----BEGIN CERTIFICATE"),
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n",
            "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n")) {
      Path chain = Files.writeString(directory.resolve("chain.pem"), damaged);
      var files = new CertificateFiles(chain, KEYS.resolve("relay.key"), new Origin("x:1"));
      assertThat(problems(List.of(files), OS.disk(), time))
          .hasSize(1)
          .first()
          .asString()
          .startsWith("x:1: certificates: " + chain + ": ");
    }
    for (String damaged :
        List.of(
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
            "-----BEGIN EC PRIVATE KEY-----\nMAMCAQE=\n-----END EC PRIVATE KEY-----\n",
            "-----BEGIN EC PRIVATE KEY-----\nMP8CAQE=\n-----END EC PRIVATE KEY-----\n",
            "-----BEGIN EC PRIVATE KEY-----\n-----END EC PRIVATE KEY-----\n",
            "-----BEGIN RSA PRIVATE KEY-----\nMAMCAQE=\n-----END RSA PRIVATE KEY-----\n")) {
      Path key = Files.writeString(directory.resolve("key.pem"), damaged);
      var files = new CertificateFiles(KEYS.resolve("relay.pem"), key, new Origin("x:1"));
      assertThat(problems(List.of(files), OS.disk(), time))
          .as(damaged)
          .hasSize(1)
          .first()
          .asString()
          .startsWith("x:1: certificates: " + key + ": its key ");
    }
  }

  private static List<String> problems(List<CertificateFiles> files, Disk disk, Time time) {
    var flaws = Certificates.flaws(files, disk, time);
    assertThat(flaws).allMatch(Certificates.Flaw::refused);
    return flaws.stream().map(Certificates.Flaw::text).toList();
  }

  @Test
  void anExpiredCertificateIsAProblemButServesOn() throws Exception {
    var later = new SimTime(Instant.parse("2199-01-01T00:00:00Z"));
    assertThat(Certificates.flaws(List.of(files("relay")), OS.disk(), later))
        .singleElement()
        .matches(flaw -> !flaw.refused())
        .asString()
        .contains("relay.pem: the certificate expired at 21");
    var certificates = Certificates.load(List.of(files("relay")), OS.disk(), later);
    assertThat(shown(certificates, null)).isEqualTo("CN=relay.test");
  }

  @Test
  void whatIsInUseIsToldWithItsEnd() throws Exception {
    var certificates = load(files("relay"), files("wild"));
    assertThat(certificates.inUse())
        .extracting(Certificates.InUse::names)
        .containsExactly(
            List.of("mail.example.com", "relay.example.com"), List.of("*.example.org"));
    assertThat(certificates.expiries())
        .containsEntry(
            KEYS.resolve("relay.pem").toString(),
            Instant.parse("2126-10-31T04:32:44Z").getEpochSecond());
  }

  @ParameterizedTest
  @CsvSource({
    // Life in days, days that are left: whether something is said.
    "90, 30, ''",
    "90, 15, ''",
    "90, 13, expires at",
    "365, 20, ''",
    "365, 13, expires at",
    "6, 2, ''",
    "6, 0, expired at",
  })
  void aCertificateThatNobodyRenewedIsAConcernInTime(int life, int left, String said) {
    var now = Instant.parse("2026-11-24T10:00:00Z");
    var end = now.plus(Duration.ofDays(left));
    var shown =
        new Certificates.InUse(
            Path.of("chain.pem"),
            List.of(),
            end.minus(Duration.ofDays(life)),
            end,
            Optional.empty());
    if (said.isEmpty()) {
      assertThat(shown.concern(now)).isEmpty();
    } else {
      assertThat(shown.concern(now).orElseThrow())
          .startsWith("The certificate in chain.pem " + said);
    }
  }

  @Test
  void aRenewedCertificateIsUsedWithoutRestart(@TempDir Path directory) throws Exception {
    var mine = copied(directory, "relay");
    var certificates = Certificates.load(List.of(mine), OS.disk(), time);
    assertThat(shown(certificates, null)).isEqualTo("CN=relay.test");

    renew(directory, "chain.pem", "rsa.pem", 1);
    assertThat(shown(certificates, null)).as("not looked at yet").isEqualTo("CN=relay.test");
    time.advance(Duration.ofSeconds(5));
    assertThat(shown(certificates, null))
        .as("the key is not renewed yet")
        .isEqualTo("CN=relay.test");

    renew(directory, "key.pem", "rsa.key", 2);
    time.advance(Duration.ofSeconds(5));
    assertThat(shown(certificates, null)).isEqualTo("CN=rsa.test");
  }

  @Test
  void aBrokenOrVanishedFileKeepsTheOldCertificate(@TempDir Path directory) throws Exception {
    var mine = copied(directory, "relay");
    var certificates = Certificates.load(List.of(mine), OS.disk(), time);

    renew(directory, "chain.pem", "make.sh", 1);
    time.advance(Duration.ofSeconds(5));
    assertThat(shown(certificates, null)).isEqualTo("CN=relay.test");

    Files.delete(directory.resolve("chain.pem"));
    time.advance(Duration.ofSeconds(5));
    assertThat(shown(certificates, null)).isEqualTo("CN=relay.test");

    renew(directory, "chain.pem", "wild.pem", 3);
    renew(directory, "key.pem", "wild.key", 3);
    time.advance(Duration.ofSeconds(5));
    assertThat(shown(certificates, null)).isEqualTo("CN=wild.test");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "chain.pem | make.sh     | chain.pem: there is no certificate in it; name a file in PEM"
            + " format",
        "chain.pem | rsa.pem     | key.pem: it is not the key of the certificate in CHAIN; name the"
            + " one that is",
        "chain.pem | ''          | chain.pem: there is no such file; name one in PEM format",
        "chain.pem | .           | chain.pem: it is a directory; name a file in it",
        "key.pem   | make.sh     | key.pem: there is no private key in it; name a file in PEM"
            + " format",
        "key.pem   | wild.key    | key.pem: it is not the key of the certificate in CHAIN; name the"
            + " one that is",
        "key.pem   | ''          | key.pem: there is no such file; name one in PEM format",
        "key.pem   | .           | key.pem: it is a directory; name a file in it",
      })
  void newFilesThatCannotBeUsedAreAConcernUntilTheyAreGood(
      String which, String source, String said, @TempDir Path directory) throws Exception {
    var mine = copied(directory, "relay");
    var certificates = Certificates.load(List.of(mine, files("wild")), OS.disk(), time);
    assertThat(certificates.concerns(List.of())).isEmpty();
    assertThat(certificates.unusable(List.of()))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(mine.chain().toString(), false, KEYS.resolve("wild.pem").toString(), false));

    Files.delete(directory.resolve(which));
    if (source.equals(".")) {
      Files.createDirectory(directory.resolve(which));
    } else if (!source.isEmpty()) {
      renew(directory, which, source, 1);
    }
    time.advance(Duration.ofSeconds(5));
    assertThat(certificates.concerns(List.of()))
        .containsExactly(
            "x:1: certificates: "
                + directory
                + "/"
                + said.replace("CHAIN", mine.chain().toString())
                + " (what was read before stays in use, but the next start would fail)");
    assertThat(certificates.unusable(List.of()))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(mine.chain().toString(), true, KEYS.resolve("wild.pem").toString(), false));
    assertThat(certificates.inUse())
        .extracting(each -> each.problem().isPresent())
        .containsExactly(true, false);

    Files.deleteIfExists(directory.resolve(which));
    copied(directory, "rsa");
    time.advance(Duration.ofSeconds(5));
    assertThat(certificates.concerns(List.of())).isEmpty();
    assertThat(certificates.unusable(List.of())).containsEntry(mine.chain().toString(), false);
    assertThat(shown(certificates, null)).isEqualTo("CN=rsa.test");
  }

  @Test
  void newFilesThatHaveExpiredAreAConcernThatNoStartFailsFor(@TempDir Path directory)
      throws Exception {
    var mine = copied(directory, "rsa");
    var late = new SimTime(Instant.parse("2126-10-31T04:32:40Z")); // relay.pem ends before rsa.pem.
    var certificates = Certificates.load(List.of(mine), OS.disk(), late);
    renew(directory, "chain.pem", "relay.pem", 1);
    renew(directory, "key.pem", "relay.key", 1);
    late.advance(Duration.ofSeconds(5));
    assertThat(certificates.inUse())
        .extracting(Certificates.InUse::problem)
        .containsExactly(
            Optional.of(
                "x:1: certificates: "
                    + mine.chain()
                    + ": the certificate expired at 2126-10-31T04:32:44Z"
                    + " (what was read before stays in use)"));
    assertThat(shown(certificates, null)).isEqualTo("CN=rsa.test");
  }

  @Test
  void anExpiredCertificateWhoseFileIsTouchedIsInUseAsBefore(@TempDir Path directory)
      throws Exception {
    var mine = copied(directory, "relay");
    var late = new SimTime(Instant.parse("2199-01-01T00:00:00Z"));
    var certificates = Certificates.load(List.of(mine), OS.disk(), late);
    var said = ServerLog.of(Certificates.class);
    renew(directory, "chain.pem", "relay.pem", 1);
    late.advance(Duration.ofSeconds(5));
    assertThat(certificates.concerns(List.of()))
        .as("that it has expired, and no more")
        .singleElement()
        .asString()
        .startsWith("The certificate in " + mine.chain() + " expired at ");
    assertThat(certificates.unusable(List.of())).containsEntry(mine.chain().toString(), false);
    assertThat(said.end()).hasSize(1);
  }

  @Test
  void aBrokenFileKeepsNoOtherFromBeingRenewed(@TempDir Path directory) throws Exception {
    var mine = copied(Files.createDirectory(directory.resolve("one")), "relay");
    var other = copied(Files.createDirectory(directory.resolve("two")), "wild");
    var certificates = Certificates.load(List.of(mine, other), OS.disk(), time);
    Files.writeString(mine.chain(), "nothing");
    copied(directory.resolve("two"), "rsa");
    Files.setLastModifiedTime(other.chain(), FileTime.from(Instant.EPOCH));
    time.advance(Duration.ofSeconds(5));
    assertThat(shown(certificates, "rsa.example.com")).isEqualTo("CN=rsa.test");
    assertThat(shown(certificates, null)).isEqualTo("CN=relay.test");
    assertThat(certificates.concerns(List.of())).hasSize(1);
  }

  /// As with a file that root installs and then gives to the relay's user.
  @Test
  void aFileThatMayBeReadOnlyLaterIsTakenThen(@TempDir Path directory) throws Exception {
    var mine = copied(directory, "relay");
    var shut = new AtomicBoolean();
    var disk =
        new PassingDisk(OS.disk()) {
          @Override
          public byte[] read(Path file) throws IOException {
            if (!isReadable(file)) {
              throw new AccessDeniedException(file.toString());
            }
            return super.read(file);
          }

          @Override
          public boolean isReadable(Path file) {
            return !(shut.get() && file.equals(mine.key()));
          }
        };
    var certificates = Certificates.load(List.of(mine), disk, time);
    shut.set(true);
    time.advance(Duration.ofSeconds(5));
    assertThat(certificates.concerns(List.of()))
        .as("nothing of the file changed but who may read it")
        .singleElement()
        .asString()
        .startsWith("x:1: certificates: " + mine.key() + ": this user may not read it; give it to");
    copied(directory, "rsa");
    time.advance(Duration.ofSeconds(5));
    assertThat(certificates.concerns(List.of())).hasSize(1);
    shut.set(false);
    time.advance(Duration.ofSeconds(5));
    assertThat(certificates.concerns(List.of())).isEmpty();
    assertThat(shown(certificates, null)).isEqualTo("CN=rsa.test");
  }

  @Test
  void aReadErrorThatPassesIsTriedAnewAndToldOnce(@TempDir Path directory) throws Exception {
    var mine = copied(directory, "relay");
    var disk = new FullTable(OS.disk());
    var certificates = Certificates.load(List.of(mine), disk, time);
    var said = ServerLog.of(Certificates.class);
    renew(directory, "chain.pem", "rsa.pem", 1);
    renew(directory, "key.pem", "rsa.key", 1);
    disk.full(true);
    for (int i = 0; i < 3; i++) {
      time.advance(Duration.ofSeconds(5));
      assertThat(certificates.concerns(List.of()))
          .singleElement()
          .asString()
          .contains("chain.pem: it cannot be read (Too many open files) (what was read before");
    }
    disk.full(false);
    time.advance(Duration.ofSeconds(5));
    assertThat(certificates.concerns(List.of())).isEmpty();
    assertThat(shown(certificates, null)).isEqualTo("CN=rsa.test");
    assertThat(said.end())
        .satisfiesExactly(
            line -> assertThat(line).startsWith("WARN x:1: certificates: "),
            line -> assertThat(line).isEqualTo("INFO certificates: read anew, 1 in use"));
  }

  @Test
  void whatThisJavaCannotUseIsTriedAnewAndToldOnce(@TempDir Path directory) throws Exception {
    var mine = copied(directory, "relay");
    var certificates = Certificates.load(List.of(mine), OS.disk(), time);
    var said = ServerLog.of(Certificates.class);
    renew(directory, "chain.pem", "rsa.pem", 1);
    renew(directory, "key.pem", "rsa.key", 1);
    var tls = SSLContext.getInstance("TLS").getProvider();
    int place = List.of(Security.getProviders()).indexOf(tls) + 1;
    Security.removeProvider(tls.getName());
    try {
      for (int i = 0; i < 3; i++) {
        time.advance(Duration.ofSeconds(5));
        assertThat(certificates.concerns(List.of()))
            .singleElement()
            .asString()
            .startsWith("certificates: this Java cannot use them: ")
            .endsWith(" (what was read before stays in use, but the next start would fail)");
      }
    } finally {
      Security.insertProviderAt(tls, place);
    }
    time.advance(Duration.ofSeconds(5));
    assertThat(certificates.concerns(List.of())).isEmpty();
    assertThat(shown(certificates, null)).isEqualTo("CN=rsa.test");
    assertThat(said.end()).hasSize(2);
  }

  private static CertificateFiles copied(Path directory, String name) throws IOException {
    renew(directory, "chain.pem", name + ".pem", 0);
    renew(directory, "key.pem", name + ".key", 0);
    return new CertificateFiles(
        directory.resolve("chain.pem"), directory.resolve("key.pem"), new Origin("x:1"));
  }

  private static void renew(Path directory, String target, String source, int second)
      throws IOException {
    var copy =
        Files.copy(
            KEYS.resolve(source), directory.resolve(target), StandardCopyOption.REPLACE_EXISTING);
    Files.setLastModifiedTime(
        copy, FileTime.from(Instant.parse("2026-11-24T04:00:00Z").plusSeconds(second)));
  }
}
