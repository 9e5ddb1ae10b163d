package dev.poststation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.bouncycastle.openpgp.PGPSecretKeyRing;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgpainless.PGPainless;

/// What `pgp import` keeps and what it refuses, and what `check` says of keys.
class PgpImportTest {
  private static final String SIGN =
      """
      content = [
        { use = openpgp-decrypt }
        { use = openpgp-sign, for { from = ["@here.test"] } }
      ]
      """;

  @TempDir Path home;

  @BeforeEach
  void begin() throws Exception {
    Files.createDirectory(home.resolve("data"));
    Path secret = Files.writeString(home.resolve("secret"), "a long password of the relay\n");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(home.resolve("typed"), "of the file\n");
    configure("openpgp { password = \"file:" + home + "/secret\" }", "");
  }

  private void configure(String openPgp, String content) throws Exception {
    Files.writeString(
        home.resolve("relay.conf"),
        """
        hostname = "relay.test"
        data = "%s/data"
        connectors { next { hosts = ["127.0.0.1:9"] } }
        routes = [ { via = [next] } ]
        %s
        %s
        """
            .formatted(home, openPgp, content));
  }

  private Ran run(String line) {
    return Ran.with(home.resolve("relay.conf"), line);
  }

  private PGPSecretKeyRing key(String name, String userId) throws Exception {
    var key = PGPainless.generateKeyRing().modernKeyRing(userId, "of the file");
    Files.writeString(home.resolve(name), PGPainless.asciiArmor(key));
    return key;
  }

  private Ran imported(String file, String more) {
    return run("pgp import " + home + "/" + file + " --password-file " + home + "/typed" + more);
  }

  @Test
  void aPrivateKeyIsKeptEncryptedAndShownListedExportedAndForgotten() throws Exception {
    key("anna.key", "Anna <Anna@Here.Test>");
    assertThat(imported("anna.key", "").out())
        .startsWith("Private key ")
        .contains(" of anna@here.test, Ed25519", "Z: signs, decrypts");
    try (var files = Files.list(home.resolve("data/openpgp/own"))) {
      Path file = files.findFirst().orElseThrow();
      assertThat(Files.readString(file))
          .startsWith("poststation-openpgp 1\nnames = anna@here.test\norigin = imported\n")
          .contains("BEGIN PGP PRIVATE KEY BLOCK");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
    }
    assertThat(run("pgp list").out()).contains("anna@here.test  yes  signs, decrypts");
    assertThat(run("pgp show anna@here.test").out()).contains("Anna <Anna@Here.Test>");
    assertThat(run("pgp export anna@here.test").out())
        .contains("PUBLIC KEY BLOCK")
        .doesNotContain("PRIVATE");
    assertThat(run("pgp delete anna@here.test").exit()).isZero();
    assertThat(run("pgp show anna@here.test").err())
        .contains("There is no key of anna@here.test: poststation pgp list shows what there is.");
  }

  @Test
  void whatCannotBeKeptIsToldInOneSentence() throws Exception {
    var key = key("anna.key", "Anna <anna@here.test>");
    Files.writeString(home.resolve("junk"), "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQ==\n=xx\n");
    Files.write(home.resolve("cut"), java.util.Arrays.copyOf(key.getEncoded(), 150));
    Files.writeString(home.resolve("text"), "no key\n");
    for (String file : new String[] {"junk", "cut", "text"}) {
      var ran = imported(file, "");
      assertThat(ran.exit()).isEqualTo(1);
      assertThat(ran.err())
          .contains("/" + file + " cannot be imported: it ")
          .doesNotContain("\tat ");
    }
    Files.writeString(home.resolve("typed"), "another\n");
    assertThat(imported("anna.key", "").err())
        .contains("Nothing was changed: the password does not open it");
    assertThat(imported("anna.key", " --for nobody").err()).contains("is no address");
    key("none.key", "Anna");
    assertThat(imported("none.key", "").err()).contains("which names no address: say with --for");
    configure("", "");
    assertThat(imported("anna.key", "").err()).contains("write openpgp { password =");
  }

  @Test
  void whoseAKeyIsStaysAsItWasSaidUntilSomebodySaysItAnew() throws Exception {
    key("gate.key", "Gate <gate@here.test>");
    assertThat(imported("gate.key", " --for @here.test").out()).contains(" of @here.test, ");
    assertThat(imported("gate.key", "").out())
        .contains(" of @here.test, ")
        .doesNotContain("before.");
    assertThat(imported("gate.key", " --for Anna@M\u00fcller.test").out())
        .contains(" of anna@xn--mller-kva.test, ", "\n  It was for @here.test before.\n");
    assertThat(run("pgp list").out()).contains("anna@xn--mller-kva.test  yes");
    assertThat(run("pgp show anna@m\u00fcller.test").exit()).isZero();
  }

  @Test
  void checkTellsOfAWrongPasswordAndOfSendersWithoutAKey() throws Exception {
    String openPgp = "openpgp { password = \"file:" + home + "/secret\" }";
    configure(openPgp, SIGN);
    assertThat(run("check").out())
        .contains(
            "relay.conf:8: warning: openpgp-sign: there is no valid key of @here.test: such mail"
                + " goes on unsigned; import one: poststation pgp import FILE.asc",
            "openpgp-decrypt: there is no key of ours: nothing can be decrypted");
    key("anna.key", "Anna <anna@here.test>");
    assertThat(imported("anna.key", "").exit()).isZero();
    assertThat(run("check").out()).doesNotContain("openpgp");
    Files.writeString(home.resolve("secret"), "another password\n");
    assertThat(run("check").out())
        .contains(
            "relay.conf:5: warning: openpgp: the key of anna@here.test cannot be used:"
                + " openpgp.password does not open it");
  }

  @Test
  void keysOfDomainsAreLookedUpByWhoEncryptsAndByACommand() throws Exception {
    configure("openpgp { wkd = on, harvest = on }", "");
    assertThat(run("check").out())
        .contains(
            "relay.conf:5: warning: openpgp.harvest = on, and nothing finds keys; add { use ="
                + " openpgp-verify } to content, or remove harvest")
        .contains(
            "relay.conf:5: warning: openpgp.wkd = on, and nothing encrypts; add { use ="
                + " openpgp-encrypt } to content, or remove wkd");
    configure("", "");
    assertThat(run("pgp lookup nobody").err()).contains("nobody is no address: write user@domain");
    var none = run("pgp lookup a@b_c.test");
    assertThat(none.exit()).isEqualTo(1);
    assertThat(none.err()).contains("There is no key: no site can have the name b_c.test.");
  }
}
