package dev.poststation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.admin.LiveRelay;
import dev.poststation.sim.ToyGraph;
import dev.poststation.sim.ToyTokenServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `credential rotate` of client secrets: the token server is asked with the new one before the old
/// one is replaced.
class CredentialRotateTest {
  private static final String OLD = "old-secret-1";
  private static final String NEW = "new-secret-2";

  @TempDir Path directory;
  private Path secret;
  private ToyTokenServer tokens;
  private ToyGraph graph;
  private LiveRelay relay;

  @BeforeEach
  void start() throws Exception {
    secret = file("secret", OLD);
    tokens = new ToyTokenServer().start();
    tokens.takes(OLD + "|" + NEW);
    graph = ToyGraph.start();
    Files.copy(Path.of("src/test/resources/tls/rsa.key"), file("rsa.key", ""), REPLACE);
    Files.copy(Path.of("src/test/resources/tls/rsa.pem"), file("rsa.pem", ""), REPLACE);
    String host = "type = graph, hosts = [\"127.0.0.1:%d\"]".formatted(graph.port());
    relay =
        new LiveRelay(
            directory,
            """
            connectors.cloud { %1$s
              auth { user = "scanner@example.com", grant = client-credentials
                client-secret = "file:%2$s", %3$s } }
            connectors.signed { %1$s
              auth { user = "other@example.com", grant = client-credentials
                client-certificate = "%4$s/rsa.pem", client-key = "%4$s/rsa.key", %3$s } }
            routes = [ { via = [cloud, signed] } ]
            """
                .formatted(host, secret, tokens.settings(), directory));
  }

  private static final java.nio.file.StandardCopyOption REPLACE =
      java.nio.file.StandardCopyOption.REPLACE_EXISTING;

  private Path file(String name, String text) throws IOException {
    Path file = directory.resolve(name);
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return file;
  }

  @AfterEach
  void stop() {
    relay.close();
    graph.close();
    tokens.close();
  }

  private Ran rotate(String connector, String fresh) throws IOException {
    String line =
        "credential rotate %s --secret-from %s".formatted(connector, file("fresh", fresh));
    var ran = Ran.with(relay.file(), line);
    assertThat(ran.out() + ran.err()).doesNotContain(OLD, NEW, "wrong-secret", "access-");
    return ran;
  }

  private List<String> asked() {
    return tokens.asked().stream().map(form -> form.getOrDefault("client_secret", "-")).toList();
  }

  private String inTheFile() throws IOException {
    return Files.readString(secret).strip();
  }

  @Test
  void aTokenIsGotWithTheNewSecretBeforeTheOldOneIsReplacedAndTheRelayUsesIt() throws Exception {
    var written = new java.util.concurrent.CopyOnWriteArrayList<String>();
    tokens.before(
        () -> {
          try {
            written.add(tokens.asked().getLast().get("client_secret") + " while " + inTheFile());
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });
    var ran = rotate("cloud", NEW);
    assertThat(ran.exit()).as(ran.toString()).isZero();
    assertThat(ran.out()).contains("the running relay has logged in with it");
    assertThat(inTheFile()).isEqualTo(NEW);
    assertThat(written).contains(NEW + " while " + OLD).endsWith(NEW + " while " + NEW);
  }

  @Test
  void aWrongSecretIsRefusedByTheTokenServerAndTheOldOneStays() throws Exception {
    var ran = rotate("cloud", "wrong-secret");
    assertThat(ran.exit()).isEqualTo(Exit.NO);
    assertThat(ran.out())
        .startsWith("The new secret does not work: the token server says invalid_client")
        .contains("AADSTS7000215: Invalid client secret provided")
        .contains("Nothing was changed.");
    assertThat(inTheFile()).isEqualTo(OLD);
    assertThat(asked()).contains("wrong-secret");
    assertThat(Ran.with(relay.file(), "oauth refresh cloud").exit()).isZero();
  }

  @Test
  void whileTheTokenServerIsDownNothingIsKnownOfTheNewSecretAndTheOldOneStays() throws Exception {
    tokens.down(true);
    var ran = rotate("cloud", NEW);
    assertThat(ran.exit()).isEqualTo(Exit.NO);
    assertThat(ran.out())
        .startsWith("Whether the new secret works is not known: ")
        .contains("Nothing was changed.");
    assertThat(inTheFile()).isEqualTo(OLD);
    tokens.down(false);
    assertThat(rotate("cloud", NEW).exit()).isZero();
  }

  @Test
  void theOldOneIsPutBackWhenTheRunningRelayGetsNoTokenWithTheNewThoughItHasOneStill()
      throws Exception {
    assertThat(Ran.with(relay.file(), "oauth refresh cloud").exit()).isZero();
    Predicate<String> replaced = NEW::equals;
    tokens.before(
        () -> {
          try {
            if (replaced.test(inTheFile())) {
              tokens.answers(
                  Optional.of(ToyTokenServer.error(401, "invalid_client", "AADSTS7000215: no.")));
            }
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });
    var ran = rotate("cloud", NEW);
    assertThat(ran.exit()).as(ran.toString()).isEqualTo(Exit.NO);
    assertThat(ran.out())
        .startsWith("The running relay gets no token with the new secret: ")
        .contains("AADSTS7000215", "The old one is back.");
    assertThat(inTheFile()).isEqualTo(OLD);
  }

  @Test
  void whoProvesByACertificateHasNoSecretAndIsToldWhatToDo() throws Exception {
    assertThat(Ran.with(relay.file(), "oauth refresh signed").exit()).isZero();
    assertThat(tokens.asked().getLast()).containsKey("client_assertion");
    var ran = rotate("signed", NEW);
    assertThat(ran.exit()).isEqualTo(Exit.WRONG);
    assertThat(ran.err())
        .contains(
            "logs in by a certificate or a key, not by a secret: say --certificate and --key");
  }

  @Test
  void withoutARelayTheNewSecretIsTriedByTheCommandAndLiesThereForTheNext() throws Exception {
    relay.close();
    var ran = rotate("cloud", NEW);
    assertThat(ran.exit()).as(ran.toString()).isZero();
    assertThat(ran.out()).contains("No relay that runs could be asked");
    assertThat(inTheFile()).isEqualTo(NEW);
    assertThat(asked()).contains(NEW);
  }
}
