package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.cli.Ran;
import dev.poststation.os.Os;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The program with users that its commands made, and clients that other people wrote.
@Tag("peer")
final class UsersTest {
  private static final String PASSWORD = "correct horse";

  private static Home home;
  private static RunningRelay relay;

  @BeforeAll
  static void start() throws IOException {
    home = Home.create("users");
    Certificate.in(home.path());
    certificate("erp");
    certificate("stranger");
    aging();
    relay =
        RunningRelay.start(
            """
            connectors { internet { type = mx } }
            routes = [ { via = [internet] } ]
            certificates = [ { chain = "%s", key = "%s" }, { chain = "%s", key = "%s" } ]
            listeners.relay.client-certificates = request
            clients = [
              { name = scanner, networks = ["127.0.0.2"], users = ["user"], tolerate = [clear-text-password] }
              { name = erp, users = ["erp"] }
              { name = staff, users = ["*"] }
            ]
            users { iterations = 4096, block-after = 1000 }
            log.format = postfix
            """
                .formatted(file("chain.pem"), file("key.pem"), file("old.pem"), file("old.key")));
    Files.writeString(home.path().resolve("password"), PASSWORD);
    command("user add user --password-file " + file("password"));
    command("user add erp --certificate " + OpenSsl.fingerprint(home.path().resolve("erp.pem")));
    // Who asks for the status has the relay look at the file, at which it else looks once a second.
    assertThat(command("status")).contains("2 users");
  }

  @AfterAll
  static void stop() {
    relay.close();
    home.close();
  }

  private static String file(String name) {
    return home.path().resolve(name).toString();
  }

  private static String command(String line) {
    Path config = relay.home().resolve("poststation.conf");
    var ran = Ran.on(Os.real(), line + " --config " + config);
    assertThat(ran.exit()).as(ran.toString()).isZero();
    return ran.out();
  }

  private static void selfSigned(List<String> runner, String name, String days) {
    OpenSsl.run(
        runner,
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        days,
        "-subj",
        "/CN=" + name + ".here.test",
        "-keyout",
        file(name + ".key"),
        "-out",
        file(name + ".pem"));
  }

  private static void certificate(String name) {
    selfSigned(List.of(), name, "2");
  }

  /// One that is good for another day of ten.
  private static void aging() {
    selfSigned(OpenSsl.at("-9d"), "old", "10");
  }

