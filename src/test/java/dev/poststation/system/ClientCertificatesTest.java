package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// TLS as OpenSSL speaks it: certificates of clients, sessions that are taken up again,
/// certificates that are renewed as certbot does it.
@Tag("peer")
final class ClientCertificatesTest {
  private static Home home;
  private static RunningRelay relay;
  private static Path live;
  private static int sessions;

  @BeforeAll
  static void start() throws IOException {
    home = Home.create("client-certificates");
    OpenSsl.run(
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=ca.here.test",
        "-keyout",
        file("ca.key"),
        "-out",
        file("ca.pem"));
    issue("rsa", "RSA", "rsa_keygen_bits:2048");
    issue("ec", "EC", "ec_paramgen_curve:P-256");
    renew("first");
    live = home.path().resolve("live");
    relay =
        RunningRelay.start(
            """
            connectors { internet { type = mx } }
            routes = [ { via = [internet] } ]
            certificates = [ { chain = "%s/chain.pem", key = "%s/key.pem" } ]
            listeners.relay.client-certificates = request
            listeners.relay.client-authorities = "%s"
            """
                .formatted(live, live, file("ca.pem")));
  }

  @AfterAll
  static void stop() {
    relay.close();
    home.close();
  }

  private static String file(String name) {
    return home.path().resolve(name).toString();
  }

  /// A key, and a certificate for it that the authority signs.
  private static void issue(String name, String algorithm, String option) {
    OpenSsl.run(
        "genpkey", "-algorithm", algorithm, "-pkeyopt", option, "-out", file(name + ".key"));
    OpenSsl.run(
        "req",
        "-new",
        "-key",
        file(name + ".key"),
        "-subj",
        "/CN=" + name + ".here.test",
        "-out",
        file(name + ".csr"));
    OpenSsl.run(
        "x509",
        "-req",
        "-in",
        file(name + ".csr"),
        "-CA",
        file("ca.pem"),
        "-CAkey",
        file("ca.key"),
        "-set_serial",
        "7",
        "-days",
        "2",
        "-out",
        file(name + ".pem"));
  }

  /// What `openssl s_client` says of a session in which the client says NOOP and QUIT.
  private static String session(String... options) {
    sessions++;
    List<String> command =
        new ArrayList<>(
            List.of(
                Peers.program("openssl"),
                "s_client",
                "-starttls",
                "smtp",
                "-ign_eof",
                "-crlf",
                "-connect",
                "127.0.0.1:" + relay.port()));
    command.addAll(List.of(options));
    return Program.run(command, Map.of(), "NOOP\nQUIT\n".getBytes(StandardCharsets.US_ASCII));
  }

  private static String fingerprint(String certificate) {
    return OpenSsl.fingerprint(home.path().resolve(certificate));
  }

  @ParameterizedTest
  @CsvSource({"rsa, -tls1_3", "rsa, -tls1_2", "ec, -tls1_3", "ec, -tls1_2"})
  void aCertificateOfTheAuthorityIsVerified(String name, String protocol) {
    String seen = session("-cert", file(name + ".pem"), "-key", file(name + ".key"), protocol);
    assertThat(seen).contains("250 2.0.0", "221 2.0.0");
    relay.awaitLogWith(
        "certificate="
            + fingerprint(name + ".pem")
            + " subject=\"CN="
            + name
            + ".here.test\" verified=yes");
  }

  @Test
  void oneThatExpiredIsTakenButNotVerified() {
    OpenSsl.run(
        OpenSsl.at("2020-01-01 00:00:00"),
        "x509",
        "-req",
        "-in",
        file("ec.csr"),
        "-CA",
        file("ca.pem"),
        "-CAkey",
        file("ca.key"),
        "-set_serial",
        "8",
        "-days",
        "2",
        "-out",
        file("old.pem"));
    assertThat(session("-cert", file("old.pem"), "-key", file("ec.key"))).contains("221 2.0.0");
    relay.awaitLogWith(
        "certificate=" + fingerprint("old.pem") + " subject=\"CN=ec.here.test\" verified=no");
  }

