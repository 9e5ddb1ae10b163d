package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.cli.Ran;
import dev.poststation.os.Os;
import dev.poststation.sasl.Mechanism;
import dev.poststation.sim.ToyIssuer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The table of mechanisms and programs in the manual, cell by cell: each program tries to log in
/// at the packaged relay by each mechanism, and does where the table says so. Where not, it never
/// gets as far as an answer, though it was told to. How Thunderbird and printers speak is in
/// `MailProgramsTest`.
@Tag("peer")
final class MechanismsTest {
  private static final List<String> PROGRAMS = List.of("gsasl", "swaks", "curl", "nodemailer");
  private static final Path MANUAL = Path.of("docs/manual/authentication.md");
  private static final String USER = "user@here.test";
  private static final String PASSWORD = "pencil and paper";

  /// What follows the name of a mechanism that was tried; curl says between the lines how much
  /// came.
  private static final String ANSWERED = "( .*)?\\R([{}] .*\\R)*.*\\b(235|334|504|535) ";

  private static final String MAIL = "Subject: logged in\r\n\r\nhello\r\n";

  private static Home home;
  private static ToyIssuer issuer;
  private static RunningRelay relay;
  private static String token;

  @BeforeAll
  static void start() throws Exception {
    home = Home.create("mechanisms");
    Certificate.in(home.path());
    var own = Authority.in(home).issue("client", "DNS:client.here.test", List.of());
    issuer = ToyIssuer.start();
    token = issuer.token(USER, Os.real().time().now());
    relay =
        RunningRelay.start(
            """
            connectors { internet { type = mx } }
            routes = [ { via = [internet] } ]
            certificates = [ { chain = "%s", key = "%s" } ]
            listeners.relay.client-certificates = request
            listeners.relay.tls = required
            listeners.relay.auth = required
            clients = [ { name = staff, users = ["*"] } ]
            users { iterations = 4096, block-after = 1000, %s }
            """
                .formatted(
                    file("chain.pem"),
                    file("key.pem"),
                    issuer
                        .settings()
                        .replace(
                            ToyIssuer.AUTHORITY.toString(),
                            ToyIssuer.AUTHORITY.toAbsolutePath().toString())));
    Files.writeString(home.path().resolve("password"), PASSWORD);
    command("user add " + USER + " --cram-md5 --password-file " + file("password"));
    command("user add erp --certificate " + OpenSsl.fingerprint(own.chain()));
    assertThat(command("status")).contains("2 users");
  }

  @AfterAll
  static void stop() {
    relay.close();
    issuer.close();
    home.close();
  }

  private static String file(String name) {
    return home.path().resolve(name).toString();
  }

  private static String command(String line) {
    var ran = Ran.on(Os.real(), line + " --config " + relay.home().resolve("poststation.conf"));
    assertThat(ran.exit()).as(ran.toString()).isZero();
    return ran.out();
  }

  /// What the manual says about one program and one mechanism.
  record Cell(String program, String mechanism, boolean known) {
    @Override
    public String toString() {
      return program + (known ? " by " : " not by ") + mechanism;
    }
  }

  private static List<List<String>> table() throws IOException {
    return Files.readAllLines(MANUAL).stream()
        .dropWhile(line -> !line.startsWith("| mechanism | gsasl |"))
        .takeWhile(line -> line.startsWith("|"))
        .map(line -> Arrays.stream(line.substring(1).split("\\|")).map(String::strip).toList())
        .toList();
  }

  static Stream<Cell> cells() throws IOException {
    var table = table();
    var programs = table.getFirst();
    return table.stream()
        .skip(2)
        .flatMap(
            row ->
                PROGRAMS.stream()
                    .map(
                        program ->
                            new Cell(
                                program,
                                row.getFirst().replace("`", ""),
                                row.get(programs.indexOf(program)).equals("yes"))));
  }

