package dev.poststation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.admin.LiveRelay;
import dev.poststation.os.FreePort;
import dev.poststation.sim.ToyGraph;
import dev.poststation.sim.ToyTokenServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `credential rotate` of certificates and their keys: the new pair is tried before it replaces the
/// old one.
class CertificateRotateTest {
  private static final Path GIVEN = Path.of("src/test/resources/tls");
  private static final String ASKING = " --from a@here.example --to b@there.example";

  @TempDir static Path directory;
  private static ToyTokenServer tokens;
  private static ToyGraph graph;
  private static LiveRelay hop;
  private static LiveRelay relay;

  @BeforeAll
  static void start() throws Exception {
    tokens = new ToyTokenServer().start();
    graph = ToyGraph.start();
    int port = FreePort.find();
    hop =
        new LiveRelay(
            Files.createDirectory(directory.resolve("hop")),
            """
            certificates = [ { chain = "%1$s/relay.pem", key = "%1$s/relay.key" } ]
            listeners.partners { bind = "127.0.0.1:%4$d", tls = offered, client-certificates = request }
            clients = [ { name = partner, certificates = ["%2$s", "%3$s"] } ]
            """
                .formatted(
                    GIVEN.toAbsolutePath(),
                    fingerprint("rsa.pem"),
                    fingerprint("relay.pem"),
                    port));
    give();
    relay =
        new LiveRelay(
            Files.createDirectory(directory.resolve("relay")),
            """
            connectors.partner { hosts = ["127.0.0.1:%1$d"], tls = required
              certificate { chain = "%2$s/shown.pem", key = "%2$s/shown.key" } }
            connectors.cloud { type = graph, hosts = ["127.0.0.1:%3$d"]
              auth { user = "other@example.com", grant = client-credentials
                client-certificate = "%2$s/proof.pem", client-key = "%2$s/proof.key", %4$s } }
            routes = [ { via = [partner, cloud] } ]
            """
                .formatted(port, directory, graph.port(), tokens.settings()));
  }

  private static void give() throws IOException {
    copy("rsa", "shown");
    copy("rsa", "proof");
  }

  @BeforeEach
  void asBefore() throws IOException {
    give();
    tokens.answers(Optional.empty());
    tokens.before(() -> {});
  }

  @AfterAll
  static void stop() {
    relay.close();
    hop.close();
    graph.close();
    tokens.close();
  }

  private static String fingerprint(String file) throws Exception {
    try (var in = Files.newInputStream(GIVEN.resolve(file))) {
      var certificate = CertificateFactory.getInstance("X.509").generateCertificate(in);
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
      return "sha256:" + HexFormat.of().formatHex(digest);
    }
  }

  private static void copy(String from, String to) throws IOException {
    for (String end : new String[] {".pem", ".key"}) {
      Path file = directory.resolve(to + end);
      Files.copy(GIVEN.resolve(from + end), file, StandardCopyOption.REPLACE_EXISTING);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }
  }

  private boolean is(String file, String which) throws IOException {
    boolean chain =
        Files.mismatch(directory.resolve(file + ".pem"), GIVEN.resolve(which + ".pem")) < 0;
    boolean key =
        Files.mismatch(directory.resolve(file + ".key"), GIVEN.resolve(which + ".key")) < 0;
    assertThat(chain).as("both or none").isEqualTo(key);
    return chain;
  }

  private Ran rotate(String connector, String fresh, String more) throws IOException {
    copy(fresh, "fresh");
    return Ran.with(
        relay.file(),
        "credential rotate %s --certificate %s/fresh.pem --key %s/fresh.key%s"
            .formatted(connector, directory, directory, more));
  }

  @Test
  void aCertificateThatTheNextHopKnowsReplacesTheOldOneAndTheRelayShowsIt() throws Exception {
    var ran = rotate("partner", "relay", ASKING);
    assertThat(ran.exit()).as(ran.toString()).isZero();
    assertThat(ran.out())
        .contains("was taken at connector partner")
        .contains("the running relay has shown it");
    assertThat(is("shown", "relay")).isTrue();
  }

