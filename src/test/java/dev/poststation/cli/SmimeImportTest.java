package dev.poststation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.tls.Fingerprint;
import dev.poststation.tls.Pem;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Where `smime import` has the password of a file from, and what it keeps.
class SmimeImportTest {
  private static final Path GIVEN = Path.of("src/test/resources/tls");
  private static final String PASSWORD = "of the file";

  @TempDir Path home;
  private X509Certificate certificate;

  @BeforeEach
  void begin() throws Exception {
    Files.createDirectory(home.resolve("data"));
    Path secret = Files.writeString(home.resolve("secret"), "a long password of the relay\n");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(
        home.resolve("relay.conf"),
        """
        hostname = "relay.test"
        data = "%1$s/data"
        smime { password = "file:%1$s/secret" }
        connectors { next { hosts = ["127.0.0.1:9"] } }
        routes = [ { via = [next] } ]
        """
            .formatted(home));
    try (var in = Files.newInputStream(GIVEN.resolve("rsa.pem"))) {
      certificate =
          (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
    byte[] key = Pem.read(Files.readAllBytes(GIVEN.resolve("rsa.key"))).getFirst().der();
    var store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry(
        "it",
        KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(key)),
        PASSWORD.toCharArray(),
        new Certificate[] {certificate});
    try (var out = Files.newOutputStream(home.resolve("it.p12"))) {
      store.store(out, PASSWORD.toCharArray());
    }
  }

  private Ran imported(String input, String more) {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
    try {
      return Ran.with(
          home.resolve("relay.conf"), "smime import " + home + "/it.p12 --for a@here.test" + more);
    } finally {
      System.setIn(before);
    }
  }

  @Test
  void fromStandardInputWhereNobodyTypesAndByAMinus() {
    for (String more : new String[] {"", " --password-file -"}) {
      var ran = imported(PASSWORD + "\n", more);
      assertThat(ran.exit()).as(ran.toString()).isZero();
      assertThat(ran.out()).contains("a@here.test");
    }
  }

  @Test
  void whatWasImportedIsFoundByItsFingerprintHoweverThatIsWritten() {
    imported(PASSWORD, "");
    String print = Fingerprint.of(certificate);
    String digits = print.substring("sha256:".length());
    for (String each : List.of(print, digits, digits.substring(0, 8), colons(digits))) {
      var shown = Ran.with(home.resolve("relay.conf"), "smime show " + each);
      assertThat(shown.out()).as(shown.toString()).contains(digits);
    }
  }

  private static String colons(String digits) {
    return digits.toUpperCase(Locale.ROOT).replaceAll("(..)(?=.)", "$1:");
  }

  @Test
  void whereThereIsNoneThatIsSaid() {
    var ran = imported("", "");
    assertThat(ran.exit()).isEqualTo(Exit.WRONG);
    assertThat(ran.err()).isEqualTo("No password was given: standard input is empty.\n");
    assertThat(imported("", " --password-file " + home + "/none").err())
        .isEqualTo("--password-file: there is no file " + home + "/none.\n");
  }
}
