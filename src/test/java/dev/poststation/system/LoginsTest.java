package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.log.Event;
import dev.poststation.sim.MemoryAccounts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Clients that other people wrote log in, with each mechanism that they know, and send a mail.
@Tag("peer")
final class LoginsTest {
  private static final String MAIL = "Subject: logged in\r\n\r\nhello\r\n";

  private static Home home;
  private static RelayWithUsers relay;

  private long mails;

  @BeforeAll
  static void start() throws Exception {
    home = Home.create("logins");
    var accounts = MemoryAccounts.ofTheRfcs().withToken("ya29.good", "user");
    relay =
        RelayWithUsers.start(
            accounts, "tls = required, auth = required", Certificate.in(home.path()));
  }

  @AfterAll
  static void stop() {
    relay.close();
    home.close();
  }

  @BeforeEach
  void count() {
    mails = relay.mails();
  }

  private static String port() {
    return Integer.toString(relay.port());
  }

  private static Event.Authenticated last() {
    return relay.journal.events(Event.Authenticated.class).getLast();
  }

  private void sentWith(String mechanism) throws Exception {
    assertThat(last().mechanism()).isEqualTo(mechanism);
    assertThat(last().user()).isEqualTo("user");
    assertThat(last().problem()).isNull();
    assertThat(relay.mails()).isEqualTo(mails + 1);
    assertThat(relay.newest().source().protocol()).isEqualTo("ESMTPSA");
  }

