package dev.poststation.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServerConfig;
import com.unboundid.ldap.listener.InMemoryListenerConfig;
import com.unboundid.ldap.listener.interceptor.InMemoryInterceptedSimpleBindRequest;
import com.unboundid.ldap.listener.interceptor.InMemoryOperationInterceptor;
import com.unboundid.ldap.sdk.Modification;
import com.unboundid.ldap.sdk.ModificationType;
import dev.poststation.config.DnsSettings;
import dev.poststation.config.UsersSettings;
import dev.poststation.dns.DnsResolver;
import dev.poststation.ldap.Searches;
import dev.poststation.os.Os;
import dev.poststation.os.Tasks;
import dev.poststation.sasl.Accounts.Login;
import dev.poststation.sasl.Accounts.TokenAnswer;
import dev.poststation.sasl.Mechanism;
import dev.poststation.sasl.ScramKeys.Hash;
import dev.poststation.sasl.UnavailableException;
import dev.poststation.sim.ManualTime;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.sim.ToyIssuer;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The users file, a directory (the LDAP library's own server) and tokens together; how a directory
/// answers that other people wrote, `system/DirectoriesTest` looks at.
@Timeout(60)
class AllAccountsTest {
  private static final String KEYS =
      "base = \"ou=people,dc=example,dc=com\", bind-dn = \"cn=relay,dc=example,dc=com\","
          + " bind-password = \"env:SECRET\", timeout = \"2 s\", tls = off";

  private final MemoryDisk disk = new MemoryDisk();
  private final ManualTime time = new ManualTime();
  private final ConcurrentLinkedQueue<String> binds = new ConcurrentLinkedQueue<>();
  private final List<AutoCloseable> open = new ArrayList<>();
  private final ScriptedResolver resolver = new ScriptedResolver();
  private InMemoryDirectoryServer server;
  private UsersSettings settings;

  @BeforeEach
  void start() throws Exception {
    server = directory(0);
    settings = with("ldap://127.0.0.1:" + server.getListenPort(), "");
  }

  @AfterEach
  void stop() throws Exception {
    for (var each : open) {
      each.close();
    }
  }

  private InMemoryDirectoryServer directory(int port) throws Exception {
    var config = new InMemoryDirectoryServerConfig("dc=example,dc=com");
    config.setSchema(null);
    config.addAdditionalBindCredentials("cn=relay,dc=example,dc=com", "secret");
    config.setListenerConfigs(
        InMemoryListenerConfig.createLDAPConfig(
            "test", InetAddress.ofLiteral("127.0.0.1"), port, null));
    config.addInMemoryOperationInterceptor(
        new InMemoryOperationInterceptor() {
          @Override
          public void processSimpleBindRequest(InMemoryInterceptedSimpleBindRequest request) {
            binds.add(request.getRequest().getBindDN());
          }
        });
    var made = new InMemoryDirectoryServer(config);
    made.add("dn: dc=example,dc=com", "objectClass: domain", "dc: example");
    made.add("dn: ou=people,dc=example,dc=com", "objectClass: organizationalUnit", "ou: people");
    person(made, "berta", "hedge", "mail: berta@example.com", "proxyAddresses: SMTP:b@example.com");
    person(made, "carla", "rose");
    made.startListening();
    open.add(() -> made.shutDown(true));
    return made;
  }

  private static void person(
      InMemoryDirectoryServer into, String uid, String password, String... more) throws Exception {
    List<String> lines = new ArrayList<>();
    lines.add("dn: uid=" + uid + ",ou=people,dc=example,dc=com");
    lines.addAll(List.of("objectClass: person", "uid: " + uid, "userPassword: " + password));
    lines.addAll(List.of(more));
    into.add(lines.toArray(String[]::new));
  }

  private static UsersSettings with(String url, String more) {
    return Sample.configured("ldap { url = [\"%s\"], %s, %s }".formatted(url, KEYS, more));
  }

  private AllAccounts accounts() {
    var made = new AllAccounts(Sample.machine(disk, time), Sample.DATA, () -> settings, resolver);
    open.add(made);
    return made;
  }

  private void write(User... users) throws Exception {
    UsersFile file = UsersFile.read(new MemoryDisk(), Sample.FILE);
    for (User user : users) {
      file = file.with(user);
    }
    file.write(disk);
  }

  private long bindsAs(String uid) {
    return binds.stream().filter(dn -> dn.startsWith("uid=" + uid + ",")).count();
  }

  /// A machine on which the names of platform threads are noted when they start.
  private Os noting(Collection<String> started) {
    var real = Sample.machine(disk, time);
    var tasks =
        new Tasks() {
          @Override
          public Thread virtual(String name, Runnable body) {
            return real.tasks().virtual(name, body);
          }

          @Override
          public Thread platform(String name, Runnable body) {
            started.add(name);
            return real.tasks().platform(name, body);
          }
        };
    return new Os(time, real.network(), tasks, real.chance(), disk);
  }

  /// Else who sees the load of both at once may tell the names of the file from others.
  @Test
  void everyNameIsHashedBeforeTheDirectoryIsAsked() throws Exception {
    write(Sample.anna());
    var os = noting(binds);
    for (String name : List.of("anna", "berta", "doris")) {
      binds.clear();
      try (var accounts = new AllAccounts(os, Sample.DATA, () -> settings, resolver)) {
        assertThat(accounts.password(name, "wrong")).isEmpty();
      }
      assertThat(binds).as(name).startsWith("login-1").hasSizeGreaterThan(1);
    }
  }

  /// Else a colleague's own login would come later, and tell him who is at home.
  @Test
  void whoIsSparedIsHashedOnAThreadOfItsOwn() throws Exception {
    write(Sample.anna());
    List<String> started = new ArrayList<>();
    var os = noting(started);
    try (var accounts = new AllAccounts(os, Sample.DATA, () -> settings, resolver)) {
      assertThat(accounts.spared("anna", "garden")).contains(new Login("anna", "main"));
      assertThat(accounts.spared("berta", "hedge")).contains(new Login("berta", ""));
      assertThat(accounts.spared("nobody", "hedge")).isEmpty();
      assertThat(started).containsExactly("login-spared-1");
      assertThat(accounts.password("anna", "wrong")).isEmpty();
      assertThat(started).contains("login-1");
    }
  }

  @Test
  void usersOfTheFileAndOfTheDirectoryLogIn() throws Exception {
    write(Sample.anna());
    var accounts = accounts();
    assertThat(accounts.password("anna", "garden")).contains(new Login("anna", "main"));
    assertThat(accounts.password("berta", "hedge")).contains(new Login("berta", ""));
    assertThat(accounts.password("berta@example.com", "hedge"))
        .as("called as the directory calls her")
        .contains(new Login("berta", ""));
    assertThat(accounts.password("berta", "Hedge")).isEmpty();
    assertThat(accounts.password("doris", "hedge")).isEmpty();
  }

  @Test
  void aNameOfTheFileIsTheFilesAlone() throws Exception {
    write(Sample.anna(), User.named("berta").disabled(true));
    person(server, "anna", "hedge", "mail: anna@example.com");
    var accounts = accounts();
    assertThat(accounts.password("anna", "hedge")).isEmpty();
    assertThat(accounts.password("Berta", "hedge")).isEmpty();
    assertThat(bindsAs("anna") + bindsAs("berta")).isZero();
    assertThat(binds)
        .as("asked about nobody")
        .filteredOn(dn -> dn.startsWith("cn=nobody"))
        .hasSize(2);
  }

  @Test
  void whomTheDirectoryCallsAsSomebodyOfTheFileIsRefused() throws Exception {
    write(User.named("berta").disabled(true));
    settings = with("ldap://127.0.0.1:" + server.getListenPort(), "name = uid");
    var accounts = accounts();
    assertThat(accounts.password("berta@example.com", "hedge")).isEmpty();
    assertThat(accounts.refusal("berta@example.com"))
        .isEqualTo("the directory names a user whom the users file has");
    assertThat(accounts.password("carla", "rose")).contains(new Login("carla", ""));
  }

  @Test
  void theLogLearnsWhySomebodyWasRefused() throws Exception {
    write(Sample.anna(), User.named("emil").disabled(true));
    server.add(
        "dn: cn=senders,dc=example,dc=com",
        "cn: senders",
        "member: uid=carla,ou=people,dc=example,dc=com");
    settings =
        with(
            "ldap://127.0.0.1:" + server.getListenPort(),
            "group = \"cn=senders,dc=example,dc=com\"");
    var accounts = accounts();
    assertThat(accounts.password("carla", "rose")).isPresent();
    assertThat(accounts.password("carla", "Rose")).isEmpty();
    assertThat(accounts.refusal("carla")).isEqualTo("wrong name or password");
    assertThat(accounts.password("berta", "hedge")).isEmpty();
    assertThat(accounts.refusal("Berta")).isEqualTo("the user is not in users.ldap.group");
    assertThat(accounts.password("doris", "hedge")).isEmpty();
    assertThat(accounts.refusal("doris")).isEqualTo("wrong name or password");
    assertThat(accounts.refusal("Emil")).isEqualTo("the user is disabled");
    assertThat(accounts.refusal("anna")).isEqualTo("wrong name or password");
  }

  @Test
  void anEmptyPasswordIsNobodysAndTheDirectoryIsNotAsked() throws Exception {
    var accounts = accounts();
    assertThat(accounts.password("berta", "")).isEmpty();
    assertThat(binds).isEmpty();
  }

  @Test
  void aNameCannotChangeTheFilter() throws Exception {
    assertThat(
            Searches.filter("(&(objectClass=person)(uid={user}))", "{user}", "*)(uid=a\\0*")
                .toString())
        .isEqualTo("(&(objectClass=person)(uid=\\2a\\29\\28uid=a\\5c0\\2a))");
    var accounts = accounts();
    for (String name : List.of("*", "b*", "berta)(uid=*", "*)(|(uid=*", "berta\\")) {
      assertThat(accounts.password(name, "hedge")).as(name).isEmpty();
    }
  }

  @Test
  void aNameThatSeveralEntriesHaveIsNobodys() throws Exception {
    person(server, "b2", "hedge", "mail: berta@example.com");
    assertThat(accounts().password("berta@example.com", "hedge")).isEmpty();
  }

  @Test
  void aPasswordThatWasGoodIsNotAskedForAgainAMinuteLong() throws Exception {
    var accounts = accounts();
    for (int i = 0; i < 10; i++) {
      assertThat(accounts.password("berta", "hedge")).isPresent();
      time.advance(Duration.ofSeconds(5));
    }
    assertThat(bindsAs("berta")).isEqualTo(1);
    server.modify(
        "uid=berta,ou=people,dc=example,dc=com",
        new Modification(ModificationType.REPLACE, "userPassword", "tulip"));
    assertThat(accounts.password("berta", "hedge")).as("still remembered").isPresent();
    assertThat(accounts.password("berta", "tulip")).as("taken at once").isPresent();
    assertThat(accounts.password("berta", "hedge")).as("forgotten by that").isEmpty();
    assertThat(accounts.password("berta", "hedge")).as("asked each time").isEmpty();
    assertThat(bindsAs("berta")).isEqualTo(4);
    time.advance(Duration.ofMinutes(1));
    assertThat(accounts.password("berta", "tulip")).isPresent();
    assertThat(bindsAs("berta")).isEqualTo(5);
  }

  @Test
  void passwordsAreNotRememberedWhereThatIsSwitchedOff() throws Exception {
    settings = with("ldap://127.0.0.1:" + server.getListenPort(), "remember = 0 s");
    var accounts = accounts();
    for (int i = 0; i < 3; i++) {
      assertThat(accounts.password("berta", "hedge")).isPresent();
    }
    assertThat(bindsAs("berta")).isEqualTo(3);
  }

  @Test
  void ownAddressesComeFromTheStoreThatHasTheUser() throws Exception {
    write(Sample.anna());
    var accounts = accounts();
    assertThat(accounts.own("anna")).containsExactly("anna@example.com");
    assertThat(accounts.own("berta")).containsExactly("berta@example.com", "b@example.com");
    assertThat(accounts.own("carla")).isEmpty();
    assertThat(accounts.own("doris")).isEmpty();
  }

  @Test
  void somebodyIsDescribedForExplain() throws Exception {
    write(Sample.anna(), User.named("emil").disabled(true));
    var accounts = accounts();
    assertThat(accounts.describe("anna"))
        .isEqualTo("is in the users file; own addresses: anna@example.com");
    assertThat(accounts.describe("emil"))
        .isEqualTo("is in the users file, disabled; without own addresses");
    assertThat(accounts.describe("berta"))
        .isEqualTo(
            "is in the directory as uid=berta,ou=people,dc=example,dc=com;"
                + " own addresses: berta@example.com, b@example.com");
    assertThat(accounts.describe("doris")).isEqualTo("is in no store");
    assertThat(accounts.nameOf("ANNA")).isEqualTo("anna");
    assertThat(accounts.nameOf("Doris")).isEqualTo("Doris");
  }

  @Test
  void onlyWholeAddressesAreSomebodysOwn() throws Exception {
    person(
        server,
        "emma",
        "x",
        "mail: @example.com",
        "mail: example.com",
        "mail: emma@example.com",
        "proxyAddresses: smtp:e@example.com",
        "proxyAddresses: smtp:@example.org",
        "proxyAddresses: X500:/o=Example/cn=emma",
        "proxyAddresses: SIP:emma@example.com");
    assertThat(accounts().own("emma")).containsExactly("emma@example.com", "e@example.com");
  }

  @Test
  void ofVeryManyAddressesTheFirstThousandAreHis() throws Exception {
    String[] addresses = new String[1100];
    for (int i = 0; i < addresses.length; i++) {
      addresses[i] = "mail: a" + i + "@example.com";
    }
    person(server, "emma", "x", addresses);
    assertThat(accounts().own("emma")).hasSize(1000).startsWith("a0@example.com");
  }

  @Test
  void whileTheDirectoryIsDownNobodyIsRefusedForGoodAndAddressesStay() throws Exception {
    write(Sample.anna());
    var accounts = accounts();
    assertThat(accounts.password("berta", "hedge")).isPresent();
    int port = server.getListenPort();
    server.shutDown(true);
    assertThat(accounts.password("berta", "hedge")).as("remembered").isPresent();
    time.advance(Duration.ofMinutes(2));
    assertThatThrownBy(() -> accounts.password("berta", "hedge"))
        .isInstanceOf(UnavailableException.class)
        .hasMessageStartingWith("the directory cannot be asked: 127.0.0.1:" + port + ": ");
    assertThat(accounts.own("berta")).contains("berta@example.com");
    assertThat(accounts.ownIfKnown("carla")).isEmpty();
    assertThat(accounts.password("anna", "garden")).as("of the file").isPresent();
    assertThat(accounts.concerns())
        .singleElement()
        .asString()
        .startsWith("Server 127.0.0.1:" + port + " of users.ldap cannot be asked since 2026-")
        .endsWith("; nobody whom it knows can log in");

    var back = directory(port);
    assertThat(accounts.password("berta", "hedge")).isPresent();
    assertThat(accounts.concerns()).isEmpty();
    assertThat(back.getListenPort()).isEqualTo(port);
  }

  @Test
  void theSecondServerTakesOverAndTheFirstHasItsTurnAgain() throws Exception {
    var second = directory(0);
    int port = server.getListenPort();
    settings =
        with("ldap://127.0.0.1:" + port + "\", \"ldap://127.0.0.1:" + second.getListenPort(), "");
    var accounts = accounts();
    server.shutDown(true);
    assertThat(accounts.password("berta", "hedge")).isPresent();
    assertThat(accounts.concerns()).singleElement().asString().endsWith("; another one is asked");

    var first = directory(port);
    person(first, "frida", "x");
    assertThat(accounts.password("frida", "x")).as("the first is still set aside").isEmpty();
    time.advance(Duration.ofSeconds(30));
    assertThat(accounts.password("frida", "x")).isPresent();
    assertThat(accounts.concerns()).isEmpty();
  }

  @Test
  void theNameOfTheDirectoryIsLookedUpByOurOwnResolver() throws Exception {
    resolver.address("ldap.example.com", "::1", "127.0.0.1"); // It is at the second.
    settings = with("ldap://ldap.example.com:" + server.getListenPort(), "");
    assertThat(accounts().password("berta", "hedge")).isPresent();

    for (String name : List.of("gone.example.com", "silent.example.com")) {
      resolver.fail("silent.example.com", "the name server does not answer");
      settings = with("ldap://" + name, "");
      var accounts = accounts();
      assertThatThrownBy(() -> accounts.password("berta", "hedge"))
          .isInstanceOf(UnavailableException.class)
          .hasMessage(
              "the directory cannot be asked: %s:389: connect error (%s)"
                  .formatted(
                      name,
                      name.startsWith("gone")
                          ? "the name has no address"
                          : "the name server does not answer"));
    }
  }

  /// More sessions wait for it than there are processors.
  @Test
  void aDnsThatDoesNotAnswerDelaysOnlyThoseWhoNeedIt() throws Exception {
    write(Sample.anna());
    try (var silent = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"))) {
      var dns =
          new DnsSettings(
              List.of(new InetSocketAddress(silent.getLocalAddress(), silent.getLocalPort())),
              Duration.ofSeconds(50));
      settings = with("ldap://ldap.example.com:" + server.getListenPort(), "");
      var accounts =
          new AllAccounts(
              Sample.machine(disk, time),
              Sample.DATA,
              () -> settings,
              new DnsResolver(dns, Os.real()));
      open.add(accounts);
      List<Thread> waiting = new ArrayList<>();
      for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) {
        waiting.add(Thread.ofVirtual().start(() -> berta(accounts)));
      }
      silent.receive(new DatagramPacket(new byte[512], 512));

      var other = new FutureTask<>(() -> accounts.password("anna", "garden"));
      Thread.ofVirtual().start(other);
      assertThat(other.get()).contains(new Login("anna", "main"));
      assertThat(waiting).allMatch(Thread::isAlive);
      waiting.forEach(Thread::interrupt);
    }
  }

  private static void berta(AllAccounts accounts) {
    try {
      accounts.password("berta", "hedge");
    } catch (UnavailableException _) {
      // Nobody knows where the directory is.
    }
  }

  @Test
  void aWrongPasswordOfTheRelayIsNoWrongPasswordOfTheUser() {
    settings =
        Sample.configured(
            "ldap { url = \"ldap://127.0.0.1:%d\", %s }"
                .formatted(server.getListenPort(), KEYS.replace("SECRET", "WRONG")));
    var accounts = accounts();
    assertThatThrownBy(() -> accounts.password("berta", "hedge"))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("bind-dn is refused: invalid credentials");
  }

  @Test
  void aServerThatDoesNotAnswerIsNotWaitedFor() throws Exception {
    try (var silent = new ServerSocket(0, 10, InetAddress.ofLiteral("127.0.0.1"))) {
      for (String url : List.of("ldap", "ldaps", "starttls")) {
        settings =
            Sample.configured(
                "ldap { url = \"%s://127.0.0.1:%d\", %s }"
                    .formatted(
                        url.equals("ldaps") ? url : "ldap",
                        silent.getLocalPort(),
                        KEYS.replace("2 s", "300 ms")
                            .replace("off", url.equals("starttls") ? "starttls" : "off")));
        long begin = System.nanoTime();
        var accounts = accounts();
        assertThatThrownBy(() -> accounts.password("berta", "hedge"))
            .as(url)
            .isInstanceOf(UnavailableException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
      }
    }
  }

  @Test
  void aServerWithoutTlsGetsNoPassword() {
    settings =
        Sample.configured(
            "ldap { url = \"ldap://127.0.0.1:%d\", %s }"
                .formatted(server.getListenPort(), KEYS.replace("tls = off", "tls = starttls")));
    var accounts = accounts();
    assertThatThrownBy(() -> accounts.password("berta", "hedge"))
        .isInstanceOf(UnavailableException.class);
    assertThat(binds).isEmpty();
  }

  @Test
  void aReloadTakesAnotherDirectory() throws Exception {
    var other = directory(0);
    person(other, "frida", "x");
    var accounts = accounts();
    assertThat(accounts.password("frida", "x")).isEmpty();
    settings = with("ldap://127.0.0.1:" + other.getListenPort(), "");
    assertThat(accounts.password("frida", "x")).isPresent();
    settings = Sample.settings(10);
    assertThat(accounts.password("frida", "x")).isEmpty();
    assertThat(accounts.mechanisms()).isEmpty();
  }

  @Test
  void whoWasLetInByTheDirectoryStaysOnlyAsLongAsItFindsHim() throws Exception {
    var accounts = accounts();
    var standing = accounts.standing();
    var login = accounts.password("berta@example.com", "hedge").orElseThrow();
    assertThat(standing.holds(login)).isTrue();
    server.delete("uid=berta,ou=people,dc=example,dc=com");
    assertThat(standing.holds(login)).as("remembered").isTrue();
    time.advance(Duration.ofMinutes(1));
    assertThat(standing.holds(login)).isFalse();
  }

  @Test
  void whoWasLetInByTheDirectoryStaysForAnHourAndWhileItIsDown() throws Exception {
    var accounts = accounts();
    var standing = accounts.standing();
    var login = accounts.password("berta@example.com", "hedge").orElseThrow();
    time.advance(Duration.ofMinutes(30));
    assertThat(standing.holds(login)).as("asked again, by the name that she said").isTrue();
    server.shutDown(true);
    time.advance(Duration.ofMinutes(29));
    assertThat(standing.holds(login)).isTrue();
    time.advance(Duration.ofMinutes(1));
    assertThat(standing.holds(login)).as("her password may have changed").isFalse();
  }

  @Test
  void aReloadThatTakesAnotherDirectoryEndsTheLoginsOfTheLastOne() throws Exception {
    write(Sample.anna());
    var other = directory(0);
    var accounts = accounts();
    var standing = accounts.standing();
    var berta = accounts.password("berta", "hedge").orElseThrow();
    var anna = accounts.password("anna", "garden").orElseThrow();

    settings =
        Sample.configured(
            "\n\nldap { url = [\"ldap://127.0.0.1:%d\"], %s, }"
                .formatted(server.getListenPort(), KEYS));
    assertThat(standing.holds(berta)).as("the same, lines further below").isTrue();
    settings = with("ldap://127.0.0.1:" + other.getListenPort(), "");
    assertThat(standing.holds(berta)).isFalse();
    assertThat(standing.holds(anna)).isTrue();

    var again = accounts.password("berta", "hedge").orElseThrow();
    assertThat(standing.holds(again)).isTrue();
    settings = Sample.settings(10);
    assertThat(standing.holds(again)).isFalse();
    assertThat(standing.holds(anna)).isTrue();
  }

  @Test
  void whoComesIntoTheUsersFileIsTheFilesFromThenOn() throws Exception {
    var accounts = accounts();
    var standing = accounts.standing();
    var login = accounts.password("berta", "hedge").orElseThrow();
    write(User.named("berta").disabled(true));
    time.advance(Duration.ofSeconds(2));
    assertThat(standing.holds(login)).isFalse();
  }

  @Test
  void anotherUsersFileEndsTheLoginsOfThoseWhoAreNotInIt() throws Exception {
    write(Sample.anna(), User.named("emil").withPasswords(List.of(Sample.password("main", "x"))));
    var accounts = accounts();
    var standing = accounts.standing();
    var elses = accounts.standing();
    var anna = accounts.password("anna", "garden").orElseThrow();
    var emil = accounts.password("emil", "x").orElseThrow();
    var file = UsersFile.read(new MemoryDisk(), Path.of("data/others")).with(Sample.anna());
    file.write(disk);
    settings = file("data/others");
    time.advance(Duration.ofSeconds(2));
    assertThat(standing.holds(anna)).isTrue();
    assertThat(elses.holds(emil)).isFalse();

    disk.withForbidden("data/unreadable");
    settings = file("data/unreadable");
    time.advance(Duration.ofSeconds(2));
    assertThat(standing.holds(anna)).as("of a file that is not the users file any more").isFalse();
    assertThatThrownBy(() -> accounts.password("anna", "garden"))
        .isInstanceOf(UnavailableException.class);
  }

  private static UsersSettings file(String name) {
    return new UsersSettings(Path.of(name), Sample.ITERATIONS, null, 10, Duration.ofMinutes(15));
  }

  @Test
  void whoCameByATokenStaysUntilItExpires() throws Exception {
    disk.with(ToyIssuer.AUTHORITY.toString(), Files.readString(ToyIssuer.AUTHORITY));
    write(User.named("Anna@example.com"));
    try (var issuer = ToyIssuer.start()) {
      settings = Sample.configured(issuer.settings());
      var accounts = accounts();
      for (String name : List.of("anna@example.com", "berta@example.com")) {
        var standing = accounts.standing();
        var login = known(accounts.token("", issuer.token(name, time.now())));
        time.advance(Duration.ofMinutes(10));
        assertThat(standing.holds(login)).as(name + ", whose clock may be late").isTrue();
        time.advance(Duration.ofMinutes(1));
        assertThat(standing.holds(login)).as(name).isFalse();
      }
      var standing = accounts.standing();
      var login = known(accounts.token("", issuer.token("berta@example.com", time.now())));
      settings =
          Sample.configured(
              issuer
                  .settings()
                  .replace("audience = poststation", "audience = [poststation, other]"));
      assertThat(standing.holds(login)).as("another configuration").isFalse();
    }
  }

  private static Login known(TokenAnswer answer) {
    assertThat(answer).isInstanceOf(TokenAnswer.Known.class);
    return ((TokenAnswer.Known) answer).login();
  }

  @Test
  void eachStoreBringsItsMechanisms() throws Exception {
    var accounts = accounts();
    assertThat(accounts.mechanisms()).containsExactlyInAnyOrder(Mechanism.PLAIN, Mechanism.LOGIN);
    settings =
        Sample.configured(
            "oauth { issuer = \"https://login.example.com\", audience = poststation }");
    assertThat(accounts.mechanisms())
        .containsExactlyInAnyOrder(Mechanism.OAUTHBEARER, Mechanism.XOAUTH2);
    write(Sample.anna());
    time.advance(Duration.ofSeconds(1));
    assertThat(accounts.mechanisms())
        .contains(Mechanism.SCRAM_SHA_256, Mechanism.PLAIN, Mechanism.XOAUTH2);
  }

  @Test
  void scramIsForUsersOfTheFileAndTellsNobodyWhoElseThereIs() throws Exception {
    write(Sample.anna());
    var accounts = accounts();
    assertThat(accounts.scram("anna", Hash.SHA_256).keys()).hasSize(1);
    assertThat(accounts.scram("berta", Hash.SHA_256).keys()).isEmpty();
    assertThat(accounts.scram("doris", Hash.SHA_256).keys()).isEmpty();
    assertThat(binds).isEmpty();
  }

  @Test
  void whereNoIssuerIsNamedNoTokenIsGood() throws Exception {
    assertThat(accounts().token("berta", "a.b.c"))
        .isEqualTo(new TokenAnswer.Refused("invalid_token", "", "", "tokens are not taken here"));
  }

  @Test
  void aTokenIsAUsersUnlessTheFileHasHimDisabled() throws Exception {
    disk.with(ToyIssuer.AUTHORITY.toString(), Files.readString(ToyIssuer.AUTHORITY));
    write(User.named("Anna@example.com"), User.named("emil@example.com").disabled(true));
    try (var issuer = ToyIssuer.start()) {
      settings = Sample.configured(issuer.settings());
      var accounts = accounts();
      assertThat(accounts.token("", issuer.token("anna@example.com", time.now())))
          .as("as the file calls her")
          .isEqualTo(new TokenAnswer.Known(new Login("Anna@example.com", "")));
      assertThat(accounts.token("", issuer.token("berta@example.com", time.now())))
          .isEqualTo(new TokenAnswer.Known(new Login("berta@example.com", "")));
      assertThat(accounts.token("", issuer.token("emil@example.com", time.now())))
          .isEqualTo(new TokenAnswer.Refused("invalid_token", "", "", "the user is disabled"));
      assertThat(accounts.describe("berta@example.com"))
          .isEqualTo("is in no store: a token of the issuer would have to name him");
    }
  }

  /// The directory has a certificate for mx.example and 127.0.0.1.
  @Test
  void theCertificateOfTheDirectoryIsVerified() throws Exception {
    disk.with(ToyIssuer.AUTHORITY.toString(), Files.readString(ToyIssuer.AUTHORITY));
    String trusting = "authorities = \"" + ToyIssuer.AUTHORITY + "\"";
    resolver.address("mx.example", "127.0.0.1").address("localhost", "127.0.0.1");
    for (boolean implicit : List.of(true, false)) {
      try (var tls = new TlsDirectory(implicit)) {
        var port = tls.port();
        String scheme = implicit ? "ldaps://" : "ldap://";
        settings = tlsSettings(scheme + "127.0.0.1:" + port, trusting);
        assertThat(accounts().password("berta", "hedge")).isPresent();

        settings = tlsSettings(scheme + "mx.example:" + port, trusting);
        assertThat(accounts().password("berta", "hedge")).isPresent();

        settings = tlsSettings(scheme + "localhost:" + port, trusting);
        var elsewhere = accounts();
        assertThatThrownBy(() -> elsewhere.password("berta", "hedge"))
            .isInstanceOf(UnavailableException.class)
            .hasMessageContaining("localhost");

        settings = tlsSettings(scheme + "127.0.0.1:" + port, "");
        var strange = accounts();
        assertThatThrownBy(() -> strange.password("berta", "hedge"))
            .isInstanceOf(UnavailableException.class)
            .hasMessageContaining("certification path");
      }
    }
  }

  private static UsersSettings tlsSettings(String url, String more) {
    return Sample.configured(
        "ldap { url = \"%s\", %s, %s }"
            .formatted(url, KEYS.replace("tls = off", "tls = starttls"), more));
  }

  /// One that speaks TLS.
  private static final class TlsDirectory implements AutoCloseable {
    private final InMemoryDirectoryServer server;

    private TlsDirectory(boolean implicit) throws Exception {
      var sockets = ToyIssuer.tls();
      var config = new InMemoryDirectoryServerConfig("dc=example,dc=com");
      config.setSchema(null);
      config.addAdditionalBindCredentials("cn=relay,dc=example,dc=com", "secret");
      var local = InetAddress.ofLiteral("127.0.0.1");
      config.setListenerConfigs(
          implicit
              ? InMemoryListenerConfig.createLDAPSConfig(
                  "tls", local, 0, sockets.getServerSocketFactory(), sockets.getSocketFactory())
              : InMemoryListenerConfig.createLDAPConfig(
                  "tls", local, 0, sockets.getSocketFactory()));
      server = new InMemoryDirectoryServer(config);
      server.add("dn: dc=example,dc=com", "objectClass: domain", "dc: example");
      server.add(
          "dn: ou=people,dc=example,dc=com", "objectClass: organizationalUnit", "ou: people");
      person(server, "berta", "hedge");
      server.startListening();
    }

    private int port() {
      return server.getListenPort();
    }

    @Override
    public void close() {
      server.shutDown(true);
    }
  }
}
