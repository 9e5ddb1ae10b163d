package dev.poststation.system;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.SimpleBindRequest;
import dev.poststation.account.AllAccounts;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.config.UsersSettings;
import dev.poststation.log.Event;
import dev.poststation.os.Os;
import dev.poststation.sasl.Accounts.Login;
import dev.poststation.sasl.UnavailableException;
import dev.poststation.sim.ScriptedResolver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Users of a directory, as OpenLDAP answers for them.
@Tag("peer")
@Timeout(120)
final class DirectoriesTest {
  private static final Os OS = Os.real();

  private static Home home;
  private static SlapdPeer slapd;

  private final List<AutoCloseable> open = new ArrayList<>();

  @BeforeAll
  static void start() {
    home = Home.create("directories");
    slapd = SlapdPeer.withPeople();
  }

  @AfterAll
  static void stop() {
    slapd.close();
    home.close();
  }

  @AfterEach
  void close() throws Exception {
    for (var each : open) {
      each.close();
    }
  }

  private AllAccounts accounts(String more) {
    return accounts(List.of("ldaps://127.0.0.1:" + slapd.tlsPort()), more);
  }

  private AllAccounts accounts(List<String> urls, String more) {
    var settings =
        users(
            """
            ldap {
              url = ["%s"]
              base = "ou=people,dc=example,dc=com"
              bind-dn = "cn=relay,dc=example,dc=com", bind-password = "env:SECRET"
              authorities = "%s"
              timeout = "2 s"
              %s
            }
            """
                .formatted(String.join("\", \"", urls), slapd.authority(), more));
    var accounts = new AllAccounts(OS, home.path(), () -> settings, new ScriptedResolver());
    open.add(accounts);
    return accounts;
  }

  private static UsersSettings users(String keys) {
    String all =
        """
        hostname = "relay.here.test"
        data = "%s"
        clients = [ { name = local, networks = ["127.0.0.1"] } ]
        connectors { internet { type = mx } }
        routes = [ { via = [internet] } ]
        users { %s }
        """
            .formatted(home.path(), keys);
    return switch (new Loader(OS, Map.of("SECRET", "secret")).parse(all, Path.of("test.conf"))) {
      case Loaded.Good good -> good.configuration().users();
      case Loaded.Bad bad -> throw new AssertionError(bad.problems().toString());
    };
  }

  @Test
  void aUserLogsInByHisNameOrHisAddressWithHisPassword() throws Exception {
    var accounts = accounts("remember = 0 s");
    assertThat(accounts.password("anna", "garden")).contains(new Login("anna", ""));
    assertThat(accounts.password("anna@example.com", "garden")).contains(new Login("anna", ""));
    assertThat(accounts.password("anna", "hedge")).isEmpty();
    assertThat(accounts.password("anna", "Garden")).isEmpty();
    assertThat(accounts.password("doris", "garden")).isEmpty();
    assertThat(accounts("name = uid").password("Anna@Example.com", "garden"))
        .contains(new Login("anna", ""));
  }

  /// So that the time does not tell who exists.
  @Test
  void aNameThatNobodyHasCostsTheDirectoryAsManyQuestionsAsAWrongPassword() throws Exception {
    var accounts = accounts("remember = 0 s");
    long earlier = tried("uid=anna,");
    assertThat(accounts.password("anna", "hedge")).isEmpty(); // Connections are there now.
    eventually("it is in the log", () -> tried("uid=anna,") == earlier + 1);
    for (String user : List.of("anna", "doris", "doris@example.com", "dóris")) {
      int before = slapd.binds().size();
      int searches = slapd.searches().size();
      assertThat(accounts.password(user, "rose")).as(user).isEmpty();
      eventually(user + " was tried", () -> slapd.binds().size() == before + 1);
      assertThat(slapd.searches()).as(user).hasSize(searches + 1);
    }
  }

  @Test
  void startTlsDoesAsWell() throws Exception {
    var accounts = accounts(List.of("ldap://127.0.0.1:" + slapd.port()), "");
    assertThat(accounts.password("anna", "garden")).isPresent();
    assertThat(accounts.password("anna", "hedge")).isEmpty();
  }

  /// This server says that a bind without a password succeeded: as nobody.
  @Test
  void anEmptyPasswordIsNobodys() throws Exception {
    try (var connection = new LDAPConnection("127.0.0.1", slapd.port())) {
      connection.getConnectionOptions().setBindWithDNRequiresPassword(false);
      var said = connection.bind(new SimpleBindRequest("uid=anna,ou=people,dc=example,dc=com", ""));
      assertThat(said.getResultCode().intValue()).isZero();
    }
    assertThat(accounts("").password("anna", "")).isEmpty();
  }