  private static Program swaks(String mechanism, String password, String... more) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Peers.program("swaks"),
                "--server",
                "127.0.0.1:" + relay.port(),
                "--auth",
                mechanism,
                "--auth-user",
                "user",
                "--auth-password",
                password,
                "--from",
                "sender@here.test",
                "--to",
                "recipient@there.invalid"));
    command.addAll(List.of(more));
    return Program.start(command);
  }

  private static String gsasl(String mechanism, String... options) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Peers.program("gsasl"),
                "--smtp",
                "--client",
                "--verbose",
                "--x509-ca-file=" + file("chain.pem"),
                "--mechanism=" + mechanism));
    command.addAll(List.of(options));
    command.addAll(List.of("localhost", Integer.toString(relay.port())));
    try (var gsasl = Program.start(command)) {
      gsasl.input(new byte[0]);
      gsasl.awaitExit(Duration.ofMinutes(1)); // It ends with 1 when its input does.
      return gsasl.output();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256-PLUS"})
  void gsaslLogsInByTheUsersFile(String mechanism) {
    List<String> options =
        new ArrayList<>(List.of("--authentication-id=user", "--password=" + PASSWORD));
    if (!mechanism.endsWith("-PLUS")) {
      options.add("--no-cb");
    }
    assertThat(gsasl(mechanism, options.toArray(String[]::new))).contains("235 2.7.0 ");
  }

  @Test
  void gsaslLogsInByItsCertificate() {
    String own = "--x509-cert-file=" + file("erp.pem");
    String key = "--x509-key-file=" + file("erp.key");
    assertThat(gsasl("EXTERNAL", own, key, "--authorization-id=")).contains("235 2.7.0 ");
  }

  /// What `openssl s_client` is told when the client shows this certificate.
  private static String external(String certificate, String... lines) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Peers.program("openssl"),
                "s_client",
                "-starttls",
                "smtp",
                "-quiet",
                "-crlf",
                "-connect",
                "127.0.0.1:" + relay.port()));
    if (!certificate.isEmpty()) {
      command.addAll(
          List.of("-cert", file(certificate + ".pem"), "-key", file(certificate + ".key")));
    }
    String said = String.join("\n", lines) + "\n";
    return Program.run(command, Map.of(), said.getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void aCertificateThatIsAUsersLogsInAndMaySend() {
    assertThat(
            external(
                "erp",
                "EHLO erp.here.test",
                "AUTH EXTERNAL =",
                "MAIL FROM:<erp@here.test>",
                "RCPT TO:<x@there.invalid>",
                "DATA",
                "Subject: by certificate",
                "",
                ".",
                "QUIT"))
        .containsPattern("250-AUTH [A-Z0-9 -]*EXTERNAL")
        .contains("235 2.7.0 ", "250 2.1.5 ", "250 2.0.0 ", "221 2.0.0 ");
    relay.awaitLogWith("sasl_method=EXTERNAL, sasl_username=erp");
  }

  @Test
  void aCertificateOfNobodyAndTheNameOfAnotherDoNotLogIn() {
    assertThat(external("stranger", "EHLO x", "AUTH EXTERNAL =", "QUIT"))
        .containsPattern("250-AUTH [A-Z0-9 -]*EXTERNAL")
        .contains("535 5.7.8 ");
    // user
    assertThat(external("erp", "EHLO x", "AUTH EXTERNAL dXNlcg==", "QUIT")).contains("535 5.7.8 ");
    assertThat(external("", "EHLO x", "AUTH EXTERNAL =", "QUIT"))
        .containsPattern("250-AUTH SCRAM")
        .doesNotContainPattern("250-AUTH [A-Z0-9 -]*EXTERNAL")
        .contains("504 5.5.4 ");
  }

  @Test
  void swaksWithAPasswordThatWasChangedIsSeenByFail2ban() {
    try (var swaks = swaks("PLAIN", "an old one", "--tls")) {
      assertThat(swaks.awaitExit(Duration.ofMinutes(1))).isEqualTo(28);
    }
    relay.awaitLogWith("SASL PLAIN authentication failed: wrong name or password");
    try (var swaks = swaks("LOGIN", PASSWORD, "--tls")) {
      assertThat(swaks.awaitExit(Duration.ofMinutes(1))).as(swaks.output()).isZero();
    }
    assertThat(
            Program.run(
                List.of(
                    Peers.program("fail2ban-regex"),
                    "--print-all-matched",
                    relay.home().resolve("mail.log").toString(),
                    Peers.file("etc/fail2ban/filter.d/postfix.conf") + "[mode=auth]")))
        .containsPattern("unknown\\[127.0.0.1\\]: SASL PLAIN authentication failed: .*=user")
        .contains(" 1 matched");
  }

  @Test
  void aDeviceThatCannotEncryptIsTheOnlyOneThatLogsInWithoutTls() {
    try (var swaks = swaks("LOGIN", PASSWORD, "--local-interface", "127.0.0.2")) {
      assertThat(swaks.awaitExit(Duration.ofMinutes(1))).as(swaks.output()).isZero();
    }
    try (var swaks = swaks("LOGIN", PASSWORD)) {
      assertThat(swaks.awaitExit(Duration.ofMinutes(1))).isNotZero();
      assertThat(swaks.output()).contains("250-STARTTLS").doesNotContain("250-AUTH");
    }
    assertThat(command("status"))
        .contains(
            "\n"
                + "tolerated of clients scanner: clear-text-password, 1 time since the start, the"
                + " last ");
  }

  @Test
  void whatSomebodyShouldKnowIsInHealthAndStatus() throws IOException {
    String concern = "The certificate in " + file("old.pem") + " expires at ";
    assertThat(command("status")).startsWith("Warning: " + concern);
    var url = URI.create("http://127.0.0.1:" + relay.adminPort() + "/health").toURL();
    try (var in = url.openStream()) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
          .startsWith("ok\n" + concern);
    }
  }
}
