package dev.poststation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poststation.account.FileAccounts;
import dev.poststation.account.UsersFile;
import dev.poststation.admin.LiveRelay;
import dev.poststation.config.UsersSettings;
import dev.poststation.os.Os;
import dev.poststation.sasl.Accounts.Login;
import dev.poststation.sasl.ScramKeys;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The users as an administrator keeps them, with a relay that runs and without one.
class UserCommandsTest {
  private static final String PASSWORD = "correct horse";

  @TempDir Path home;
  private Path config = Path.of("");
  private Path users = Path.of("");

  private record Ran(int exit, String out, String err) {
    private String good() {
      assertThat(exit).as(out + err).isZero();
      return out;
    }

    /// Fails unless it ended with this code and one sentence with this in it.
    private void refused(int code, String said) {
      assertThat(exit).as(out + err).isEqualTo(code);
      assertThat(out).isEmpty();
      assertThat(err.lines()).hasSize(1);
      assertThat(err).contains(said).endsWith(".\n").doesNotContain("..\n");
    }
  }

  @BeforeEach
  void configuration() throws Exception {
    config = home.resolve("poststation.conf");
    users = home.resolve("users");
    Files.writeString(
        config,
        """
        hostname = "relay.test"
        data = "data"
        users { file = "users", iterations = 4096, password-age-warning = "1 day" }
        admin { bind = "127.0.0.1:0" }
        listeners { relay { bind = "127.0.0.1:0" } }
        connectors { next { hosts = ["127.0.0.1:9"] } }
        routes = [ { via = [next] } ]
        """);
  }

  private Ran run(String... words) {
    var out = new StringWriter();
    var err = new StringWriter();
    var program = new Program(Os.real(), new PrintWriter(out), new PrintWriter(err));
    String[] all = Arrays.copyOf(words, words.length + 2);
    all[words.length] = "--config";
    all[words.length + 1] = config.toString();
    return new Ran(program.run(all), out.toString(), err.toString());
  }