  private static List<String> swaks(String mechanism, String password) {
    return List.of(
        Peers.program("swaks"),
        "--server",
        "127.0.0.1:" + port(),
        "--tls",
        "--auth",
        mechanism,
        "--auth-user",
        "user",
        "--auth-password",
        password,
        "--from",
        "sender@here.test",
        "--to",
        "recipient@there.test");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PLAIN", "LOGIN", "CRAM-MD5"})
  void swaks(String mechanism) throws Exception {
    Program.run(swaks(mechanism, "pencil"));
    sentWith(mechanism);
  }

  @Test
  void swaksWithAWrongPasswordIsRefused() {
    try (var swaks = Program.start(swaks("PLAIN", "Pencil"))) {
      assertThat(swaks.awaitExit(Duration.ofMinutes(1))).isEqualTo(28);
      assertThat(swaks.output()).contains("535 5.7.8 ");
    }
    assertThat(last().problem()).isEqualTo("wrong name or password");
    assertThat(relay.mails()).isEqualTo(mails);
  }

  @Test
  void swaksInClearIsToldNothingOfAuth() {
    var command = new ArrayList<>(swaks("PLAIN", "pencil"));
    command.remove("--tls");
    try (var swaks = Program.start(command)) {
      assertThat(swaks.awaitExit(Duration.ofMinutes(1))).isNotZero();
      assertThat(swaks.output())
          .contains("250-STARTTLS")
          .doesNotContain("250-AUTH")
          .doesNotContain(MemoryAccounts.base64("\0user\0pencil"));
    }
    assertThat(relay.mails()).isEqualTo(mails);
  }

  private static void curl(String... options) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Peers.program("curl"),
                "-sS",
                "--insecure",
                "--ssl-reqd",
                "smtp://127.0.0.1:" + port(),
                "--mail-from",
                "sender@here.test",
                "--mail-rcpt",
                "recipient@there.test",
                "-T",
                "-"));
    command.addAll(List.of(options));
    Program.run(command, MAIL);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PLAIN", "LOGIN", "CRAM-MD5"})
  void curlWithAPassword(String mechanism) throws Exception {
    curl("--user", "user:pencil", "--login-options", "AUTH=" + mechanism);
    sentWith(mechanism);
  }

  /// It takes XOAUTH2 only where this is not offered.
  @Test
  void curlWithAToken() throws Exception {
    curl("--user", "user", "--oauth2-bearer", "ya29.good");
    sentWith("OAUTHBEARER");
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "login", "cram-md5", "scram-sha-1", "scram-sha-256"})
  void msmtp(String mechanism) throws Exception {
    Program.run(
        List.of(
            Peers.program("msmtp"),
            "--file=/dev/null",
            "--host=127.0.0.1",
            "--port=" + port(),
            "--tls=on",
            "--tls-certcheck=off",
            "--auth=" + mechanism,
            "--user=user",
            "--passwordeval=echo pencil",
            "--from=sender@here.test",
            "--",
            "recipient@there.test"),
        MAIL);
    sentWith(mechanism.toUpperCase(Locale.ROOT));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PLAIN",
        "LOGIN",
        "CRAM-MD5",
        "SCRAM-SHA-1",
        "SCRAM-SHA-256",
        "SCRAM-SHA-1-PLUS",
        "SCRAM-SHA-256-PLUS"
      })
  void gsasl(String mechanism) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Peers.program("gsasl"),
                "--smtp",
                "--client",
                "--verbose",
                "--x509-ca-file=" + home.path().resolve("chain.pem"),
                "--mechanism=" + mechanism,
                "--authentication-id=user",
                "--password=pencil"));
    if (!mechanism.endsWith("-PLUS")) {
      command.add("--no-cb"); // It will not do without binding where it could have it.
    }
    command.addAll(List.of("localhost", port()));
    String said;
    try (var gsasl = Program.start(command)) {
      gsasl.input(new byte[0]);
      gsasl.awaitExit(Duration.ofMinutes(1)); // It ends with 1 when its input does.
      said = gsasl.output();
    }
    assertThat(said).contains("235 2.7.0 ");
    assertThat(last().mechanism()).isEqualTo(mechanism);
    assertThat(last().problem()).isNull();
  }

  @Test
  void smtplib() throws Exception {
    String script =
        """
        import smtplib, ssl, sys
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with smtplib.SMTP("127.0.0.1", int(sys.argv[1])) as smtp:
            smtp.starttls(context=context)
            smtp.login("user", "pencil")
            smtp.sendmail("sender@here.test", ["recipient@there.test"], sys.stdin.buffer.read())
        """;
    Program.run(List.of(Peers.program("python3"), "-c", script, port()), MAIL);
    sentWith("CRAM-MD5"); // The first that it knows.
  }

  private static void nodemailer(String auth) {
    String script =
        """
        const transport = require("nodemailer").createTransport({
          host: "127.0.0.1", port: process.argv[1], requireTLS: true, tls: { rejectUnauthorized: false }, auth: %s });
        const raw = require("fs").readFileSync(0);
        transport.sendMail({ envelope: { from: "sender@here.test", to: "recipient@there.test" }, raw }, (error) => {
          if (error) { console.error(error); process.exit(1); }
        });
        """
            .formatted(auth);
    Peers.mark("node-nodemailer");
    Program.run(List.of(Peers.program("node"), "-e", script, port()), MAIL);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PLAIN", "LOGIN", "CRAM-MD5"})
  void nodemailerWithAPassword(String mechanism) throws Exception {
    // Which one it takes is an option of the transport; without one it takes the first it knows.
    nodemailer("{ user: 'user', pass: 'pencil' }, authMethod: '" + mechanism + "'");
    sentWith(mechanism);
  }

  @Test
  void nodemailerWithAToken() throws Exception {
    nodemailer("{ type: 'OAuth2', user: 'user', accessToken: 'ya29.good' }");
    sentWith("XOAUTH2");
  }

  @Test
  void sNail() throws Exception {
    Program.run(
        List.of(
            Peers.program("s-nail"),
            "-:/",
            "-S",
            "v15-compat",
            "-S",
            "mta=smtp://user:pencil@127.0.0.1:" + port(),
            "-S",
            "smtp-auth=login",
            "-S",
            "smtp-use-starttls",
            "-S",
            "tls-verify=ignore",
            "-S",
            "sendwait",
            "-r",
            "sender@here.test",
            "-s",
            "logged in",
            "recipient@there.test"),
        Map.of("LC_ALL", "C.UTF-8"),
        "hello\n".getBytes());
    sentWith("LOGIN");
  }
}