  @Test
  void theTableHasEachMechanismAndTheDialoguesKnowEachOne() throws IOException {
    var rows = table().stream().skip(2).toList();
    assertThat(rows.stream().map(row -> row.getFirst().replace("`", "")))
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(Mechanism.values()).map(Mechanism::word).toList());
    assertThat(rows).allMatch(row -> row.get(5).equals("yes"));
  }

  @ParameterizedTest
  @MethodSource("cells")
  void eachProgramLogsInByWhatItKnows(Cell cell) {
    String said;
    int exit;
    try (var program = Program.start(commandOf(cell.program(), cell.mechanism()))) {
      program.input(
          (cell.program().equals("gsasl") ? "" : MAIL).getBytes(StandardCharsets.US_ASCII));
      exit = program.awaitExit(Duration.ofMinutes(1));
      said = program.output();
    }
    String tried = "AUTH " + cell.mechanism() + ANSWERED;
    if (!cell.known()) { // It gives up, or takes another one.
      assertThat(said).doesNotContainPattern(tried);
      return;
    }
    assertThat(said).containsPattern(tried).contains("235 2.7.0 ");
    if (!cell.program().equals("gsasl")) { // It ends with 1 when its input does.
      assertThat(exit).as(said).isZero();
      assertThat(said).contains("250 2.0.0 ");
    }
    String user = cell.mechanism().equals("EXTERNAL") ? "erp" : USER;
    relay.awaitLog("event=auth .*mechanism=" + cell.mechanism() + " user=" + user);
  }

  private static List<String> commandOf(String program, String mechanism) {
    return switch (program) {
      case "gsasl" -> gsasl(mechanism);
      case "swaks" -> swaks(mechanism);
      case "curl" -> curl(mechanism);
      case "nodemailer" -> nodemailer(mechanism);
      default -> throw new AssertionError(program);
    };
  }

  private static boolean byToken(String mechanism) {
    return mechanism.equals("OAUTHBEARER") || mechanism.equals("XOAUTH2");
  }

  private static String port() {
    return Integer.toString(relay.port());
  }

  private static List<String> gsasl(String mechanism) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Peers.program("gsasl"),
                "--smtp",
                "--client",
                "--verbose",
                "--x509-ca-file=" + file("chain.pem"),
                "--mechanism=" + mechanism));
    if (mechanism.equals("EXTERNAL")) {
      command.add("--x509-cert-file=" + file("client.pem"));
      command.add("--x509-key-file=" + file("client.key"));
      command.add("--authorization-id=");
    } else {
      command.add("--authentication-id=" + USER);
      command.add("--password=" + PASSWORD);
    }
    if (!mechanism.endsWith("-PLUS")) {
      command.add("--no-cb"); // It will not do without binding where it could have it.
    }
    command.addAll(List.of("localhost", port()));
    return command;
  }

  private static List<String> swaks(String mechanism) {
    return List.of(
        Peers.program("swaks"),
        "--server",
        "127.0.0.1:" + port(),
        "--tls",
        "--tls-cert",
        file("client.pem"),
        "--tls-key",
        file("client.key"),
        "--auth",
        mechanism,
        "--auth-user",
        USER,
        "--auth-password",
        byToken(mechanism) ? token : PASSWORD,
        "--from",
        "sender@here.test",
        "--to",
        "recipient@there.invalid",
        "--data",
        "-");
  }

  private static List<String> curl(String mechanism) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Peers.program("curl"),
                "-sS",
                "--verbose",
                "--insecure",
                "--ssl-reqd",
                "smtp://127.0.0.1:" + port(),
                "--mail-from",
                "sender@here.test",
                "--mail-rcpt",
                "recipient@there.invalid",
                "-T",
                "-",
                "--login-options",
                "AUTH=" + mechanism));
    if (mechanism.equals("EXTERNAL")) {
      command.addAll(List.of("--cert", file("client.pem"), "--key", file("client.key")));
      command.addAll(List.of("--user", "erp:"));
    } else if (byToken(mechanism)) {
      command.addAll(List.of("--user", USER, "--oauth2-bearer", token));
    } else {
      command.addAll(List.of("--user", USER + ":" + PASSWORD));
    }
    return command;
  }

  private static List<String> nodemailer(String mechanism) {
    String auth =
        byToken(mechanism)
            ? "{ type: 'OAuth2', user: '%s', accessToken: '%s' }".formatted(USER, token)
            : "{ user: '%s', pass: '%s' }".formatted(USER, PASSWORD);
    String script =
        """
        const { readFileSync } = require("fs");
        const tls = { rejectUnauthorized: false, cert: readFileSync("%s"), key: readFileSync("%s") };
        const transport = require("nodemailer").createTransport({
          host: "127.0.0.1", port: %s, requireTLS: true, tls, logger: true, debug: true, auth: %s, authMethod: "%s" });
        const raw = readFileSync(0);
        transport.sendMail({ envelope: { from: "sender@here.test", to: "recipient@there.invalid" }, raw }, (error) => {
          if (error) { console.error(error); process.exit(1); }
        });
        """
            .formatted(file("client.pem"), file("client.key"), port(), auth, mechanism);
    Peers.mark("node-nodemailer");
    return List.of(Peers.program("node"), "-e", script);
  }
}