  /// The power went between the two renames: the key is new, its certificate is not.
  @Test
  void whatAPowerCutLeftHalfDoneTheSameCommandEnds() throws Exception {
    for (var each : List.of(List.of("partner", "shown", ASKING), List.of("cloud", "proof", ""))) {
      Path key = directory.resolve(each.get(1) + ".key");
      Files.copy(GIVEN.resolve("relay.key"), key, StandardCopyOption.REPLACE_EXISTING);
      var ran = rotate(each.get(0), "relay", each.get(2));
      assertThat(ran.exit()).as(ran.toString()).isZero();
      assertThat(is(each.get(1), "relay")).isTrue();
    }
  }

  @Test
  void oneThatItDoesNotKnowIsRefusedAndTheOldPairStays() throws Exception {
    var ran = rotate("partner", "edwards", ASKING);
    assertThat(ran.exit()).as(ran.toString()).isEqualTo(Exit.NO);
    assertThat(ran.out()).contains("The new certificate does not work; nothing was changed.");
    assertThat(is("shown", "rsa")).isTrue();
  }

  @Test
  void aKeyOfAnotherCertificateIsNotEvenTried() throws Exception {
    copy("relay", "fresh");
    var ran =
        Ran.with(
            relay.file(),
            "credential rotate partner --certificate %s/fresh.pem --key %s/shown.key"
                .formatted(directory, directory));
    assertThat(ran.exit()).isEqualTo(Exit.WRONG);
    assertThat(ran.err()).contains("The new certificate cannot be used: ");
    assertThat(is("shown", "rsa")).isTrue();
  }

  @Test
  void aCertificateForTokensIsShownToTheTokenServerFirst() throws Exception {
    var ran = rotate("cloud", "relay", "");
    assertThat(ran.exit()).as(ran.toString()).isZero();
    assertThat(tokens.asked().getLast()).containsKey("client_assertion");
    assertThat(is("proof", "relay")).isTrue();
  }

  @Test
  void oneThatTheTokenServerDoesNotKnowIsNotTaken() throws Exception {
    tokens.answers(
        Optional.of(ToyTokenServer.error(401, "invalid_client", "AADSTS700027: not found.")));
    var ran = rotate("cloud", "relay", "");
    assertThat(ran.exit()).isEqualTo(Exit.NO);
    assertThat(ran.out())
        .startsWith("The new certificate does not work: ")
        .contains("AADSTS700027", "Nothing was changed.");
    assertThat(is("proof", "rsa")).isTrue();
  }

  @Test
  void theOldPairIsBackWhenTheRunningRelayGetsNoTokenWithTheNewOneAndItIsSaidWhy()
      throws Exception {
    tokens.before(
        () -> {
          try {
            if (is("proof", "relay")) {
              tokens.answers(
                  Optional.of(ToyTokenServer.error(401, "invalid_client", "AADSTS700027: no.")));
            }
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    var ran = rotate("cloud", "relay", "");
    assertThat(ran.exit()).as(ran.toString()).isEqualTo(Exit.NO);
    assertThat(ran.out())
        .startsWith("The running relay gets no token with the new certificate: ")
        .contains("AADSTS700027", "The old one is back.");
    assertThat(is("proof", "rsa")).isTrue();
  }

  @Test
  void whoSaysNeitherASecretNorAPairOrBothIsToldWhatToSay() throws Exception {
    for (String line :
        new String[] {
          "credential rotate partner",
          "credential rotate partner --certificate a.pem",
          "credential rotate partner --certificate a.pem --key a.key --secret-from a",
        }) {
      var ran = Ran.with(relay.file(), line);
      assertThat(ran.exit()).as(line).isEqualTo(Exit.WRONG);
      assertThat(ran.err()).contains("Say --secret-from, or --certificate and --key.");
    }
    assertThat(rotate("next", "relay", "").err()).contains("has no certificate that could be");
    assertThat(rotate("cloud", "relay", " --of tls").err()).contains("has no certificate that");
    assertThat(rotate("partner", "rsa", "").err()).contains("already");
  }
}
