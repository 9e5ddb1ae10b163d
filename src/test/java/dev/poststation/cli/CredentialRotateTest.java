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
            connectors.person { %1$s
              auth { user = "person@example.com", grant = refresh-token
                client-secret = "file:%2$s", refresh-token = "file:%5$s", %3$s } }
            connectors.service { %1$s
              auth { user = "service@example.com", grant = jwt-bearer
                client-key = "%4$s/rsa.key", %3$s } }
            routes = [ { via = [cloud, signed, person, service] } ]
            """
                .formatted(
                    host, secret, tokens.settings(), directory, file("refresh", "refresh-0")));
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
    // Not the last one: meanwhile the relay may fetch a token for another account.
    assertThat(tokens.asked()).anySatisfy(form -> assertThat(form).containsKey("client_assertion"));
    var ran = rotate("signed", NEW);
    assertThat(ran.exit()).isEqualTo(Exit.WRONG);
    assertThat(ran.err())
        .contains(
            "logs in by a certificate or a key, not by a secret: say --certificate and --key");
    assertThat(rotate("service", NEW).err())
        .contains("a service account, not by a secret: say --key");
  }

  /// It is the relay that has the refresh token, and the server gives another one with each use.
  @Test
  void whereSomebodyLoggedInTheNewSecretIsTriedWithTheTokenThatIsKeptAndTheNextOneIsKept()
      throws Exception {
    tokens.rotates();
    assertThat(Ran.with(relay.file(), "oauth refresh person").exit()).isZero();
    var wrong = rotate("person", "wrong-secret");
    assertThat(wrong.exit()).as(wrong.toString()).isEqualTo(Exit.NO);
    assertThat(wrong.out())
        .startsWith("The new secret does not work: ")
        .contains("AADSTS7000215", "Nothing was changed.");
    assertThat(inTheFile()).isEqualTo(OLD);

    var written = new java.util.concurrent.CopyOnWriteArrayList<String>();
    tokens.before(() -> written.add(inTheFileNow()));
    var ran = rotate("person", NEW);
    assertThat(ran.exit()).as(ran.toString()).isZero();
    assertThat(ran.out()).contains("the running relay has logged in with it");
    assertThat(written).startsWith(OLD).endsWith(NEW);
    assertThat(inTheFile()).isEqualTo(NEW);
    relay.close();
    var alone = rotate("person", OLD);
    assertThat(alone.exit()).as(alone.toString()).isZero();
    assertThat(alone.out()).contains(" got a token at connector person", "No relay that runs");
    assertThat(Files.readString(directory.resolve("data/oauth.tokens")))
        .contains(tokens.refreshToken());
  }

  private String inTheFileNow() {
    try {
      return inTheFile();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private Ran rotateKey(String more) {
    return Ran.with(relay.file(), "credential rotate " + more);
  }

  @Test
  void theKeyOfAServiceAccountIsReplacedAloneOnceATokenWasGotWithIt() throws Exception {
    Path key = directory.resolve("rsa.key");
    Path fresh = file("fresh.key", Files.readString(Path.of("src/test/resources/tls/relay.key")));
    tokens.answers(
        Optional.of(ToyTokenServer.error(400, "invalid_grant", "Invalid JWT Signature.")));
    var refused = rotateKey("service --key " + fresh);
    assertThat(refused.exit()).as(refused.toString()).isEqualTo(Exit.NO);
    assertThat(refused.out())
        .startsWith("The new key does not work: ")
        .contains("Invalid JWT Signature", "Nothing was changed.");
    assertThat(Files.mismatch(key, fresh)).isNotNegative();

    tokens.answers(Optional.empty());
    var ran = rotateKey("service --key " + fresh);
    assertThat(ran.exit()).as(ran.toString()).isZero();
    assertThat(ran.out())
        .startsWith("The new key of service@example.com let this relay in at connector service")
        .contains("the running relay has logged in with it");
    assertThat(Files.mismatch(key, fresh)).isNegative();
    assertThat(rotateKey("service --key " + fresh).err()).contains("has already");
    assertThat(rotateKey("cloud --key " + fresh).err()).contains("say --certificate, too");
    assertThat(rotateKey("service --certificate x.pem --key " + fresh).err())
        .contains("service account, which has no certificate: say --key alone");
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
