package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Addresses that are rewritten, and routed, by what a real OpenLDAP says of them, towards a real
/// Postfix; and what waits while it is away.
@Tag("peer")
@Timeout(120)
final class LookedUpTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  private static String configuration(SlapdPeer slapd, Path secret, int port) {
    return """
    directories { staff {
      url = ["ldaps://127.0.0.1:%d", "ldap://127.0.0.1:%d"], authorities = "%s", timeout = "2 s", remember = 0 s
      base = "ou=people,dc=example,dc=com"
      bind-dn = "cn=relay,dc=example,dc=com", bind-password = "file:%s"
      entry = "(|(mail={address})(proxyAddresses=smtp:{address})(uid={address}))" } }
    rewrite = [ { attribute = mail, filter = "(cn={address})", in = [sender], client = [nobody] }
                { attribute = proxyAddresses, in = [sender, header-sender] } ]
    clients = [ { name = local, networks = ["127.0.0.1"] }, { name = nobody, networks = ["192.0.2.1"] } ]
    connectors { cloud { hosts = ["127.0.0.1:%d"], tls = off, replace-sender = "cloud@relay.test" }
                 house { hosts = ["127.0.0.1:%d"], tls = off }
                 quarantine { type = hold } }
    routes = [ { to-group = "cn=mailers,ou=groups,dc=example,dc=com", via = [cloud] }
               { to-group = "cn=unix,ou=groups,dc=example,dc=com", via = [quarantine] }
               { to = ["example.com"], via = [house] }
               { to = ["elsewhere.test", "house.test"], via = [house] } ]
    queue { retry = ["1 s"] }
    """
        .formatted(slapd.tlsPort(), slapd.port(), slapd.authority(), secret, port, port);
  }

  @Test
  void openLdapSaysWhatAddressesBecomeAndWhereTheyGoAndWhileItIsAwayMailWaits() throws IOException {
    Path secret = Files.createTempFile("directory", ".secret");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(secret, "secret\n");
    try (var slapd = SlapdPeer.withPeople();
        var postfix = PostfixPeer.start();
        var relay = RunningRelay.start(configuration(slapd, secret, postfix.port()))) {
      // A sender with several addresses leaves under the first; who is in the group goes by cloud.
      send(relay.port(), "info@example.com", "anna@example.com", 0);
      assertThat(mailTo(postfix, "anna@example.com"))
          .startsWith("Return-Path: <cloud@relay.test>\n");
      relay.awaitLog("event=queued .* from=<anna@example.com>");
      relay.awaitLog("event=attempt .* destination=cloud ");

      send(relay.port(), "berta@example.com", "berta@example.com", 0);
      relay.awaitLog("event=attempt .* to=<berta@example.com> .*status=held .*quarantine");
      send(relay.port(), "berta@example.com", "nobody@example.com", 0);
      assertThat(mailTo(postfix, "nobody@example.com"))
          .startsWith("Return-Path: <berta@example.com>\n");

      slapd.stop();
      send(relay.port(), "info@example.com", "anna@example.com", 23);
      relay.awaitLog(
          "event=reject .* dsn=4\\.3\\.0 .* rule=\"rewrite: the directory cannot be asked");
      send(relay.port(), "<>", "carl@example.com", 0);
      relay.awaitLog(
          "event=attempt .* to=<carl@example.com> .*status=deferred .*no route yet: the directory"
              + " cannot be asked");

      slapd.start();
      assertThat(mailTo(postfix, "carl@example.com")).startsWith("Return-Path: <>\n");
    } finally {
      Files.delete(secret);
    }
  }

  @Test
  void whoLeavesUnderAnAddressOfOpenLdapIsReachedByIt() throws IOException {
    Path secret = Files.createTempFile("directory", ".secret");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(secret, "secret\n");
    try (var slapd = SlapdPeer.withPeople();
        var postfix = PostfixPeer.start();
        var relay =
            RunningRelay.start(
                configuration(slapd, secret, postfix.port())
                    .replace(
                        "rewrite = [",
                        "rewrite = [ { attribute = mail, filter = \"(displayName={address})\","
                            + " back-in = [recipient] }\n"))) {
      send(relay.port(), "dora@house.test", "reader@example.com", 0);
      assertThat(mailTo(postfix, "reader@example.com"))
          .startsWith("Return-Path: <dora.d@example.com>\n");
      send(relay.port(), "reader@elsewhere.test", "dora.d@example.com", 0);
      assertThat(mailTo(postfix, "dora@house.test")).contains("Hello");
      slapd.stop();
      send(relay.port(), "<>", "dora.d@example.com", 24);
      relay.awaitLog(
          "event=reject .* stage=RCPT .* dsn=4\\.3\\.0 .* rule=\"rewrite: the directory");
    } finally {
      Files.delete(secret);
    }
  }

  private static String mailTo(PostfixPeer postfix, String to) {
    return Until.present(
        "mail to " + to,
        SOON,
        () ->
            postfix.mails().stream()
                .filter(mail -> mail.contains("X-Original-To: " + to + "\n"))
                .findFirst());
  }

  private static void send(int port, String from, String to, int exit) {
    var command =
        new ArrayList<>(
            List.of(
                Peers.program("swaks"),
                "--server",
                "127.0.0.1:" + port,
                "--from",
                from,
                "--to",
                to,
                "--data",
                "Subject: x\\n\\nHello"));
    var swaks = Program.start(command);
    assertThat(swaks.awaitExit(SOON)).isEqualTo(exit);
  }
}