  @Test
  void oneThatTheClientMadeItselfIsTakenButNotVerified() {
    OpenSsl.run(
        "req",
        "-x509",
        "-new",
        "-key",
        file("rsa.key"),
        "-days",
        "2",
        "-subj",
        "/CN=own.here.test",
        "-out",
        file("own.pem"));
    assertThat(session("-cert", file("own.pem"), "-key", file("rsa.key"))).contains("221 2.0.0");
    relay.awaitLogWith(
        "certificate=" + fingerprint("own.pem") + " subject=\"CN=own.here.test\" verified=no");
  }

  @Test
  void noneIsDemanded() {
    assertThat(session()).contains("221 2.0.0");
    relay.awaitLog("event=tls .*cipher=\\S+\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-tls1_3", "-tls1_2"})
  void aSessionIsTakenUpAgain(String protocol) {
    String first = session(protocol, "-sess_out", file("session"));
    assertThat(first).contains("New, TLSv1");
    assertThat(first).as("for a day").contains("TLS session ticket lifetime hint: 86400 (seconds)");
    assertThat(session(protocol, "-sess_in", file("session"))).contains("Reused, TLSv1");
  }

  /// The certificate is part of the session: it is not shown again, and is known all the same.
  @ParameterizedTest
  @ValueSource(strings = {"-tls1_3", "-tls1_2"})
  void whoseSessionItIsIsStillKnownWhenItIsTakenUpAgain(String protocol) {
    String[] own = {protocol, "-cert", file("ec.pem"), "-key", file("ec.key")};
    String known = " certificate=" + fingerprint("ec.pem") + " ";
    session(with(own, "-sess_out", file("known")));
    assertThat(started()).contains(known, "verified=yes");
    assertThat(session(protocol, "-sess_in", file("known"))).contains("Reused, TLSv1", "221 2.0.0");
    assertThat(started()).contains(known, "verified=yes");

    session(protocol, "-sess_out", file("unknown"));
    assertThat(started()).doesNotContain(" certificate=");
    String late = session(with(own, "-sess_in", file("unknown")));
    assertThat(late).contains("Reused, TLSv1");
    assertThat(started()).as("begun without one, it stays without one").doesNotContain("certifi");
  }

  private static String[] with(String[] options, String... more) {
    return Stream.concat(Stream.of(options), Stream.of(more)).toArray(String[]::new);
  }

  /// What the log says of the TLS of the session before, when it has got there.
  private static String started() {
    String ended =
        Until.present(
            "all sessions in the log",
            Duration.ofSeconds(20),
            () -> {
              var quit = relay.log().lines().filter(line -> line.contains(" how=quit ")).toList();
              return quit.size() < sessions ? Optional.empty() : Optional.of(quit.getLast());
            });
    String session = ended.replaceFirst(".* (session=\\S+) .*", "event=tls $1 ");
    return relay.log().lines().filter(line -> line.contains(session)).findFirst().orElseThrow();
  }

  /// As certbot does it: a new directory, and links that are changed.
  private static void renew(String name) throws IOException {
    Path archive = Files.createDirectories(home.path().resolve("archive"));
    Path live = Files.createDirectories(home.path().resolve("live"));
    OpenSsl.run(
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "90",
        "-subj",
        "/CN=" + name,
        "-addext",
        "subjectAltName=DNS:localhost",
        "-keyout",
        archive.resolve(name + "-key.pem").toString(),
        "-out",
        archive.resolve(name + "-chain.pem").toString());
    for (String part : List.of("chain.pem", "key.pem")) {
      Files.deleteIfExists(live.resolve(part));
      Files.createSymbolicLink(live.resolve(part), archive.resolve(name + "-" + part));
    }
  }

  @Test
  void aRenewedCertificateIsShownWithoutRestart() throws IOException {
    assertThat(session("-sess_out", file("of-the-first"))).contains("CN = first");
    renew("second");
    Until.holds(
        "the new certificate", Duration.ofSeconds(30), () -> session().contains("CN = second"));
    assertThat(relay.output()).contains("certificates: read anew, 1 in use");
    assertThat(session("-sess_in", file("of-the-first")))
        .as("sessions end with the certificate under which they were begun")
        .contains("New, TLSv1", "CN = second");
    renew("first");
    Until.holds("the first again", Duration.ofSeconds(30), () -> session().contains("CN = first"));
  }
}
