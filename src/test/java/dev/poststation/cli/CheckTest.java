package dev.poststation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.os.Os;
import dev.poststation.sim.ServerLog;
import dev.poststation.sim.SimTime;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `check` and `run` agree: what is good can be run on this machine, and what cannot is told with
/// line and remedy.
class CheckTest {
  @TempDir Path directory;
  private Path file;
  private int exit;

  @BeforeEach
  void name() {
    file = directory.resolve("poststation.conf");
  }

  private String check(String data, String log, int port, int admin) throws IOException {
    Files.writeString(
        file,
        """
        hostname = "relay.example.com"
        data = "%s"
        log { file = "%s" }
        listeners { lan { bind = "127.0.0.1:%d" } }
        admin { bind = "127.0.0.1:%d" }
        clients = [ { name = lan, networks = ["127.0.0.1"] } ]
        connectors { out { type = mx } }
        routes = [ { via = [out] } ]
        """
            .formatted(data, log, port, admin));
    return checked();
  }

  private String checked() {
    var out = new StringWriter();
    var program = new Program(Os.real(), new PrintWriter(out), new PrintWriter(out));
    exit = program.run("check", "--config", file.toString());
    return out.toString();
  }

  @Test
  void whatCanBeRunIsGoodAndNothingIsMade() throws IOException {
    assertThat(check("data", "mail.log", 0, 0)).contains("is good");
    assertThat(exit).isEqualTo(Exit.OK);
    assertThat(directory).isDirectoryNotContaining(path -> !path.equals(file));
  }

  @Test
  void aDataDirectoryThatIsAFileIsAnError() throws IOException {
    Files.writeString(directory.resolve("data"), "a file");
    assertThat(check("data", "mail.log", 0, 0)).contains("poststation.conf:2", "is no directory");
    assertThat(exit).isEqualTo(Exit.WRONG);
    assertThat(check("data/below", "mail.log", 0, 0)).contains("data is no directory");
    assertThat(exit).isEqualTo(Exit.WRONG);
  }

  @Test
  void aDataDirectoryThatCannotBeMadeIsToldWithItsLineBeforeAndAtTheStart() throws IOException {
    assertThat(check("/proc/x", "mail.log", 0, 0)).contains("poststation.conf:2: data: /proc/x");
    assertThat(exit).isEqualTo(Exit.WRONG);
    assertThat(Ran.with(file, "run").err()).contains("poststation.conf:2: The directory /proc/x");
  }

  @Test
  void whatIsMeantByAPortAloneAndByAVariableInQuotesIsTold() throws IOException {
    check("data", "mail.log", 0, 0);
    String good = Files.readString(file);
    Files.writeString(file, good + "admin.bind = \"8025\"\nhostname = \"${RELAYNAME}\"\n");
    assertThat(checked())
        .contains("\"8025\" has no address; write it before the port: 127.0.0.1:8025\n")
        .contains("is no host name; ${…} is replaced outside of quotes only");
  }

  @Test
  void linksThatLeadToThemselvesAreAnErrorForEveryUser() throws IOException {
    Path loop = directory.resolve("loop");
    Files.createSymbolicLink(loop, loop);
    assertThat(check("loop", "mail.log", 0, 0)).contains("poststation.conf:2", "is no directory");
    assertThat(exit).isEqualTo(Exit.WRONG);
    assertThat(check("data", "loop/mail.log", 0, 0))
        .contains("poststation.conf:3", "there is no directory " + loop);
    assertThat(exit).isEqualTo(Exit.WRONG);
  }

  @Test
  void aLogFileThatCannotBeMadeIsAnError() throws IOException {
    assertThat(check("data", "none/mail.log", 0, 0))
        .contains("poststation.conf:3", "there is no directory " + directory.resolve("none"));
    assertThat(exit).isEqualTo(Exit.WRONG);
    Files.createDirectory(directory.resolve("logs"));
    assertThat(check("data", "logs", 0, 0)).contains("is a directory; name a file in it");
    assertThat(exit).isEqualTo(Exit.WRONG);
  }