  @Test
  void aNameCannotChangeWhoIsMeant() throws Exception {
    var accounts = accounts("");
    for (String name :
        List.of(
            "*", "a*", "anna)(uid=*", "*)(uid=anna", "anna\\2a", "a\\6ena", "(anna)", "anna\0")) {
      assertThat(accounts.password(name, "garden")).as(name).isEmpty();
    }
  }

  /// As Active Directory does with accents: else one person had many names, each with guesses of
  /// its own.
  @Test
  void whoIsFoundByANameThatHeDoesNotHaveIsNobody() throws Exception {
    var accounts = accounts("remember = 0 s, filter = \"(|(uid~={user})(mail={user}))\"");
    long tried = tried("uid=anna,");
    assertThat(accounts.password("ANNA", "garden")).contains(new Login("anna", ""));
    assertThat(accounts.password("Anna@Example.com", "garden")).contains(new Login("anna", ""));
    var names = List.of("\u00e4nna", "ana", "anno");
    for (String name : names) {
      long before = tried("cn=nobody-");
      assertThat(accounts.password(name, "garden")).as(name).isEmpty();
      eventually("as of others", () -> tried("cn=nobody-") == before + 1);
      assertThat(accounts.refusal(name)).contains("uid=anna,").contains("is not called");
    }
    for (String name : names) {
      assertThat(accounts.own(name)).as(name).isEmpty();
    }
    assertThat(tried("uid=anna,")).as("as herself alone").isEqualTo(tried + 2);
  }

  @Test
  void aFilterMayMakeMoreOfAName() throws Exception {
    for (String filter :
        List.of(
            "(mail={user}@example.com)",
            "(&(objectClass=person)(proxyAddresses=smtp:{user}@example.com))",
            "(&(|(mail={user}@*)(mail=x*{user}@*.com))(!(cn={user}x)))",
            "(rfc822Mailbox={user}@example.com)",
            "(cn:caseIgnoreMatch:={user})")) {
      var accounts = accounts("filter = \"" + filter + "\"");
      assertThat(accounts.password("Anna", "garden")).as(filter).contains(new Login("anna", ""));
    }
  }

  @Test
  void onlyMembersOfTheGroupLogIn() throws Exception {
    var mailers = accounts("group = \"cn=mailers,ou=groups,dc=example,dc=com\"");
    assertThat(mailers.password("anna", "garden")).isPresent();
    assertThat(mailers.password("berta", "hedge")).isEmpty();
    var unix = accounts("group = \"cn=unix,ou=groups,dc=example,dc=com\"");
    assertThat(unix.password("anna", "garden")).isEmpty();
    assertThat(unix.password("berta", "hedge")).isPresent();
    var nobody = accounts("group = \"cn=nobody,ou=groups,dc=example,dc=com\"");
    assertThatThrownBy(() -> nobody.password("anna", "garden"))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("no such object");
  }

  private static long tried(String who) {
    return slapd.binds().stream().filter(line -> line.contains('"' + who)).count();
  }

  /// Whether he is in the group, whoever says so, or is not, or is nobody.
  @Test
  void withAGroupEachNameCostsTheDirectoryAsManyQuestions() throws Exception {
    slapd.add(
        "dn: cn=fleet,ou=groups,dc=example,dc=com",
        "objectClass: groupOfNames",
        "cn: fleet",
        "member: uid=anna,ou=people,dc=example,dc=com");
    var fleet = accounts("remember = 0 s, group = \"cn=fleet,ou=groups,dc=example,dc=com\"");
    long tried = tried("uid=anna,");
    assertThat(fleet.password("anna", "hedge")).isEmpty(); // Connections are there now.
    eventually("the log has it", () -> tried("uid=anna,") == tried + 1);
    for (String user : List.of("anna", "berta", "doris")) {
      int binds = slapd.binds().size();
      int searches = slapd.searches().size();
      assertThat(fleet.password(user, "fern")).as(user).isEmpty();
      eventually(user + " was tried", () -> slapd.binds().size() == binds + 1);
      assertThat(slapd.searches()).as(user).hasSize(searches + 2);
    }
    var gone = accounts("group = \"cn=nobody,ou=groups,dc=example,dc=com\"");
    for (String user : List.of("anna", "berta", "doris")) {
      assertThat(gone.password(user, "fern")).as("the password alone is wrong").isEmpty();
    }
  }

  /// The relay may not look at that group: the entry of the user says it.
  @Test
  void theEntryOfTheUserSaysTheGroup() throws Exception {
    slapd.add(
        "dn: cn=staff,ou=hidden,dc=example,dc=com",
        "objectClass: groupOfNames",
        "cn: staff",
        "member: uid=carla,ou=people,dc=example,dc=com");
    var staff = accounts("group = \"CN=Staff, OU=hidden, DC=example, DC=com\"");
    assertThat(staff.password("carla", "rose")).isPresent();
  }

