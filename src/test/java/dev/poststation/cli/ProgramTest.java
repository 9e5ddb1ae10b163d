package dev.poststation.cli;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poststation.admin.LiveRelay;
import dev.poststation.os.Os;
import dev.poststation.sim.Sink;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/// The commands as people use them, against a relay that runs, one that does not, and with
/// mistakes.
class ProgramTest {
  @TempDir static Path directory;
  @TempDir static Path elsewhere;
  private static LiveRelay relay;

  private record Ran(int exit, String out, String err) {}

  @BeforeAll
  static void start() throws Exception {
    relay = new LiveRelay(directory);
  }

  @AfterAll
  static void stop() {
    relay.close();
  }

  private static Ran run(Path config, String... args) {
    var out = new StringWriter();
    var err = new StringWriter();
    var program = new Program(Os.real(), new PrintWriter(out), new PrintWriter(err));
    String[] all =
        Stream.concat(Stream.of(args), Stream.of("--config", config.toString()))
            .toArray(String[]::new);
    return new Ran(program.run(all), out.toString(), err.toString());
  }

  private static Ran run(String... args) {
    return run(relay.file(), args);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nonsense                        | 2 | There is no command \"nonsense\".",
        "queue frobnicate                | 2 | frobnicate",
        "queue hold                      | 2 | Which mails?",
        "queue hold --all --domain x.y   | 2 | --all means every mail",
        "queue list --older-than soon    | 2 | no duration",
        "queue list --place attic        | 2 | none of incoming",
        "queue list --limit many         | 2 | --limit",
        "queue list --by reason          | 2 | write --by destination",
        "queue list --sender here.example | 2 | write user@domain, or @domain",
        "queue show 06A1B2C3D4E5F        | 1 | no mail 06A1B2C3D4E5F",
        "queue show nonsense             | 2 | no queue id",
        "trace 06A1B2C3D4E5F             | 1 | Nothing is known",
        "run --json                      | 2 | log { format = json }",
        "demo                            | 2 | poststation run takes yours",
        "train --directory /tmp --seconds 0 | 2 | --seconds: from 1 to 600",
        "trace                           | 2 | Missing required parameter",
        "backup                          | 2 | Missing required parameter: 'DIRECTORY'",
        "backup /no/where                | 2 | There is no directory /no: make it first",
        "restore                         | 2 | Missing required parameter: 'DIRECTORY'",
        "restore /no/where               | 2 | There is no directory /no/where",
        "spool frobnicate                | 2 | frobnicate",
        "explain --client 1.2.3.4        | 2 | Missing required option",
        "explain --reply hello           | 2 | it begins like 550 5.1.1",
        "explain --reply 550 --stage moon | 2 | there is no \"moon\"",
        "explain --froom a@example.com   | 2 | Unknown options: '--froom'",
        "explain --froom a@example.com   | 2 | Possible solutions: --from",
        "explain --client x --from a@b.c --to d@e.f | 2 | no IP address",
        "send --from a@b.c --to d@e.f --wait ever   | 2 | no duration",
        "send --from a@b.c --to d@e.f --server 9    | 2 | no HOST:PORT"
      })
  void aMistakeIsOneSentenceAndAnExitCode(String line, int exit, String said) {
    var ran = run(line.split(" +"));

    assertThat(ran.err()).contains(said).doesNotContain("Exception", "\tat ");
    assertThat(ran.exit()).isEqualTo(exit);
    assertThat(ran.out()).isEmpty();
  }

  @Test
  void everyCommandGoesByTheNameThatItHas() {
    Program.commands(Os.real())
        .forEach(
            (name, command) ->
                assertThat(new CommandLine(command.get()).getCommandName()).isEqualTo(name));
  }

  @Test
  void withoutARelayEveryCommandSaysHowToGetOne() throws Exception {
    var file = elsewhere.resolve("idle.conf");
    Files.writeString(file, relay.read().replace("\"data\"", "\"idle\""));
    assertThat(run(file, "status"))
        .satisfies(
            ran -> {
              assertThat(ran.exit()).isEqualTo(Exit.UNREACHABLE);
              assertThat(ran.err()).contains("poststation run");
            });
  }

  @Test
  void aTokenThatIsGoneThoughARelayRunsIsMissedByItsName() throws Exception {
    byte[] token = Files.readAllBytes(relay.token());
    Files.delete(relay.token());
    try {
      var ran = run("status");

      assertThat(ran.exit()).isEqualTo(Exit.UNAUTHORISED);
      assertThat(ran.err())
          .contains("The token " + relay.token() + " is gone", "start the relay again")
          .doesNotContain("No relay has run");
    } finally {
      Files.write(relay.token(), token);
    }
  }

  @Test
  void aTokenOfAnotherRelayIsNotTaken() throws Exception {
    var file = elsewhere.resolve("other.conf");
    Files.writeString(file, relay.read().replace("\"data\"", "\"other\""));
    Files.createDirectories(elsewhere.resolve("other"));
    Files.writeString(elsewhere.resolve("other/admin.token"), "0".repeat(64));

    var ran = run(file, "queue", "list");

    assertThat(ran.exit()).isEqualTo(Exit.UNAUTHORISED);
    assertThat(ran.err()).contains("does not take the token").contains("--config");
  }

  @Test
  void checkTellsWhatIsWrongAndConfigWhatIsInTheFile() throws Exception {
    assertThat(run("check").exit()).isEqualTo(Exit.OK);
    var bad = elsewhere.resolve("bad.conf");
    Files.writeString(bad, "clinets = []\nqueue { retry = [\"soon\"] }\n");
    var ran = run(bad, "check");
    assertThat(ran.exit()).isEqualTo(Exit.WRONG);
    assertThat(ran.out()).contains("bad.conf:1", "bad.conf:2", "It cannot be used");
    assertThat(run(bad, "check", "--json").out()).contains("\"ok\" : false");
    assertThat(run("config").out()).contains("hostname = \"relay.test\"");
  }

  /// To run it could ask for a passphrase, or log in somewhere.
  @Test
  void checkSaysWhichSecretsItHasNotTried() throws Exception {
    var file =
        Files.writeString(
            elsewhere.resolve("exec.conf"),
            relay
                .read()
                .replace("data = \"data\"", "data = \"" + directory + "/data\"")
                .replaceFirst(
                    "hosts = (\\S+) ",
                    "hosts = $1, tls = verify, auth { user = u, password = \"exec:false\" } "));

    var ran = run(file, "check");

    assertThat(ran.exit()).isEqualTo(Exit.OK);
    assertThat(ran.out())
        .contains(
            file
                + ":5: connectors.next.auth.password is a command: it was not tried, and is run"
                + " when it is needed\n");
    assertThat(new ObjectMapper().readTree(run(file, "check", "--json").out()).path("untried"))
        .extracting(JsonNode::asText)
        .containsExactly("connectors.next.auth.password");
    assertThat(run("check").out()).doesNotContain("not tried", "restart");
  }

  /// The environment of a process never changes.
  @Test
  void checkSaysWhichSecretsARestartAloneRenews() throws Exception {
    var file =
        Files.writeString(
            elsewhere.resolve("env.conf"),
            relay
                    .read()
                    .replace("data = \"data\"", "data = \"" + directory + "/data\"")
                    .replaceFirst(
                        "hosts = (\\S+) ",
                        "hosts = $1, tls = verify, auth { user = u, password = \"env:PATH\" } ")
                + "\nsrs { domain = srs.example.com, own = [\"@example.com\"]\n"
                + "secrets = [\"exec:false\", \"env:HOME\", \"credential:srs\"] }\n");

    assertThat(run(file, "check").out())
        .contains(
            file
                + ":5: connectors.next.auth.password is what the service was started with: a new"
                + " one needs a restart (one in file: or exec: needs none)\n",
            ": srs.secrets is read anew each time it is used, but systemd fills its directory when"
                + " the service starts: a new one needs systemctl restart (from systemd 260 on a"
                + " reload, with RefreshOnReload=credentials)\n");
    assertThat(run(file, "check", "--json").out())
        .contains("\"untilRestart\" : [ \"connectors.next.auth.password\", \"srs.secrets\" ]")
        .contains("\"handedOut\" : [ \"srs.secrets\" ]");
  }

  @Test
  void aSecretThatStandsInNoFileIsNotRotatedButWhoHasItIsSaid() throws Exception {
    assertThat(rotated("env:PATH"))
        .contains("comes with the start of the service (env:)")
        .doesNotContain("credential:");
    assertThat(rotated("credential:smtp"))
        .contains(
            "systemd hands out the secret (credential:): change it where LoadCredential= takes it"
                + " from and restart the service")
        .doesNotContain("env:");
  }

  private String rotated(String secret) throws IOException {
    String auth = "tls = verify, auth { user = u, password = \"" + secret + "\" } ";
    String text = relay.read().replaceFirst("hosts = (\\S+) ", "hosts = $1, " + auth);
    var file = Files.writeString(elsewhere.resolve("rotated.conf"), text);
    var ran = run(file, "credential", "rotate", "next", "--secret-from", file.toString());
    assertThat(ran.exit()).isEqualTo(Exit.WRONG);
    return ran.err();
  }

  @Test
  void configSaysWhatOfTheFileTheRunningRelayHasNotTaken() throws Exception {
    String before = relay.read();
    try {
      assertThat(run("config").err()).isEmpty();
      relay.write(
          before.replace("name = local", "name = here")
              + "queue { lifetime = 2 days }\nlimits { active-mails = 4000 }\n");

      assertThat(run("config").out()).contains("lifetime = \"2 days\"");
      assertThat(run("config").err())
          .isEqualTo(
              "Not in force in the running relay: clients (taken by poststation reload); queue,"
                  + " limits.active-mails (taken when it is started again).\n");
      assertThat(run("reload").exit()).isEqualTo(Exit.OK);
      assertThat(run("config").err())
          .isEqualTo(
              "Not in force in the running relay: queue, limits.active-mails (taken when it is"
                  + " started again).\n");
      var other = Files.writeString(elsewhere.resolve("candidate.conf"), before);
      Files.writeString(
          other, relay.read().replace("\"data\"", "\"" + directory.resolve("data") + "\""));
      assertThat(run(other, "config").err()).isEmpty();
    } finally {
      relay.write(before);
      run("reload");
    }
  }

  @Test
  void theRunningRelayIsAskedThoughItsFileHasMistakes() throws Exception {
    String before = relay.read();
    try {
      relay.write(before.replace("via = [next]", "via = [nxet]").replace("admin {", "admni {"));

      var ran = run("status");
      assertThat(ran.exit()).isEqualTo(Exit.OK);
      assertThat(ran.out()).contains("listens on 127.0.0.1");
      assertThat(ran.err()).contains("poststation check");
      ran = run("reload");
      assertThat(ran.exit()).isEqualTo(Exit.WRONG);
      assertThat(ran.out()).contains("\"nxet\"", "admni", "the old one stays in force");
      relay.write("data = [");
      ran = run("reload");
      assertThat(ran.exit()).isEqualTo(Exit.WRONG);
      assertThat(ran.err()).contains("poststation.conf:1", "keeps the configuration that it has");
    } finally {
      relay.write(before);
    }
  }

  @Test
  void theRunningRelayIsAskedThoughTheTextOfItsFileIsBroken() throws Exception {
    String before = relay.read();
    try {
      relay.write(before + "\nlimits {");
      for (var line :
          List.of(
              "status",
              "queue list",
              "explain --client 127.0.0.1 --from a@b.example --to x@y.example")) {
        var ran = run(line.split(" "));
        assertThat(ran.exit()).as(line).isEqualTo(Exit.OK);
        assertThat(ran.err()).as(line).contains("poststation check", directory + "/data");
      }
      var ran = run("reload");
      assertThat(ran.exit()).isEqualTo(Exit.WRONG);
      assertThat(ran.out()).contains("never closed", "the old one stays in force");
    } finally {
      relay.write(before);
    }
  }

  @Test
  void aTestMailIsSentThoughTheFileHasMistakes() throws Exception {
    String before = relay.read();
    try {
      for (var text : List.of(before + "\nlimits {", before.replace("admin {", "admni {"))) {
        relay.write(text);
        var ran = run("send", "--from", "a@b.example", "--to", "x@y.example", "--wait", "15s");
        assertThat(ran.out()).contains("S: 250 2.0.0 Ok: queued", "deferred");
        assertThat(ran.err()).contains("poststation check");
      }
    } finally {
      relay.write(before);
    }
  }

  @Test
  void whoExpectsTlsAtOnceIsGuessedAt() throws Exception {
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  server.accept().close();
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      var ran =
          run(
              "send",
              "--from",
              "a@b.example",
              "--to",
              "x@y.example",
              "--server",
              "127.0.0.1:" + server.getLocalPort());
      assertThat(ran.exit()).isEqualTo(Exit.UNREACHABLE);
      assertThat(ran.err()).contains("closed the connection", "--implicit-tls");
    }
  }

  @Test
  void sendSpeaksTlsAtOnceOnWish() throws Exception {
    var keys = KeyStore.getInstance("PKCS12");
    try (var in = Files.newInputStream(Path.of("src/test/resources/tls/nexthop.p12"))) {
      keys.load(in, "changeit".toCharArray());
    }
    var factory = KeyManagerFactory.getInstance("PKIX");
    factory.init(keys, "changeit".toCharArray());
    var tls = SSLContext.getInstance("TLS");
    tls.init(factory.getKeyManagers(), null, null);
    try (var sink = new Sink(Os.real(), List.of(), tls, true, false)) {
      String line = "send --from a@b.example --to x@y.example --wait 1s --implicit-tls --server";
      var ran = run((line + " 127.0.0.1:" + sink.port()).split(" "));
      assertThat(ran.out()).startsWith("   (TLSv1.3");
      assertThat(sink.mails()).isEqualTo(1);
    }
  }

  @Test
  void aRelayIsFoundThoughItsAddressIsToBeAnotherOne() throws Exception {
    String before = relay.read();
    try {
      relay.write(
          before.replaceFirst("admin \\{ bind = \"[^\"]*\"", "admin { bind = \"127.0.0.1:1\""));

      assertThat(run("status").exit()).isEqualTo(Exit.OK);
    } finally {
      relay.write(before);
    }
  }

  @Test
  void certificatesAreLookedInto() throws Exception {
    Files.writeString(elsewhere.resolve("chain.pem"), "no certificate");
    var key = Files.writeString(elsewhere.resolve("key.pem"), "no key");
    Files.setPosixFilePermissions(
        key, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
    var file = elsewhere.resolve("tls.conf");
    Files.writeString(
        file, relay.read() + "certificates = [ { chain = \"chain.pem\", key = \"key.pem\" } ]\n");

    var ran = run(file, "check");

    assertThat(ran.exit()).isEqualTo(Exit.WRONG);
    assertThat(ran.out()).contains("chain.pem");

    Files.writeString(
        file,
        relay.read()
            + "certificates = [ { chain = \"chain.pem\", key = \"key.pem\" },"
            + " { chain = \"none.pem\", key = \"key.pem\" } ]\nroute = 1\n");
    assertThat(run(file, "check").out())
        .contains("chain.pem: there is no certificate in it")
        .containsOnlyOnce("none.pem")
        .contains("route")
        .contains("3 errors");
  }

  @Test
  void aMailIsFoundHeldAndDeletedFromTheCommandLine() throws Exception {
    String id = relay.send("anna@here.example", "bob@there.example");

    eventually("it is listed", () -> run("queue", "list").out().contains(id));
    assertThat(run("queue", "show", id).out()).contains("<bob@there.example>", "anna@here.example");
    assertThat(run("queue", "hold", "--sender", "anna@here.example", "--dry-run").out())
        .contains("1 mail would be meant", id);
    assertThat(run("queue", "hold", id).exit()).isEqualTo(Exit.OK);
    eventually("it is held", () -> run("queue", "list", "--place", "held").out().contains(id));
    assertThat(run("queue", "list", "--by", "destination").out()).contains("RECIPIENTS");
    assertThat(run("trace", id).out()).contains("An administrator: hold");
    assertThat(run("queue", "delete", id, "--text", "not wanted").exit()).isEqualTo(Exit.OK);
    eventually("it is gone", () -> run("queue", "show", id).exit() == Exit.NO);
    assertThat(run("queue", "delete", id).exit()).isEqualTo(Exit.NO);
  }

  @Test
  void aDryRunShowsWhomItIsAboutAndADeleteLeavesTheOthersAlone() throws Exception {
    String id = relay.send("anna@here.example", "bob@there.example", "carl@there.example");

    eventually("it is listed", () -> run("queue", "list").out().contains(id));
    assertThat(run("queue", "delete", "--recipient", "bob@there.example", "--dry-run").out())
        .contains("1 mail would be meant", id, "<anna@here.example>", "<bob@there.example>")
        .contains("1 other recipient of these mails would be left alone.")
        .doesNotContain("carl");
    assertThat(run("queue", "delete", "--recipient", "bob@there.example").exit()).isZero();
    eventually("one is deleted", () -> run("queue", "show", id).out().contains("deleted"));
    assertThat(run("trace", id).out()).contains("because     only <bob@there.example>");
    assertThat(run("queue", "list", "--recipient", "carl@there.example").out()).contains(id);
    assertThat(run("queue", "delete", id).exit()).isZero();
  }

  @Test
  void explainEndsWithOneWhereTheMailWouldBeRefused() {
    var good =
        run("explain", "--client", "127.0.0.1", "--from", "a@b.example", "--to", "x@y.example");
    assertThat(good.exit()).isEqualTo(Exit.OK);
    assertThat(good.out()).contains("client rule \"local\"", "route 2");
    var bad = run("explain", "--client", "192.0.2.1", "--from", "<>", "--to", "x@y.example");
    assertThat(bad.exit()).isEqualTo(Exit.NO);
    assertThat(bad.out()).startsWith("refused   554 5.7.1");
  }

  @Test
  void explainTakesNoHeaderThatIsNone() {
    var asked = new String[] {"--client", "127.0.0.1", "--from", "a@b.example", "--to", "x@y.test"};
    for (String field : List.of("garbage", " Subject: a", "two words: b")) {
      var words = new ArrayList<>(List.of("explain", "--header", field));
      words.addAll(List.of(asked));
      var ran = run(words.toArray(String[]::new));
      assertThat(ran.exit()).isEqualTo(Exit.WRONG);
      assertThat(ran.err()).contains("--header: \"" + field + "\" is no field of a header");
    }
  }

  @Test
  void explainSaysWhatIsMadeOfAReplyAndFindsItInALineOfTheLog() {
    var ran = run("explain", "--reply", "550-5.1.1 <x@y.example>: User unknown");
    assertThat(ran.exit()).isEqualTo(Exit.OK);
    assertThat(ran.out())
        .contains("answers RCPT", "bounced with 5.1.1", "category invalid-recipient")
        .contains("by the status 5.1.1");
    var line =
        "to=<x@y.example> status=deferred reply=\"host mx.example[192.0.2.1]:25 said: 451 4.7.500"
            + " Server busy (in reply to MAIL FROM)\"";
    assertThat(run("explain", "--reply", line).out())
        .contains("451 4.7.500", "answers MAIL", "deferred with 4.7.500", "category rate-limit");
    assertThat(run("explain", "--json", "--reply", "550 5.1.1 no", "--stage", "mail").out())
        .contains("\"stage\" : \"mail\"", "\"becomes\" : \"bounced\"");
  }

  @Test
  void theRunningRelayAndTheFileExplainAlike() {
    String[] asked = {
      "explain", "--client", "127.0.0.1", "--from", "a@b.example", "--to", "x@y.example", "--json"
    };
    String[] offline = with(asked, "--offline");
    assertThat(run(offline)).isEqualTo(run(asked));
    var night = run(with(asked, "--at", "sat 23:30"));
    assertThat(night.out()).contains("T23:30");
    assertThat(run(with(offline, "--at", "Sat 23:30"))).isEqualTo(night);
    for (String[] each : new String[][] {asked, offline}) {
      var wrong = run(with(each, "--at", "tonight"));
      assertThat(wrong.exit()).isEqualTo(Exit.WRONG);
      assertThat(wrong.err()).contains("at: \"tonight\" is no time, like 2026-12-24 23:30.");
    }
  }

  private static String[] with(String[] words, String... more) {
    return Stream.concat(Stream.of(words), Stream.of(more)).toArray(String[]::new);
  }

  @Test
  void sendShowsTheDialogueAndWhatBecameOfIt() {
    var ran = run("send", "--from", "a@b.example", "--to", "x@y.example", "--wait", "15s");

    assertThat(ran.exit()).isEqualTo(Exit.NO); // Nobody listens at the next hop.
    assertThat(ran.out())
        .contains("C: MAIL FROM:<a@b.example>", "S: 250 2.0.0 Ok: queued", "deferred");
  }

  @Test
  void everyAnswerIsJsonOnWish() throws Exception {
    for (var line :
        List.of(
            "status",
            "queue list",
            "queue list --by destination",
            "queue retry --domain none.example",
            "reload",
            "version",
            "config",
            "check",
            "send --from a@b.example --to x@y.example --wait 1s")) {
      var ran = run((line + " --json").split(" "));
      assertThat(new ObjectMapper().readTree(ran.out()).isObject()).as(line).isTrue();
      assertThat(ran.err()).as(line).isEmpty();
    }
  }

  @Test
  void helpAndVersionAreFoundWhereOthersHaveThem() {
    for (String[] asked :
        new String[][] {{"help"}, {"help", "explain"}, {"--version"}, {"-V"}, {"--help"}}) {
      var out = new StringWriter();
      var program = new Program(Os.real(), new PrintWriter(out), new PrintWriter(out));
      assertThat(program.run(asked)).as(String.join(" ", asked)).isZero();
      assertThat(out.toString()).containsIgnoringCase("poststation");
    }
  }

  @Test
  void helpShowsNoOptionThatTheCommandRefuses() {
    assertThat(help("run")).contains("--config").doesNotContain("--json");
    assertThat(help("demo")).contains("--once").doesNotContain("--json", "--config");
    assertThat(help("train")).contains("--seconds").doesNotContain("--directory", "--config");
    assertThat(help("status")).contains("--config", "--json");
  }

  @Test
  void theHelpOfHoldAndReleaseSaysWhatBecomesOfTheAge() {
    assertThat(help("queue hold")).containsPattern("age\\s+does\\s+not\\s+count");
    assertThat(help("queue release")).containsPattern("once\\s+before\\s+their\\s+age\\s+counts");
  }

  private static String help(String command) {
    var out = new StringWriter();
    var program = new Program(Os.real(), new PrintWriter(out), new PrintWriter(out));
    assertThat(program.run((command + " --help").split(" "))).isZero();
    return out.toString();
  }

  @Test
  void everyCommandHasHelp() {
    for (var line :
        List.of(
            "run",
            "check",
            "config",
            "queue",
            "queue list",
            "queue show",
            "queue hold",
            "queue release",
            "queue retry",
            "queue bounce",
            "queue delete",
            "trace",
            "explain",
            "send",
            "status",
            "reload",
            "backup",
            "restore",
            "spool",
            "spool check",
            "client",
            "client export",
            "client import",
            "version",
            "train",
            "demo")) {
      var out = new StringWriter();
      var program = new Program(Os.real(), new PrintWriter(out), new PrintWriter(out));
      assertThat(program.run((line + " --help").split(" "))).as(line).isZero();
      assertThat(out.toString()).as(line).contains("Usage: poststation " + line);
    }
  }
}