  @Test
  void whoeverWouldHaveToLogInWhereThereAreNoUsersIsNamed() throws IOException {
    String text =
        """
        hostname = "relay.example.com"
        data = "data"
        certificates = [ { chain = "%1$s/relay.pem", key = "%1$s/relay.key" } ]
        listeners { lan { bind = "127.0.0.1:0" } }
        admin { bind = "127.0.0.1:0" }
        clients = [
          { name = printers, networks = ["10.0.20.0/24"], profile = step-up }
          { name = staff, users = ["*"], profile = step-up }
        ]
        connectors { out { type = mx } }
        routes = [ { via = [out] } ]
        """
            .formatted(Path.of("src/test/resources/tls").toAbsolutePath());
    Files.writeString(file, text);
    assertThat(checked())
        .contains(
            "poststation.conf:7: warning: client \"printers\" has profile = step-up, but there are"
                + " no users in ",
            "add one: poststation user add NAME")
        .doesNotContain("\"staff\"");
    assertThat(exit).isEqualTo(Exit.OK);
    assertThat(loggedAtStart(text))
        .anyMatch(line -> line.startsWith("WARN ") && line.contains("there are no users in "));

    Files.writeString(
        file, text + "users { oauth { issuer = \"https://id.example\", audience = [relay] } }\n");
    assertThat(checked()).doesNotContain("step-up");
  }

  /// What `run` logs before it finds that its port is taken.
  private List<String> loggedAtStart(String text) throws IOException {
    try (var taken = new ServerSocket()) {
      taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      Files.writeString(
          file, text.replaceFirst("127\\.0\\.0\\.1:0", "127.0.0.1:" + taken.getLocalPort()));
      var log = ServerLog.of(RunCommand.class);
      assertThat(Ran.with(file, "run").err()).contains("cannot listen on");
      return log.end();
    }
  }

  /// The relay reads them itself, and says so then.
  @Test
  void aUsersFileThatCannotBeUsedIsNothingThatTheStartTellsLikeACheck() throws IOException {
    check("data", "mail.log", 0, 0);
    Path users = Files.writeString(directory.resolve("users.conf"), "nonsense {");
    String text = Files.readString(file) + "users { file = \"" + users + "\" }\n";
    Files.writeString(file, text);
    assertThat(checked()).contains("and after the next start none of its users can log in");
    assertThat(loggedAtStart(text)).noneMatch(line -> line.contains("none of its users"));
  }

  @Test
  void authoritiesThatCannotBeUsedAreToldAndLoggedAtTheStart() throws IOException {
    Path authorities = Files.writeString(directory.resolve("ca.pem"), "nothing");
    check("data", "mail.log", 0, 0);
    String text =
        Files.readString(file)
            + "certificates = [ { chain = \"KEYS/relay.pem\", key = \"KEYS/relay.key\" } ]\n"
                .replace("KEYS", Path.of("src/test/resources/tls").toAbsolutePath().toString())
            + "listeners.asking { bind = \"127.0.0.1:0\", client-certificates = request\n"
            + "client-authorities = \"ca.pem\" }\n";
    Files.writeString(file, text);
    String said = "client-authorities " + authorities + ": there is no certificate in it";
    assertThat(checked()).contains("warning: " + said);
    assertThat(loggedAtStart(text)).anyMatch(line -> line.contains(said));
  }

  @Test
  void whatIsWrongWithAuthoritiesOfSeveralListenersIsToldOnce() throws IOException {
    Path authorities = Files.writeString(directory.resolve("ca.pem"), "nothing");
    check("data", "mail.log", 0, 0);
    var text = new StringBuilder(Files.readString(file));
    String keys = Path.of("src/test/resources/tls").toAbsolutePath().toString();
    text.append("certificates = [ { chain = \"KEYS/relay.pem\", key = \"KEYS/relay.key\" } ]\n");
    for (String name : List.of("one", "two")) {
      text.append("listeners.").append(name).append(" { bind = \"127.0.0.1:0\", ");
      text.append("client-certificates = request, client-authorities = \"ca.pem\" }\n");
    }
    text.append("mta-sts.authorities = \"ca.pem\"\n");
    text.append("tls-reports { from = \"tls@example.com\", authorities = \"ca.pem\" }\n");
    Files.writeString(file, text.toString().replace("KEYS", keys));
    assertThat(checked())
        .containsOnlyOnce("client-authorities " + authorities + ": ")
        .containsOnlyOnce("the authorities of " + authorities + " cannot be used");
  }