  @Test
  void ownAddressesAreThoseOfTheEntry() throws Exception {
    var accounts = accounts("");
    assertThat(accounts.own("anna")).containsExactly("anna@example.com", "info@example.com");
    assertThat(accounts.own("berta@example.com")).containsExactly("berta@example.com");
    assertThat(accounts.own("carla")).isEmpty();
    assertThat(accounts("own = [mail]").own("anna")).containsExactly("anna@example.com");
  }

  @Test
  void aChangedPasswordIsTakenAtOnce() throws Exception {
    slapd.add(
        "dn: uid=emma,ou=people,dc=example,dc=com",
        "objectClass: inetOrgPerson",
        "uid: emma",
        "cn: Emma",
        "sn: E",
        "userPassword: one");
    var accounts = accounts("");
    assertThat(accounts.password("emma", "one")).isPresent();
    slapd.modify(
        "dn: uid=emma,ou=people,dc=example,dc=com",
        "changetype: modify",
        "replace: userPassword",
        "userPassword: two");
    assertThat(accounts.password("emma", "two")).isPresent();
    assertThat(accounts.password("emma", "one")).isEmpty();
  }

  @Test
  void aServerThatIsStoppedIsNoticedAndSoIsItsReturn() throws Exception {
    try (var server = SlapdPeer.withPeople()) {
      var settings = List.of("ldap://127.0.0.1:" + server.port());
      var accounts = accounts(settings, "remember = 0 s, tls = off");
      assertThat(accounts.password("anna", "garden")).isPresent();
      server.stop();
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> accounts.password("anna", "garden"))
            .isInstanceOf(UnavailableException.class);
      }
      assertThat(accounts.concerns())
          .singleElement()
          .asString()
          .contains("users.ldap cannot be asked since")
          .endsWith("; nobody whom it knows can log in");
      server.start();
      assertThat(accounts.password("anna", "garden")).isPresent();
      server.stop();
      server.start();
      assertThat(accounts.password("anna", "hedge")).as("over a dead connection").isEmpty();
      assertThat(accounts.password("anna", "garden")).isPresent();
      assertThat(accounts.concerns()).isEmpty();
    }
  }

  @Test
  void aSecondServerTakesOver() throws Exception {
    try (var first = SlapdPeer.withPeople()) {
      var accounts =
          accounts(
              List.of("ldap://127.0.0.1:" + first.port(), "ldaps://127.0.0.1:" + slapd.tlsPort()),
              "remember = 0 s, tls = off");
      assertThat(accounts.password("anna", "garden")).isPresent();
      first.stop();
      assertThat(accounts.password("anna", "garden")).isPresent();
      assertThat(accounts.password("anna", "hedge")).isEmpty();
      assertThat(accounts.concerns()).singleElement().asString().endsWith("; another one is asked");
    }
  }

  @Test
  void aUserLogsInOverSmtpAndIsToldToComeAgainWhileTheDirectoryIsDown() throws Exception {
    try (var server = SlapdPeer.withPeople()) {
      var accounts =
          accounts(List.of("ldap://127.0.0.1:" + server.port()), "remember = 0 s, tls = off");
      try (var relay =
          RelayWithUsers.start(
              accounts, "tls = required, auth = required", Certificate.in(home.path()))) {
        assertThat(swaks(relay, "PLAIN", "garden")).contains("235 2.7.0", "250 2.0.0");
        assertThat(swaks(relay, "LOGIN", "garden")).contains("235 2.7.0", "250 2.0.0");
        assertThat(swaks(relay, "PLAIN", "hedge")).contains("535 5.7.8");
        var last = relay.journal.events(Event.Authenticated.class).getFirst();
        assertThat(last.user()).isEqualTo("anna");
        server.stop();
        assertThat(swaks(relay, "PLAIN", "garden")).contains("454 4.7.0");
        server.start();
        assertThat(swaks(relay, "PLAIN", "garden")).contains("235 2.7.0");
      }
    }
  }

  private static String swaks(RelayWithUsers relay, String mechanism, String password) {
    try (var swaks =
        Program.start(
            List.of(
                Peers.program("swaks"),
                "--server",
                "127.0.0.1:" + relay.port(),
                "--tls",
                "--auth",
                mechanism,
                "--auth-user",
                "anna",
                "--auth-password",
                password,
                "--from",
                "anna@example.com",
                "--to",
                "recipient@there.test"))) {
      swaks.input(new byte[0]);
      swaks.awaitExit(Duration.ofMinutes(1));
      return swaks.output();
    }
  }
}
