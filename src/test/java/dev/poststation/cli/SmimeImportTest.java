package dev.poststation.cli;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.os.Os;
import dev.poststation.seal.SealWork;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.smime.Smime;
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
import java.util.Map;
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

  private void configure(String more) throws Exception {
    Path file = home.resolve("relay.conf");
    Files.writeString(file, Files.readString(file) + more);
  }

  private String checked() {
    return Ran.with(home.resolve("relay.conf"), "check").out();
  }

  @Test
  void checkAndStatusSayThatThePasswordDoesNotOpenTheKeys() throws Exception {
    imported(PASSWORD, "");
    assertThat(checked()).doesNotContain("smime");
    Files.writeString(home.resolve("secret"), "another long password\n");
    String said =
        "smime: the key of a@here.test cannot be used: smime.password does not open it;"
            + " mend smime.password, or import it anew: poststation smime import";
    assertThat(checked()).contains("relay.conf:3: warning: " + said);

    var os = Os.real();
    var loaded = (Loaded.Good) new Loader(os, Map.of()).load(home.resolve("relay.conf"));
    assertThat(Surroundings.warnings(os, loaded))
        .as("no start waits for keys to be opened")
        .noneMatch(problem -> problem.message().startsWith("smime"));
    var configuration = loaded.configuration();
    var running =
        new Smime(
            os,
            configuration.data(),
            configuration::smime,
            new ScriptedResolver(),
            new SealWork(os));
    eventually("it is said", () -> running.concerns(configuration).contains(said));
  }

  @Test
  void checkSaysForWhomSmimeSignHasNoKey() throws Exception {
    configure(
        "content = [ { use = smime-sign, policy = always, for { from = [\"a@here.test\"] } } ]");
    assertThat(checked())
        .contains("relay.conf:6: warning: smime-sign: there is no valid key of a@here.test:")
        .contains("refused with 550; import one: poststation smime import FILE.p12");
    imported(PASSWORD, "");
    assertThat(checked()).doesNotContain("smime-sign");
    for (String from : List.of("here.test", "@here.test", ".test")) {
      configure("\ncontent = [ { use = smime-sign, for { from = [\"" + from + "\"] } } ]");
      assertThat(checked()).as(from).doesNotContain("smime-sign");
    }
    configure("\ncontent = [ { use = smime-sign, for { from = [ \"else.test\" ] } } ]");
    assertThat(checked())
        .contains("there is no valid key of else.test: such mail goes on unsigned");
    configure("\ncontent = [ { use = smime-sign } ]");
    assertThat(checked()).doesNotContain("smime-sign");
    Ran.with(home.resolve("relay.conf"), "smime delete a@here.test");
    assertThat(checked()).contains("no valid key that signs: such mail goes on unsigned");
  }

  @Test
  void checkSaysThatTheAuthoritiesOfSmimeVerifyAreNotThere() throws Exception {
    configure(
        "content = [ { use = smime-verify } ]\nsmime.authorities = \"" + home + "/none.pem\"");
    assertThat(checked())
        .contains("relay.conf:7: warning: smime.authorities cannot be read")
        .contains("smime-verify fails at signed mail (on-error = defer)")
        .contains("name a PEM file");
    Files.writeString(home.resolve("none.pem"), "nothing");
    assertThat(checked()).contains("smime.authorities has no certificate");
  }

  @Test
  void checkSaysThatNothingFindsTheCertificatesThatAreToBeKept() throws Exception {
    configure("smime.harvest = on\n");
    assertThat(checked())
        .contains(
            "relay.conf:6: warning: smime.harvest = on, and nothing finds certificates; add {");
    configure("content = [ { use = smime-verify } ]");
    assertThat(checked()).doesNotContain("smime.harvest");
  }
}