  /// With a password on standard input.
  private Ran told(String password, String... words) {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream((password + "\n").getBytes(StandardCharsets.UTF_8)));
    try {
      return run(words);
    } finally {
      System.setIn(before);
    }
  }

  private JsonNode json(String... words) throws Exception {
    String[] all = Arrays.copyOf(words, words.length + 1);
    all[words.length] = "--json";
    return new ObjectMapper().readTree(run(all).good());
  }

  private Optional<Login> login(String name, String password) throws Exception {
    var settings = new UsersSettings(users, 4096, null, 10, Duration.ofMinutes(15));
    return new FileAccounts(Os.real(), home.resolve("data"), () -> settings)
        .password(name, password);
  }

  @Test
  void aUserWhoWasAddedCanLogIn() throws Exception {
    Files.createDirectories(home.resolve("data"));
    assertThat(told(PASSWORD, "user", "add", "anna", "--own", "anna@example.com").good())
        .isEqualTo("User anna added.\n");

    assertThat(login("anna", PASSWORD)).contains(new Login("anna", "main"));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(users)))
        .isEqualTo("rw-------");
    assertThat(Files.readString(users)).contains("own anna@example.com").doesNotContain(PASSWORD);
  }

  @Test
  void aPasswordThatIsMadeIsShownOnceAndIsStrong() throws Exception {
    Files.createDirectories(home.resolve("data"));
    var made = json("user", "add", "anna", "--generate").path("password").asText();
    assertThat(made).matches("[a-z2-9]{5}(-[a-z2-9]{5}){3}");
    assertThat(login("anna", made)).isPresent();
    assertThat(run("user", "show", "anna").good()).doesNotContain(made);
    assertThat(run("user", "password", "anna", "--generate").good())
        .startsWith("Password main of anna set.\nPassword, shown only now: ");
    assertThat(login("anna", made)).isEmpty();
  }

  private void configured(String more) throws Exception {
    Files.writeString(config, Files.readString(config) + more);
  }

  @Test
  void aLineThatIsWrongElsewhereHindersNoneOfThem() throws Exception {
    Files.createDirectories(home.resolve("data"));
    configured("limits { recipient = 5 }\n");
    assertThat(told(PASSWORD, "user", "add", "anna").good()).isEqualTo("User anna added.\n");
    var disabled = run("user", "disable", "anna");
    assertThat(disabled.good()).isEqualTo("User anna disabled.\n");
    assertThat(disabled.err())
        .startsWith("The configuration has errors, which poststation check tells; the command")
        .contains(users.toString());
    assertThat(run("user", "list").good()).contains("disabled");
    run("user", "show", "anna").good();
    run("user", "enable", "anna").good();
    told("another one", "user", "password", "anna").good();
    run("user", "change", "anna", "--own", "anna@example.com").good();
    run("user", "delete", "anna").good();
  }

  @Test
  void explainRefusesWhoCannotLogIn() throws Exception {
    Files.createDirectories(home.resolve("data"));
    Path tls = Path.of("src/test/resources/tls").toAbsolutePath();
    configured(
        """
        clients = [ { name = staff, users = ["*"] } ]
        certificates = [ { chain = "%s/relay.pem", key = "%s/relay.key" } ]
        """
            .formatted(tls, tls));
    told(PASSWORD, "user", "add", "anna").good();
    assertThat(explain("anna").good()).startsWith("accepted  250 2.1.5");
    run("user", "disable", "anna").good();
    for (String user : new String[] {"anna", "nobody"}) {
      var refused = explain(user);
      assertThat(refused.exit()).isEqualTo(Exit.NO);
      assertThat(refused.out())
          .startsWith("refused   535 5.7.8 ")
          .contains("AUTH fails: nobody can log in as " + user);
    }
  }

  @Test
  void ofWhomOnlyATokenCouldNameExplainSaysSo() throws Exception {
    Files.createDirectories(home.resolve("data"));
    Path tls = Path.of("src/test/resources/tls").toAbsolutePath();
    configured(
        """
        clients = [ { name = staff, users = ["*"] } ]
        certificates = [ { chain = "%s/relay.pem", key = "%s/relay.key" } ]
        users { oauth { issuer = "https://login.example.com", audience = poststation } }
        """
            .formatted(tls, tls));
    told(PASSWORD, "user", "add", "anna").good();
    assertThat(explain("anna").good()).doesNotContain("provided");
    assertThat(explain("carla").good())
        .startsWith("accepted  250 2.1.5")
        .contains(
            "\nprovided  that a token of the issuer names carla: no store does\n",
            "carla is in no store: a token of the issuer would have to name him\n");
  }

  @Test
  void explainTakesACertificateFromAFileWhereItsIssuerMatters() throws Exception {
    Path tls = Path.of("src/test/resources/tls").toAbsolutePath();
    configured(
        """
        clients = [ { name = partner, certificates = [ { subject = "CN=relay.test", ca = "%1$s/relay.pem" } ] } ]
        certificates = [ { chain = "%1$s/relay.pem", key = "%1$s/relay.key" } ]
        listeners { in { bind = "127.0.0.1:0", client-certificates = request } }
        """
            .formatted(tls));
    assertThat(certified(tls + "/relay.pem").good())
        .contains("matches   partner (", "certificates holds: its certificate is sha256:");
    assertThat(certified(tls + "/rsa.pem").out())
        .contains("certificates fails: ", "its subject is not CN=relay.test");
    certified(tls + "/nowhere.pem").refused(2, "is neither a fingerprint");
    Path both = home.resolve("both.pem");
    Files.writeString(
        both,
        Files.readString(tls.resolve("relay.key")) + Files.readString(tls.resolve("relay.pem")));
    assertThat(certified(both.toString()).good()).contains("matches   partner (");
    certified(tls + "/relay.key").refused(2, "there is no certificate in");
    certified("sha256:1234").refused(2, "is neither a fingerprint");
  }

  private Ran certified(String certificate) {
    return run(
        "explain",
        "--offline",
        "--client",
        "192.0.2.1",
        "--certificate",
        certificate,
        "--from",
        "a@x.example",
        "--to",
        "b@y.example");
  }

  private Ran explain(String user) {
    return run(
        "explain",
        "--offline",
        "--client",
        "192.0.2.1",
        "--user",
        user,
        "--tls",
        "--from",
        "a@x.example",
        "--to",
        "b@y.example");
  }

  @Test
  void whereTheUsersStandMustBeKnown() throws Exception {
    Files.writeString(
        config, Files.readString(config).replace("file = \"users\"", "fil = \"users\""));
    assertThat(run("user", "disable", "anna").err()).contains("unknown key \"fil\" in users");
    assertThat(run("user", "disable", "anna").exit()).isEqualTo(Exit.WRONG);
  }

  @Test
  void secretsThatOnlyTheServiceHasHinderNoCommandBesideIt() throws Exception {
    Files.createDirectories(home.resolve("data"));
    configured(
        """
        connectors {
          e { hosts = ["127.0.0.1:9"], tls = verify, auth { user = "u", password = "env:NO_SUCH" } }
          c { hosts = ["127.0.0.1:9"], tls = verify, auth { user = "u", password = "credential:x" } }
        }
        """);
    var added = told(PASSWORD, "user", "add", "anna");
    assertThat(added.good()).isEqualTo("User anna added.\n");
    assertThat(added.err()).isEmpty();
    assertThat(run("check").good())
        .contains(
            "poststation.conf:9: warning: a secret cannot be looked at from here: environment"
                + " variable NO_SUCH is not set; the relay needs it at its start")
        .contains("cannot be looked at from here: there are no credentials");
    assertThat(run("run").exit()).isEqualTo(Exit.WRONG);
  }

  @Test
  void aPasswordComesFromAFileToo() throws Exception {
    Files.createDirectories(home.resolve("data"));
    Path secret = Files.writeString(home.resolve("secret"), PASSWORD + "\n");
    run("user", "add", "anna", "--password-file", secret.toString()).good();
    assertThat(login("anna", PASSWORD)).isPresent();
    told("another one", "user", "password", "anna", "--password-file", "-").good();
    assertThat(login("anna", "another one")).isPresent();
  }

  @Test
  void anOldPasswordStaysGoodForAWhileWhereThatIsWanted() throws Exception {
    Files.createDirectories(home.resolve("data"));
    told(PASSWORD, "user", "add", "anna").good();
    assertThat(told("another one", "user", "password", "anna", "--keep-old", "7d").good())
        .contains("Password main of anna set.\nThe one before stays good as main-old for 7 days.");

    assertThat(login("anna", PASSWORD)).contains(new Login("anna", "main-old"));
    assertThat(login("anna", "another one")).contains(new Login("anna", "main"));
    var old = json("user", "show", "anna").path("passwords").path(1);
    assertThat(Instant.parse(old.path("expires").asText()))
        .isBetween(
            Instant.now().plus(Duration.ofDays(7)).minusSeconds(600),
            Instant.now().plus(Duration.ofDays(7)));
    told("a third one", "user", "password", "anna").good();
    assertThat(login("anna", "another one")).isEmpty();
    assertThat(login("anna", PASSWORD)).as("it was to stay").isPresent();
  }

  @Test
  void eachDeviceHasAPasswordThatCanBeTakenAwayAlone() throws Exception {
    Files.createDirectories(home.resolve("data"));
    told(PASSWORD, "user", "add", "anna").good();
    told("of the scanner", "user", "password", "anna", "--label", "scanner", "--application")
        .good();
    told("of the fax", "user", "password", "anna", "--label", "fax", "--application").good();
    assertThat(login("anna", "of the fax")).contains(new Login("anna", "fax"));
    assertThat(told("of a new one", "user", "password", "anna", "--label", "fax").good())
        .contains("Password fax of anna set.\nThe one before is no good any more.");
    assertThat(login("anna", "of the fax")).isEmpty();

    assertThat(run("user", "password", "anna", "--revoke", "fax").good())
        .isEqualTo("Password fax of anna is no good any more.\n");

    assertThat(login("anna", "of the fax")).isEmpty();
    assertThat(login("anna", "of the scanner")).isPresent();
    assertThat(login("anna", PASSWORD)).isPresent();
    run("user", "password", "anna", "--revoke", "fax").refused(1, "anna has no password \"fax\"");
  }

  @Test
  void whoHasKeysOfAnOlderVersionIsToldUntilHisPasswordIsSetAnew() throws Exception {
    Files.createDirectories(home.resolve("data"));
    told(PASSWORD, "user", "add", "berta").good();
    byte[] salt = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    var keys = ScramKeys.derive(ScramKeys.Hash.SHA_256, PASSWORD, salt, 4096).text();
    String main = "password main main created=2025-01-01T00:00:00Z " + keys;
    Files.writeString(users, Files.readString(users) + "user anna\n  " + main + "\n");
    assertThat(run("user", "list").good())
        .contains("Whose keys have a salt or iterations of before: anna. Put users.secret");
    assertThat(run("user", "show", "anna").good()).contains("His keys have a salt or iterations");
    assertThat(json("user", "show", "berta").path("oldKeys").asBoolean()).isFalse();
    assertThat(run("check").good())
        .contains("users: the keys of 1 user have a salt or iterations of before");

    told("another one", "user", "password", "anna").good();
    assertThat(login("anna", "another one")).isPresent();
    assertThat(run("user", "list").good()).doesNotContain("of before");
    assertThat(run("check").good()).doesNotContain("of before");
  }

  @Test
  void aUserIsDisabledEnabledAndDeleted() throws Exception {
    Files.createDirectories(home.resolve("data"));
    told(PASSWORD, "user", "add", "anna").good();
    assertThat(run("user", "disable", "Anna").good()).isEqualTo("User Anna disabled.\n");
    assertThat(login("anna", PASSWORD)).isEmpty();
    assertThat(run("user", "list").good()).contains("anna  disabled");
    run("user", "enable", "anna").good();
    assertThat(login("anna", PASSWORD)).isPresent();
    assertThat(json("user", "delete", "anna").path("done").asText()).isEqualTo("deleted");
    assertThat(run("user", "list").good()).isEqualTo("There are no users in " + users + ".\n");
  }

  private String created() throws Exception {
    return json("user", "show", "anna").path("passwords").path(0).path("created").asText();
  }

  @Test
  void theLastUseOfACertificateIsShownThoughThereIsNoPassword() throws Exception {
    Files.createDirectories(home.resolve("data"));
    String print = "sha256:" + "ab".repeat(32);
    run("user", "add", "erp", "--certificate", print).good();
    assertThat(run("user", "list").good()).containsPattern("erp +enabled +- +certificate .*-");
    String used = Instant.now().minusSeconds(7_260).toString();
    Files.writeString(
        home.resolve("data/users.used"),
        "erp -@" + print + " " + used + " 192.0.2.1\nerp -@token " + used + " 192.0.2.2\n");
    assertThat(run("user", "list").good())
        .containsPattern("erp +enabled +- +certificate +2 h 1 m ago")
        .containsPattern("\n +- +token +2 h 1 m ago");
    assertThat(run("user", "show", "erp").good())
        .contains("passwords: none")
        .containsPattern("- +certificate +2 h 1 m ago +192.0.2.1")
        .containsPattern("- +token +2 h 1 m ago +192.0.2.2");
    var shown = json("user", "show", "erp");
    assertThat(shown.path("byCertificate").path("lastUsed").asText()).isEqualTo(used);
    assertThat(shown.path("byToken").path("lastUsedFrom").path(0).asText()).isEqualTo("192.0.2.2");
  }

  @Test
  void theListSaysHowOldEachPasswordIsAndWhenItWasUsed() throws Exception {
    Files.createDirectories(home.resolve("data"));
    told(PASSWORD, "user", "add", "anna").good();
    String used = Instant.now().minusSeconds(7_260).toString();
    Files.writeString(
        home.resolve("data/users.used"),
        "anna main@" + created() + " " + used + " 192.0.2.1 2001:db8::/64\n");

    assertThat(run("user", "list").good().lines().map(line -> line.replaceAll("  +", "|")))
        .first()
        .isEqualTo("USER|STATE|PASSWORD|KIND|AGE|EXPIRES|LAST USE");
    assertThat(run("user", "list").good()).contains("2 h 1 m ago").contains("never");
    assertThat(run("user", "show", "anna").good()).contains("192.0.2.1, 2001:db8::/64");
    var password = json("user", "list").path("users").path(0).path("passwords").path(0);
    assertThat(password.path("lastUsed").asText()).isEqualTo(used);
    assertThat(password.path("iterations").asInt()).isEqualTo(4096);
  }

  @Test
  void whatCramMd5CostsIsSaidWheneverAPasswordIsSet() throws Exception {
    Files.createDirectories(home.resolve("data"));
    var added = told(PASSWORD, "user", "add", "fax", "--cram-md5");
    added.good();
    assertThat(added.err()).startsWith("CRAM-MD5: the password itself stands in the users file");
    assertThat(told("another one", "user", "password", "fax").err()).isEqualTo(added.err());
    assertThat(run("user", "show", "fax").good()).contains("CRAM-MD5 is on");
  }

  @Test
  void aUserMayHaveACertificateInsteadOfAPassword() throws Exception {
    Files.createDirectories(home.resolve("data"));
    run("user", "add", "erp", "--certificate", "SHA256:" + "AB:".repeat(31) + "AB").good();
    assertThat(json("user", "show", "erp").path("certificates").path(0).asText())
        .isEqualTo("sha256:" + "ab".repeat(32));
    assertThat(json("user", "show", "erp").path("passwords")).isEmpty();
  }

  @Test
  void mistakesAreOneSentenceAndAnExitCode() throws Exception {
    Files.createDirectories(home.resolve("data"));
    told(PASSWORD, "user", "add", "anna").good();
    String before = Files.readString(users);

    run("user", "show", "berta")
        .refused(1, "There is no user \"berta\": see poststation user list");
    run("user", "delete", "berta").refused(1, "There is no user \"berta\"");
    told(PASSWORD, "user", "add", "ANNA").refused(1, "There is a user \"ANNA\" already");
    told(PASSWORD, "user", "add", "a b").refused(2, "\"a b\" is no name of a user: use letters");
    told("short", "user", "add", "b").refused(2, "A password has 8 characters or more; --generate");
    told("x".repeat(256), "user", "add", "b").refused(2, "255 octets at most");
    told("with a \u0007 bell", "user", "add", "b").refused(2, "control characters");
    told(PASSWORD, "user", "add", "b", "--own", "example.com")
        .refused(2, "\"example.com\" is no address: write user@example.com");
    run("user", "add", "b", "--certificate", "sha1:00").refused(2, "\"sha1:00\" is no fingerprint");
    run("user", "add", "b", "--password-file", "none").refused(2, "there is no file none");
    run("user", "add", "b", "--password-file", "-", "--generate").refused(2, "one of them, please");
    run("user", "password", "anna", "--expires", "soon")
        .refused(2, "--expires: \"soon\" is no dur");
    run("user", "password", "anna", "--label", "a b").refused(2, "--label: use letters");
    run("user", "password", "anna", "--application").refused(2, "name it by --label");
    run("user", "password", "anna", "--revoke", "x", "--generate").refused(2, "leave the other");
    assertThat(Files.readString(users)).isEqualTo(before);
  }

  @Test
  void aFileWithMistakesIsToldWithItsLinesAndNotTouched() throws Exception {
    Files.createDirectories(home.resolve("data"));
    Files.writeString(users, "user anna\n  onw a@example.com\n");
    Files.setPosixFilePermissions(users, PosixFilePermissions.fromString("rw-------"));
    var ran = run("user", "disable", "anna");
    assertThat(ran.exit()).isEqualTo(2);
    assertThat(ran.err())
        .startsWith(users + ":2: \"onw\" is nothing that a user has; a line begins");
    assertThat(Files.readString(users)).isEqualTo("user anna\n  onw a@example.com\n");
    assertThat(run("check").out()).contains("warning: \"onw\" is nothing that a user has");
    Files.setPosixFilePermissions(users, PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(run("user", "list").err())
        .contains("can be read by others; run: chmod 600 " + users);
  }

  @Test
  void twoCommandsDoNotChangeItAtOnce() throws Exception {
    Files.createDirectories(home.resolve("data"));
    try (var _ = UsersFile.lock(Os.real().disk(), users).orElseThrow()) {
      told(PASSWORD, "user", "add", "anna").refused(1, "Another command is changing " + users);
    }
    told(PASSWORD, "user", "add", "anna").good();
  }

  @Test
  void aFileWithoutUsersIsAWarningOfTheCheckOnlyWhereItIsNamed() throws Exception {
    assertThat(run("check").out())
        .contains("users.file: there are no users in " + users + "; add one: poststation user add");
    Files.writeString(config, Files.readString(config).replace("file = \"users\", ", ""));
    assertThat(run("check").out()).doesNotContain("users.file");
  }

  @Test
  void theFirstUserMayBeAddedBeforeTheRelayHasEverRun() throws Exception {
    Files.writeString(config, Files.readString(config).replace("file = \"users\", ", ""));
    var ran = told(PASSWORD, "user", "add", "anna");
    assertThat(ran.good()).isEqualTo("User anna added.\n");
    assertThat(ran.err())
        .isEqualTo(
            "The data directory was made, too: run the relay as the user who ran this command.\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.resolve("data"))))
        .isEqualTo("rwx------");
    var second = told(PASSWORD, "user", "add", "berta");
    assertThat(second.good() + second.err()).isEqualTo("User berta added.\n");
    try (var relay = new LiveRelay(home)) {
      config = relay.file();
      assertThat(run("status").good()).contains("\n2 users\n");
    }
  }

  @Test
  void usersWhoseFileVanishedUnderARelayAreWrittenBackAndNotLost() throws Exception {
    try (var relay = new LiveRelay(home, "users { file = \"users\", iterations = 4096 }\n")) {
      config = relay.file();
      run("user", "write-back").refused(Exit.NO, "is not gone: nothing is to be done");
      told(PASSWORD, "user", "add", "anna", "--own", "anna@example.com").good();
      told(PASSWORD, "user", "add", "berta", "--cram-md5");
      run("user", "disable", "berta").good();
      String before = Files.readString(users);
      assertThat(run("status").good()).contains("\n2 users, 1 of them disabled\n");
      Files.delete(users);

      told(PASSWORD, "user", "add", "carla")
          .refused(Exit.NO, "is gone, and the relay still has its 2 users: put it back, or write");
      String token = Files.readString(relay.token());
      Files.delete(relay.token());
      told(PASSWORD, "user", "add", "carla").refused(Exit.UNAUTHORISED, "is gone, though a relay");
      Files.writeString(relay.token(), token);
      assertThat(users).doesNotExist();
      run("user", "list").refused(Exit.NO, "poststation user write-back");
      assertThat(run("status").good()).contains("poststation user write-back");
      assertThat(run("user", "write-back").good()).isEqualTo("2 users written to " + users + ".\n");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(users)))
          .isEqualTo("rw-------");
      assertThat(users).hasContent(before);
      assertThat(home.resolve("data/users.saved")).doesNotExist();
      told(PASSWORD, "user", "add", "carla").good();
      assertThat(run("status").good()).contains("\n3 users, 1 of them disabled\n");
      Files.delete(users);
      assertThat(run("status").good()).contains("the users file is gone");
    }
    told(PASSWORD, "user", "add", "dora").good(); // Nobody has them any more.
    assertThat(run("user", "list").good()).contains("dora").doesNotContain("anna");
  }

  @Test
  void ownAddressesAndCertificatesAreChangedAfterwards() throws Exception {
    Files.createDirectories(home.resolve("data"));
    String print = "sha256:" + "0a".repeat(32);
    told(PASSWORD, "user", "add", "anna", "--own", "anna@example.com").good();
    assertThat(run("user", "change", "Anna", "--own", "a@example.com", "--own", "@b.test").good())
        .isEqualTo("User anna changed; own addresses: a@example.com, @b.test.\n");
    run("user", "change", "anna", "--add-own", "c@example.com", "--remove-own", "@B.test").good();
    assertThat(run("user", "show", "anna").good()).contains("own addresses: a@example.com, c@ex");
    run("user", "change", "anna", "--certificate", print).good();
    assertThat(json("user", "show", "anna").path("certificates").path(0).asText()).isEqualTo(print);
    assertThat(json("user", "change", "anna", "--no-certificates").path("own")).hasSize(2);
    run("user", "change", "anna", "--remove-own", "a@example.com", "--remove-own", "c@example.com");
    assertThat(run("user", "show", "anna").good())
        .contains("own addresses: none", "certificates: none");
    assertThat(login("anna", PASSWORD)).isPresent();

    run("user", "change", "anna").refused(2, "What is to change? ");
    run("user", "change", "anna", "--own", "a@b.test", "--add-own", "c@b.test")
        .refused(2, "--own ");
    run("user", "change", "anna", "--remove-own", "x@b.test").refused(1, "no own address of anna");
    run("user", "change", "anna", "--own", "what is this").refused(2, "\"what\" is no address");
    run("user", "change", "nobody", "--own", "a@b.test").refused(1, "There is no user \"nobody\"");
  }

  @Test
  void whoIsBlockedIsListedAndLetInAgain() throws Exception {
    try (var relay = new LiveRelay(home)) {
      config = relay.file();
      var guard = relay.relay().guard();
      assertThat(run("user", "blocks").good()).isEqualTo("Nobody is blocked.\n");
      assertThat(run("status").good()).doesNotContain("block");
      for (int i = 0; i < 100; i++) {
        guard.failed(
            guard.passage(InetAddress.getByName("2001:db8:0:" + i / 10 + "::" + i), "Anna"));
        guard.failed(guard.passage(InetAddress.getByName("192.0.2." + i % 3), "user" + i));
      }
      for (String network : List.of("7", "8")) { // Anna alone does not block it.
        for (int i = 0; i < 5; i++) {
          guard.failed(
              guard.passage(InetAddress.getByName("2001:db8:0:" + network + "::1"), "berta"));
        }
      }
      assertThat(run("status").good()).contains("\n16 blocks after failed logins: see ");
      assertThat(run("user", "blocks").good())
          .startsWith("ADDRESS ")
          .containsPattern("\n192\\.0\\.2\\.1 +\\(any\\) +in 14 m \\d+ s +\\d+ failed logins\n")
          .containsPattern("\n2001:db8:0:7::/64 +anna +in ")
          .containsPattern("\n\\(any\\) +anna +in 14 m \\d+ s +100 failed logins\n");

      assertThat(
              run("explain", "--client", "192.0.2.1", "--from", "a@x.test", "--to", "b@y.test")
                  .out())
          .contains("\nblocked   too many logins failed: for 14 minutes", "from 192.0.2.1 who");

      assertThat(run("user", "unblock", "ANNA").good()).isEqualTo("11 blocks lifted.\n");
      assertThat(run("user", "unblock", "192.0.2.1").good()).isEqualTo("1 block lifted.\n");
      assertThat(json("user", "unblock", "2001:db8:0:7::/64").path("lifted").asInt()).isEqualTo(1);
      assertThat(json("user", "unblock", "2001:db8:0:8::99").path("lifted").asInt()).isEqualTo(1);
      assertThat(json("user", "blocks").path("blocks")).hasSize(2);
      assertThat(guard.blocked(InetAddress.getByName("192.0.2.1"), "anna")).isEmpty();
      assertThat(guard.delay(guard.passage(InetAddress.getByName("192.0.2.1"), "anna"))).isZero();
      run("user", "unblock", "192.0.2.1").refused(1, "There is no such block");
      run("user", "unblock").refused(2, "Whom?");
      run("user", "unblock", "anna", "--all").refused(2, "Whom?");
      assertThat(run("user", "unblock", "--all").good()).isEqualTo("2 blocks lifted.\n");
      assertThat(run("user", "unblock", "--all").good()).isEqualTo("0 blocks lifted.\n");
    }
  }

  @Test
  void aRelayThatRunsTakesItOverWithoutAReload() throws Exception {
    try (var relay =
        new LiveRelay(
            home.resolve("data").getParent(),
            "users { iterations = 4096, password-age-warning = \"1 day\" }\n")) {
      config = relay.file();
      users = home.resolve("data/users");
      told(PASSWORD, "user", "add", "anna").good();
      told(PASSWORD, "user", "add", "berta").good();
      run("user", "disable", "berta").good();
      assertThat(run("status").good()).contains("\n2 users, 1 of them disabled\n");
      Files.writeString(
          users,
          Files.readString(users).replaceAll("created=\\S+", "created=2020-01-01T00:00:00Z"));
      assertThat(run("status").good())
          .contains("passwords older than users.password-age-warning: anna (main)\n")
          .doesNotContain("expire");
      told(PASSWORD, "user", "password", "anna", "--label", "scanner", "--expires", "13d").good();
      told(PASSWORD, "user", "password", "anna", "--label", "printer", "--expires", "15d").good();
      assertThat(run("status").good())
          .containsPattern("the password of anna \\(scanner\\) expires in (12 d 23|13 d 0) h\n")
          .doesNotContain("printer");
      Files.writeString(
          users,
          Files.readString(users).replaceAll("expires=\\S+", "expires=2020-01-01T00:00:00Z"));
      assertThat(run("status").good()).doesNotContain("expire");
      Files.writeString(users, "usre\n");
      assertThat(run("status").good()).contains("users: " + users + ":1: \"usre\" stands before");
    }
  }

  @Test
  void whatTellsLastUsesSaysHowLateTheyAre() {
    for (String command : List.of("list", "show")) {
      String help = run("user", command, "--help").good().replaceAll("\\s+", " ");
      assertThat(help).contains("five minutes late");
    }
  }
}