  @Test
  void aDirectoryWhereAFileIsWantedIsCalledSo() throws IOException {
    Path named = Files.createDirectory(directory.resolve("named"));
    String form =
        """
        hostname = "relay.example.com"
        data = "data"
        listeners { lan { bind = "127.0.0.1:0" } }
        admin { bind = "127.0.0.1:0" }
        clients = [ { name = lan, networks = ["127.0.0.1"] } ]
        connectors { out { type = mx } }
        routes = [ { via = [out] } ]
        """;
    for (String mode : List.of("rwxr-xr-x", "rwx------")) {
      Files.setPosixFilePermissions(named, PosixFilePermissions.fromString(mode));
      for (String more :
          List.of(
              "connectors.a { hosts = [b], auth { user = me, password = \"file:named\" } }",
              "connectors.a { hosts = [b], certificate { chain = \"named\", key = \"named\" } }",
              "certificates = [ { chain = \"named\", key = \"named\" } ]",
              "listeners.a { bind = \"127.0.0.1:0\", client-authorities = \"named\" }",
              "rewrite = [ { map = \"file:named\" } ]",
              "mta-sts { authorities = \"named\" }",
              "users { file = \"named\" }",
              "dns { anchors = \"named\" }",
              "include file(\"named\")")) {
        Files.writeString(file, form + more + "\n");
        assertThat(checked())
            .as(more)
            .containsPattern("named.*it is a directory.*; name a file in it")
            .doesNotContain("chmod 600 " + named);
      }
    }
  }

  @Test
  void aSourceAddressThatThisMachineDoesNotHaveMayWander() throws IOException {
    check("data", "mail.log", 0, 0);
    String text = Files.readString(file);
    String type = "type = mx, source = [\"127.0.0.9\", \"198.51.100.77\"] }";
    Files.writeString(file, text.replace("type = mx }", type));
    assertThat(checked())
        .contains(
            "poststation.conf:7: warning: connectors.out.source: 198.51.100.77 is no address of"
                + " this machine now; while that is so, mail goes from the others of its family;"
                + " nothing, if it wanders between machines (VRRP); else name one that this machine"
                + " has, or give it this one: ip address add 198.51.100.77 dev NAME")
        .doesNotContain("127.0.0.9 is");
    assertThat(exit).isEqualTo(Exit.OK);
  }

  @Test
  void anAddressThatIsTakenIsAnError() throws IOException {
    try (var taken = new ServerSocket()) {
      taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      int port = taken.getLocalPort();
      assertThat(check("data", "mail.log", port, 0))
          .contains("poststation.conf:4", "listeners.lan: cannot listen on 127.0.0.1:" + port);
      assertThat(exit).isEqualTo(Exit.WRONG);
      assertThat(check("data", "mail.log", 0, port))
          .contains("poststation.conf:5", "admin.bind: cannot listen on 127.0.0.1:" + port);
      assertThat(exit).isEqualTo(Exit.WRONG);
    }
  }

  @Test
  void whileARelayRunsItsAddressesAreNotTried() throws IOException {
    Path data = Files.createDirectory(directory.resolve("data"));
    Path lock = Files.createFile(data.resolve("lock"));
    try (var taken = new ServerSocket();
        var _ = Os.real().disk().lock(lock).orElseThrow()) {
      taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      assertThat(check("data", "mail.log", taken.getLocalPort(), 0)).contains("is good");
      assertThat(exit).isEqualTo(Exit.OK);
    }
  }

  @Test
  void certificatesThatNextHopsAndTokenServersAreShownAreToldWhenTheyEnd() throws IOException {
    Files.writeString(
        file,
        """
        hostname = "relay.example.com"
        data = "data"
        admin { bind = "127.0.0.1:0" }
        listeners { lan { bind = "127.0.0.1:0" } }
        clients = [ { name = lan, networks = ["127.0.0.1"] } ]
        connectors {
          hybrid { hosts = ["127.0.0.1:9"], tls = required
                   certificate { chain = "%1$s/relay.pem", key = "%1$s/relay.key" } }
          cloud { preset = microsoft365
                  auth { user = "one@example.com", tenant = "example.com", client-id = "some"
                         client-certificate = "%1$s/rsa.pem", client-key = "%1$s/rsa.key" } }
        }
        routes = [ { via = [cloud, hybrid] } ]
        """
            .formatted(Path.of("src/test/resources/tls").toAbsolutePath()));
    assertThat(checkedAt("2126-10-01T00:00:00Z")).doesNotContain("rsa.pem", "relay.pem");
    assertThat(checkedAt("2126-10-25T00:00:00Z"))
        .containsPattern("warning: .*relay.pem, which connector hybrid shows, expires at 2126")
        .containsPattern("warning: .*rsa.pem, by which token servers know connector cloud, exp");
    assertThat(checkedAt("2126-11-25T00:00:00Z"))
        .containsPattern("warning: .*relay.pem, which connector hybrid shows, expired at 2126")
        .containsPattern("warning: .*rsa.pem, by which token servers know .*, expired at 2126");
    assertThat(exit).as("the relay would start").isEqualTo(Exit.OK);
    assertThat(Ran.on(at("2126-11-25T00:00:00Z"), "connector list --config " + file).out())
        .containsPattern("hybrid .* expired 2[45] d")
        .containsPattern("cloud .* OAuth expired 2[45] d");
  }

