package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.cli.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The keys of a domain from their making to their end, with a real name server that gets the very
/// records that the commands print, and a key in the older form that OpenSSL and OpenDKIM write.
@Tag("peer")
final class DkimCommandsTest {
  @TempDir Path directory;

  private Path configuration(int dns, String dkim) throws IOException {
    return Files.writeString(
        directory.resolve("poststation.conf"),
        """
        hostname = "relay.example.com"
        data = "%s"
        clients = [ { name = lan, networks = ["10.0.0.0/8"] } ]
        connectors { internet { type = mx } }
        routes = [ { via = [internet] } ]
        dns { servers = ["127.0.0.1:%d"] }
        dkim { %s }
        """
            .formatted(directory.resolve("data"), dns, dkim));
  }

  private static Ran dkim(Path file, String line, int exit) {
    var ran = Ran.with(file, "dkim " + line);
    assertThat(ran.exit()).as(ran.toString()).isEqualTo(exit);
    return ran;
  }

  /// The lines that a zone takes, of what a command printed.
  private static String[] zone(String printed) {
    return printed
        .lines()
        .filter(line -> line.contains(" IN TXT ") || line.startsWith("    \""))
        .toArray(String[]::new);
  }

  @Test
  void keysAreMadePublishedAndThenSignAndTheirSuccessorsToo() throws IOException {
    String made;
    try (var dns = DnsPeer.start("mail A 127.0.0.2")) {
      var file = configuration(dns.port(), "\"x.test\" { selectors = [s1, s2] }");
      assertThat(dkim(file, "dns", 1).err())
          .contains("x.test has no keys yet: poststation dkim create x.test");
      made = dkim(file, "create x.test", 0).out();
      assertThat(made)
          .contains("which do not sign yet", "Then run: poststation dkim rotate x.test");
      assertThat(dkim(file, "rotate x.test", 1).out())
          .contains("; s1._domainkey.x.test: not published");
      assertThat(dkim(file, "list", 0).out())
          .containsPattern("x.test +s1 +rsa-sha256 +2048 +made")
          .containsPattern("x.test +s1-ed25519 +ed25519-sha256 +256 +made");
      assertThat(dkim(file, "create x.test", 1).err()).startsWith("x.test has keys");
    }
    String next;
    try (var dns = DnsPeer.start(zone(made))) {
      var file = configuration(dns.port(), "\"x.test\" { selectors = [s1, s2] }");
      assertThat(dkim(file, "dns x.test", 0).out())
          .contains("; s1._domainkey.x.test (rsa-sha256, made): published");
      assertThat(dkim(file, "rotate x.test", 0).out())
          .startsWith("Mail of x.test is signed by s1 and s1-ed25519 from now on");
      assertThat(dkim(file, "rotate --due --json", 0).out())
          .contains("\"step\" : \"nothing\"", "not older than rotate-after");
      next = dkim(file, "rotate x.test", 0).out();
      assertThat(dkim(file, "rotate x.test --json", 1).out())
          .contains("\"step\" : \"waiting\"", "\"dns\" : \"missing\"");
    }
    String all = made + next;
    try (var dns = DnsPeer.start(zone(all))) {
      var file = configuration(dns.port(), "\"x.test\" { selectors = [s1, s2] }");
      assertThat(dkim(file, "rotate x.test", 0).out())
          .contains(
              "signed by s2 and s2-ed25519", "Leave s1._domainkey.x.test in the DNS until 20");
      assertThat(dkim(file, "list --json", 0).out()).contains("\"state\" : \"retired\"");
      assertThat(dkim(file, "dns --plain", 0).out())
          .contains("s2._domainkey.x.test\nv=DKIM1; k=rsa; p=MII");
    }
  }

  @Test
  void theFilesAreTheOwnersAlone() throws IOException {
    try (var dns = DnsPeer.start("mail A 127.0.0.2")) {
      var file = configuration(dns.port(), "\"x.test\" {}");
      dkim(file, "create x.test", 0);
      Path keys = directory.resolve("data/dkim/x.test");
      try (var files = Files.list(keys)) {
        for (Path each : files.filter(it -> !it.endsWith("lock")).toList()) {
          assertThat(Files.getPosixFilePermissions(each))
              .as(each.toString())
              .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        }
      }
      assertThat(Files.getPosixFilePermissions(keys))
          .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }
  }

  @Test
  void wrongDomainsAreTold() throws IOException {
    var file = configuration(1, "\"x.test\" {}");
    assertThat(dkim(file, "create y.test", 2).err())
        .isEqualTo("dkim of the configuration has no domain \"y.test\": it has x.test.\n");
    assertThat(dkim(file, "rotate", 2).err()).startsWith("Which domain?");
  }

  /// `opendkim-genkey` writes what OpenSSL writes: PKCS #1 or PKCS #8, by its version.
  @Test
  void aKeyOfOpenDkimIsTakenOverWithItsRecord() throws IOException {
    Path key = directory.resolve("mail.private");
    String open =
        Program.run(
            List.of(
                "sh",
                "-c",
                Peers.program("openssl")
                    + " genrsa -traditional -out "
                    + key
                    + " 2048 2>/dev/null; "
                    + Peers.program("openssl")
                    + " rsa -in "
                    + key
                    + " -pubout -outform DER 2>/dev/null | base64 -w0"));
    assertThat(Files.readString(key)).startsWith("-----BEGIN RSA PRIVATE KEY-----");
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    String dkim =
        "\"x.test\" { selectors = [ { name = mail, key = \"file:%s\" } ] }".formatted(key);
    String half = open.substring(200);
    try (var dns =
        DnsPeer.start(
            "mail._domainkey.x TXT \"v=DKIM1; h=sha256; k=rsa; \" \"p="
                + open.substring(0, 200)
                + "\" \""
                + half
                + "\"")) {
      var file = configuration(dns.port(), dkim);
      assertThat(dkim(file, "dns", 0).out())
          .contains(
              "; mail._domainkey.x.test (rsa-sha256, active): published",
              open.substring(open.length() - 100));
    }
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
    var file = configuration(1, dkim);
    assertThat(Ran.with(file, "check").out())
        .contains("mail.private can be read by others; run: chmod 600");
  }
}