  private String checkedAt(String time) {
    var ran = Ran.on(at(time), "check --config " + file);
    exit = ran.exit();
    return ran.out();
  }

  private static Os at(String time) {
    var real = Os.real();
    return new Os(
        new SimTime(Instant.parse(time)),
        real.network(),
        real.tasks(),
        real.chance(),
        real.disk(),
        real.processes());
  }

  @Test
  void aKeyOfDkimThatOthersCanReadFailsMailAndThatIsSaid() throws IOException {
    Files.writeString(
        file,
        """
        hostname = "relay.example.com"
        data = "%s"
        dkim { "example.com" {} }
        content = [ { use = dkim-sign } ]
        connectors { out { type = mx } }
        routes = [ { via = [out] } ]
        """
            .formatted(Files.createDirectory(directory.resolve("data"))));
    Ran.with(file, "dkim create example.com");
    Ran.with(file, "dkim rotate example.com --without-dns");
    try (var all = Files.walk(directory.resolve("data/dkim"))) {
      for (Path each : all.filter(path -> path.toString().endsWith(".pem")).toList()) {
        Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rw-r--r--"));
      }
    }
    assertThat(checked())
        .contains("can be read by others")
        .contains("dkim-sign fails at mail of this domain: on-error = defer (it gets 451)");
  }

  @Test
  void whereverASecretStandsItIsSaidThatACommandWasNotTried() throws IOException {
    Files.writeString(
        file,
        """
        hostname = "relay.example.com"
        data = "%s"
        admin { bind = "127.0.0.1:0" }
        users.ldap { url = "ldaps://ldap.example.com", base = "dc=example,dc=com"
                     bind-dn = "cn=relay", bind-password = "exec:false" }
        directories { staff { url = "ldaps://ldap.example.com", base = "dc=example,dc=com"
                              bind-dn = "cn=relay", bind-password = "exec:false" } }
        dkim { "example.com" { selectors = [ { name = mail, key = "exec:false" } ] } }
        smime { password = "exec:false" }
        openpgp { password = "exec:false" }
        content = [
          { use = rspamd, at = ["127.0.0.1:11333"], password = "exec:false" }
          { use = list-unsubscribe, url = "https://www.example.com/{token}", secrets = ["exec:false"]
            mailto = "unsubscribe@example.com" }
          { use = archive, to = s3, bucket = mail, region = eu-central-1, access-key = "AKIA"
            secret-key = "exec:false" }
        ]
        connectors {
          out { type = mx, proxy = "socks5://relay@proxy.example.net:1080"
                proxy-password = "exec:false" }
          two { type = smarthost, hosts = ["relay.example.net"], tls = verify
                auth = [ { from = ["a@example.com"], user = a, password = "exec:false" }
                         { user = b, password = "exec:false" } ] }
          web { type = http, url = "https://archive.example/journal", token = "exec:false" }
        }
        routes = [ { via = [out] } ]
        """
            .formatted(directory.resolve("data")));

    assertThat(checked().lines().filter(line -> line.contains(" is a command: it was not tried")))
        .extracting(line -> line.replaceFirst(".*: (.*) is a command.*", "$1"))
        .containsExactlyInAnyOrder(
            "users.ldap.bind-password",
            "directories.staff.bind-password",
            "dkim.example.com.selectors[1].key",
            "smime.password",
            "openpgp.password",
            "content[1].password",
            "content[2].secrets",
            "content[3].secret-key",
            "connectors.out.proxy-password",
            "connectors.two.auth[1].password",
            "connectors.two.auth[2].password",
            "connectors.web.token");
    assertThat(exit).isEqualTo(Exit.OK);
  }
}
