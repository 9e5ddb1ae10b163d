package dev.poststation.server;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServerConfig;
import com.unboundid.ldap.listener.InMemoryListenerConfig;
import com.unboundid.ldap.listener.interceptor.InMemoryInterceptedSearchRequest;
import com.unboundid.ldap.listener.interceptor.InMemoryInterceptedSimpleBindRequest;
import com.unboundid.ldap.listener.interceptor.InMemoryOperationInterceptor;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.ResultCode;
import dev.poststation.account.AllAccounts;
import dev.poststation.account.LastUse;
import dev.poststation.account.LoginGuard;
import dev.poststation.cli.Ran;
import dev.poststation.config.ListenerSettings;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.config.UsersSettings;
import dev.poststation.os.Os;
import dev.poststation.os.Tasks;
import dev.poststation.sim.MemoryAccounts;
import dev.poststation.sim.MemoryConnection;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.sim.RecordingJournal;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.sim.SimTime;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A users file and a directory, in whatever state that is: whoever says a wrong password over SMTP
/// is told the same, after the same time, and blocked after as many of them, whatever his name is.
@Timeout(120)
class NamesBesideDirectoryTest {
  /// Of the file, of the file and disabled, of the directory, of the directory but not of the
  /// group, of nobody, and one that nobody may have.
  private static final List<String> NAMES =
      List.of("filed", "shut", "member", "other", "nobody", "no body");

  private static final String STRANGE = "203.0.113.9";
  private static final String OFFICE = "198.51.100.7";
  private static final String GROUP = "cn=mailers,dc=example,dc=com";
  private static final String RIGHT = "correct horse";
  private static final Path CONFIGURATION = Path.of("/etc/poststation.conf");

  private static InMemoryDirectoryServer server;
  private static UsersSettings up;
  private static UsersSettings down;
  private static String users;
  private static String secret;
  private static volatile State state = State.UP;
  private static volatile SimTime clock = new SimTime();
  private static volatile CountDownLatch hanging = new CountDownLatch(0);
  private static volatile CountDownLatch hashing = new CountDownLatch(0);
  private static final AtomicInteger HASHED = new AtomicInteger();
  private static final AtomicInteger HANGING = new AtomicInteger();

  enum State {
    UP,
    DOWN,
    GROUP_HIDDEN,
    GROUP_BUSY,
    BUSY,
    BUSY_FOR_PASSWORDS,
    /// Its hash takes long, and there is none for nobody.
    SLOW,
    /// Twice that is more than was waited for at first; somebody has logged in meanwhile.
    SLOWER_THAN_EVER
  }

  private static final class Moods extends InMemoryOperationInterceptor {
    @Override
    public void processSearchRequest(InMemoryInterceptedSearchRequest request)
        throws LDAPException {
      boolean group = request.getRequest().getBaseDN().equals(GROUP);
      if (state == State.BUSY || (state == State.GROUP_BUSY && group)) {
        throw new LDAPException(ResultCode.BUSY);
      }
      if (state == State.GROUP_HIDDEN && group) {
        throw new LDAPException(ResultCode.INSUFFICIENT_ACCESS_RIGHTS);
      }
    }

    @Override
    public void processSimpleBindRequest(InMemoryInterceptedSimpleBindRequest request)
        throws LDAPException {
      if (state == State.BUSY_FOR_PASSWORDS) {
        throw new LDAPException(ResultCode.BUSY);
      }
      HANGING.incrementAndGet();
      try {
        hanging.await();
      } catch (InterruptedException e) {
        throw new LDAPException(ResultCode.OTHER, e);
      } finally {
        HANGING.decrementAndGet();
      }
      if (request.getRequest().getBindDN().startsWith("uid=")) {
        hash();
        clock.advance(
            switch (state) {
              case SLOW -> Duration.ofSeconds(5);
              case SLOWER_THAN_EVER -> Duration.ofSeconds(7);
              default -> Duration.ZERO;
            });
      }
    }
  }

  private static void hash() throws LDAPException {
    HASHED.incrementAndGet();
    try {
      hashing.await();
    } catch (InterruptedException e) {
      throw new LDAPException(ResultCode.OTHER, e);
    } finally {
      HASHED.decrementAndGet();
    }
  }

  private static InMemoryDirectoryServer directory() throws Exception {
    var config = new InMemoryDirectoryServerConfig("dc=example,dc=com");
    config.setSchema(null);
    config.setListenerConfigs(
        InMemoryListenerConfig.createLDAPConfig(
            "test", InetAddress.ofLiteral("127.0.0.1"), 0, null));
    config.addInMemoryOperationInterceptor(new Moods());
    var made = new InMemoryDirectoryServer(config);
    made.add("dn: dc=example,dc=com", "objectClass: domain", "dc: example");
    for (String uid : List.of("member", "proud", "other")) {
      made.add(
          "dn: uid=" + uid + ",dc=example,dc=com",
          "objectClass: person",
          "uid: " + uid,
          "memberOf: " + (uid.equals("proud") ? GROUP : "cn=else,dc=example,dc=com"),
          "userPassword: " + RIGHT);
    }
    made.add(
        "dn: " + GROUP,
        "cn: mailers",
        "member: uid=member,dc=example,dc=com",
        "member: uid=proud,dc=example,dc=com");
    made.startListening();
    return made;
  }

  @BeforeAll
  static void start() throws Exception {
    server = directory();
    var gone = directory();
    down = settings(gone.getListenPort());
    up = settings(server.getListenPort());
    gone.shutDown(true);
    var disk = new MemoryDisk();
    var real = Os.real();
    var os = new Os(new SimTime(), real.network(), real.tasks(), real.chance(), disk);
    disk.makeDirectory(Path.of("/data"));
    disk.with(CONFIGURATION.toString(), text(server.getListenPort()));
    disk.with("/tmp/password", RIGHT);
    command(os, "user add filed --password-file /tmp/password");
    command(os, "user add shut --password-file /tmp/password");
    command(os, "user disable shut");
    users = new String(disk.read(Path.of("/data/users")), StandardCharsets.UTF_8);
    secret = new String(disk.read(Path.of("/data/users.secret")), StandardCharsets.UTF_8);
  }

  private static void command(Os os, String line) {
    var ran = Ran.on(os, line + " --config " + CONFIGURATION);
    assertThat(ran.exit()).as(ran.toString()).isZero();
  }

  private static String text(int port) {
    return """
    hostname = "relay.example.com"
    data = "/data"
    clients = [ { name = staff, users = ["*"] } ]
    connectors { internet { type = mx } }
    routes = [ { via = [internet] } ]
    users {
      iterations = 4096, block-after = 6
      ldap {
        url = ["ldap://127.0.0.1:%d"], base = "dc=example,dc=com", tls = off, remember = "0 s"
        timeout = "1 m", group = "%s"
      }
      oauth { issuer = "https://login.example.com", audience = poststation }
    }
    """
        .formatted(port, GROUP);
  }

  private static UsersSettings settings(int port) {
    return switch (new Loader(Os.real(), Map.of()).parse(text(port), CONFIGURATION)) {
      case Loaded.Good good -> good.configuration().users();
      case Loaded.Bad bad -> throw new AssertionError(bad.problems().toString());
    };
  }

  @AfterAll
  static void stop() {
    server.shutDown(true);
  }

  /// Nobody writes anything later on: he would wait for time to pass.
  private static final class Idle implements Tasks {
    @Override
    public Thread virtual(String name, Runnable body) {
      return Thread.currentThread();
    }

    @Override
    public Thread platform(String name, Runnable body) {
      return Thread.currentThread();
    }
  }

  /// Threads that look while the session waits for its turn, and how many there are.
  private record Early(Tasks real, AtomicInteger running) implements Tasks {
    @Override
    public Thread virtual(String name, Runnable body) {
      if (!name.equals("login-at-home")) {
        return real.virtual(name, body);
      }
      running.incrementAndGet();
      return real.virtual(
          name,
          () -> {
            try {
              body.run();
            } finally {
              running.decrementAndGet();
            }
          });
    }

    @Override
    public Thread platform(String name, Runnable body) {
      return real.platform(name, body);
    }
  }

  /// A relay, its users and the clock.
  private static final class World implements AutoCloseable {
    private final SimTime time = new SimTime();
    private final MemoryDisk disk = new MemoryDisk();
    private final Relay relay = new Relay(time);
    private final RecordingJournal journal = new RecordingJournal();
    private final AtomicInteger early = new AtomicInteger();
    private final AllAccounts accounts;
    private final LastUse lastUse;
    private final LoginGuard guard;
    private volatile UsersSettings settings;

    World() {
      var real = Os.real();
      var os = new Os(time, real.network(), real.tasks(), real.chance(), disk);
      disk.makeDirectory(Path.of("/data"));
      disk.with("/data/users", users);
      disk.with("/data/users.secret", secret);
      settings = up;
      accounts = new AllAccounts(os, Path.of("/data"), () -> settings, new ScriptedResolver());
      var idle = new Os(time, real.network(), new Idle(), real.chance(), disk);
      lastUse = new LastUse(idle, Path.of("/data"), accounts.known());
      guard = new LoginGuard(os, () -> settings, lastUse, journal, accounts::answer);
      var counting =
          new Os(time, real.network(), new Early(real.tasks(), early), real.chance(), disk);
      relay.logins = new Logins(() -> accounts, guard, counting);
      relay.auth = ListenerSettings.Auth.OFFERED;
    }

    /// The directory is so from now on.
    World with(State now) {
      clock = time;
      state = now;
      settings = now == State.DOWN ? down : up;
      return this;
    }

    Client call(String from) {
      return new Client(this, from);
    }

    /// What is told to who logs in by PLAIN in a session of its own, and after what time.
    String login(String from, String name, String password) {
      try (var client = call(from)) {
        return client.plain(name, password);
      }
    }

    /// So often.
    List<String> guesses(String from, String name, int times) {
      List<String> told = new ArrayList<>();
      for (int i = 0; i < times; i++) {
        told.add(login(from, name, "wrong " + i));
      }
      return told;
    }

    /// How many threads wait for time that has not come yet.
    int waiting() {
      return time.toNext(Duration.ofMinutes(1)).isPositive() ? time.sleepers() : 0;
    }

    /// Waits for what other threads do; one may have asked just before the directory was up again.
    /// No clock goes on while one asks: on a busy machine its question would never be in time.
    void waitUntilNobodyIsBlocked() {
      for (int i = 0; i < 20 && !guard.blocks().isEmpty(); i++) {
        time.advance(Duration.ofSeconds(11));
        guard.passage(InetAddress.ofLiteral(STRANGE), "else");
        long end = System.nanoTime() + Duration.ofSeconds(3).toNanos();
        while (!guard.blocks().isEmpty() && System.nanoTime() < end) {
          LockSupport.parkNanos(20_000_000);
        }
      }
      assertThat(guard.blocks()).isEmpty();
    }

    @Override
    public void close() {
      accounts.close();
      lastUse.close();
    }
  }

  /// A client that lets time pass when somebody waits for it.
  private static final class Client implements AutoCloseable {
    private final World world;
    private final Wire wire;
    private final MemoryConnection connection;
    private final StringBuilder unread = new StringBuilder();

    Client(World world, String from) {
      this.world = world;
      this.wire = Wire.memory(world.relay, world.time, from);
      this.connection = (MemoryConnection) wire.client();
      try {
        hear();
        ask("EHLO client.example");
        assertThat(ask("STARTTLS")).startsWith("220 ");
        connection.startTls(Wire.trustAll("relay"));
        assertThat(ask("EHLO client.example")).startsWith("250 ");
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    String plain(String name, String password) {
      long since = world.time.nanos();
      String told = ask(plainly(name, password));
      return told + " after " + Duration.ofNanos(world.time.nanos() - since);
    }

    /// The same, and no time passes meanwhile.
    String plainAtOnce(String name, String password) throws IOException {
      say(plainly(name, password));
      eventually("it is answered", connection::readable);
      return hear();
    }

    static String plainly(String name, String password) {
      return "AUTH PLAIN " + MemoryAccounts.base64("\0" + name + "\0" + password);
    }

    String ask(String line) {
      try {
        say(line);
        return hear();
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    void say(String line) throws IOException {
      byte[] octets = (line + "\r\n").getBytes(StandardCharsets.UTF_8);
      connection.write(octets, 0, octets.length);
    }

    /// Says a wrong password, and waits until the answer waits for its time.
    void sayWrong(String name) throws IOException {
      say(plainly(name, "wrong"));
      long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      var none = Duration.ofMinutes(1);
      while (world.time.toNext(none).compareTo(none) >= 0) {
        assertThat(System.nanoTime() - end).as("nobody waits").isNegative();
        LockSupport.parkNanos(50_000);
      }
    }

    /// The last line of the next reply.
    private String hear() throws IOException {
      byte[] buffer = new byte[4096];
      long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      while (true) {
        for (int at; (at = unread.indexOf("\r\n")) >= 0; ) {
          String line = unread.substring(0, at);
          unread.delete(0, at + 2);
          if (line.charAt(3) == ' ') {
            return line;
          }
        }
        if (connection.readable()) {
          int count = connection.read(buffer, 0, buffer.length);
          assertThat(count).as("it ended").isPositive();
          unread.append(new String(buffer, 0, count, StandardCharsets.UTF_8));
        } else if (!passed()) {
          assertThat(System.nanoTime() - end).as("no answer").isNegative();
          LockSupport.parkNanos(50_000);
        }
      }
    }

    /// Whether somebody waited for time to pass.
    private boolean passed() {
      var none = Duration.ofMinutes(3);
      var next = world.time.toNext(none);
      boolean waits = world.time.sleepers() > 0 && next.compareTo(none) < 0 && next.isPositive();
      if (waits) {
        world.time.advance(next);
      }
      return waits;
    }

    @Override
    public void close() {
      wire.close();
    }
  }

  @ParameterizedTest
  @EnumSource
  void allNamesAreToldTheSameAfterTheSameTimeAndAreBlockedAfterAsMany(State how) {
    List<List<String>> told = new ArrayList<>();
    for (String name : NAMES) {
      try (var world = new World().with(how)) {
        if (how == State.SLOWER_THAN_EVER) {
          assertThat(world.login(OFFICE, "member", RIGHT)).startsWith("235 ");
        }
        told.add(world.guesses(STRANGE, name, 10));
        told.getLast().addAll(world.guesses(STRANGE, "else", 1));
      }
    }
    for (int i = 0; i < NAMES.size(); i++) {
      assertThat(told.get(i)).as(how + " " + NAMES.get(i)).isEqualTo(told.getFirst());
    }
    assertThat(told.getFirst().getFirst()).as("at first").doesNotContain("Too many");
    assertThat(told.getFirst().get(7)).as("at last").contains("Too many failed logins");
  }

  /// Else the directory would be too busy with a name for which it has work to do, and could not
  /// say of that one alone that the password is wrong.
  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"SLOW", "SLOWER_THAN_EVER"})
  void manyAtOnceAreToldTheSameWhateverNameTheySay(State how) throws Exception {
    List<List<String>> told = new ArrayList<>();
    for (String name : NAMES) {
      told.add(crowd(how, name, "", false));
    }
    for (int i = 0; i < NAMES.size(); i++) {
      assertThat(told.get(i)).as(NAMES.get(i)).isEqualTo(told.getFirst());
    }
    assertThat(told.getFirst().subList(0, 12).stream().filter(each -> each.contains("Too many")))
        .hasSize(9);
  }

  /// What those are told who share the address of one who is at home there.
  @Test
  void whoIsAtHomeDoesNotShowToManyAtOnceEither() throws Exception {
    for (boolean last : List.of(false, true)) {
      for (String name : List.of("filed", "member")) {
        assertThat(crowd(State.UP, name, name, last))
            .as(name)
            .isEqualTo(crowd(State.UP, "nobody", "", last));
      }
    }
  }

  /// Four sessions of one address: three that have all turns, and one that says the name of
  /// somebody who may be at home there. A directory that hangs from then on says nothing of it.
  private static final class Office implements AutoCloseable {
    private final World world;
    private final String name;
    private final List<Client> clients = new ArrayList<>();

    Office(World world, String name) {
      this.world = world;
      this.name = name;
      if (!name.equals("nobody")) {
        assertThat(world.login(OFFICE, name, RIGHT)).startsWith("235 ");
      }
    }

    /// @param between after the first one
    /// @param before the last one
    void say(Duration between, Duration before) throws IOException {
      List<String> names = List.of("first", "second", "third", name);
      for (int i = 0; i < names.size(); i++) {
        clients.add(world.call(OFFICE));
      }
      for (int i = 0; i < names.size(); i++) {
        if (i == 3) {
          world.time.advance(before);
          hanging = new CountDownLatch(1);
        }
        clients.get(i).say(Client.plainly(names.get(i), "wrong"));
        wait(i + 1);
        world.time.advance(i == 0 ? between : Duration.ZERO);
      }
      int looks = name.equals("nobody") ? 0 : 1;
      eventually("who is at home is looked at", () -> HANGING.get() == looks);
    }

    void wait(int many) {
      eventually(name + ": so many wait for a time", () -> world.waiting() == many);
    }

    /// What the one of these sessions is told now; no time passes.
    String told(int which) throws IOException {
      eventually("it is answered", clients.get(which).connection::readable);
      return clients.get(which).hear();
    }

    @Override
    public void close() {
      hanging.countDown();
      clients.forEach(Client::close);
    }
  }

  /// As long as one server of it is silent.
  @Test
  void aLookAtWhoIsAtHomeThatTakesTenSecondsDoesNotShow() throws Exception {
    for (String name : List.of("filed", "member", "nobody")) {
      try (var world = new World().with(State.UP);
          var office = new Office(world, name)) {
        office.say(Duration.ZERO, Duration.ZERO);
        world.time.advance(LoginGuard.IN_LINE);
        office.wait(4);
        world.time.advance(Duration.ofSeconds(4));
        assertThat(office.told(3)).as(name).contains("Too many failed logins");
        assertThat(office.told(0)).startsWith("535 ");
        world.time.advance(Duration.ofSeconds(2));
      }
    }
  }

  @Test
  void aBlockThatBeginsBeforeHisTurnCameIsOneForWhoIsAtHome() throws Exception {
    for (String name : List.of("filed", "member", "nobody")) {
      try (var world = new World().with(State.UP);
          var office = new Office(world, name)) {
        world.guesses(OFFICE, "else", 3);
        world.guesses(OFFICE, "others", 2);
        office.say(Duration.ofSeconds(2), Duration.ofSeconds(3));
        world.time.advance(Duration.ofSeconds(3));
        assertThat(office.told(0)).startsWith("535 ");
        office.wait(3);
        assertThat(world.guard.blocks()).isNotEmpty();
        world.time.advance(Duration.ofSeconds(5));
        assertThat(office.told(3)).as(name + ", 8 s later").contains("Too many failed logins");
      }
    }
  }

  @Test
  void aBlockThatBeginsWhenHisTurnHasComeIsNoneForWhoIsAtHome() throws Exception {
    for (String name : List.of("filed", "member", "nobody")) {
      try (var world = new World().with(State.UP);
          var office = new Office(world, name)) {
        world.guesses(OFFICE, "else", 3);
        world.guesses(OFFICE, "others", 1);
        office.say(Duration.ofSeconds(2), Duration.ofSeconds(3));
        int before = HANGING.get();
        world.time.advance(Duration.ofSeconds(3));
        assertThat(office.told(0)).startsWith("535 ");
        eventually("he is looked at as anybody", () -> HANGING.get() == before + 1);
        assertThat(world.guard.blocks()).as("not yet").isEmpty();
        world.time.advance(Duration.ofSeconds(2));
        assertThat(office.told(1)).startsWith("535 ");
        assertThat(office.told(2)).startsWith("535 ");
        assertThat(world.guard.blocks()).as("now").isNotEmpty();
        hanging.countDown();
        office.wait(1);
        world.time.advance(Duration.ofSeconds(6));
        assertThat(office.told(3)).as(name + ", 8 s after his turn came").startsWith("535 ");
      }
    }
  }

  /// Whether so many sessions are looked at or wait, and so many looks are made besides, each of
  /// which does, too. One that comes or ends meanwhile is no session.
  private static boolean settled(World world, int sessions, int early) {
    return world.early.get() == early
        && world.waiting() + HASHED.get() == sessions + early
        && world.early.get() == early;
  }

  /// Twelve at once, from four addresses, and some more, one after the other.
  ///
  /// @param home who is at home at one of them; or empty
  /// @param last whether those there come last
  private static List<String> crowd(State how, String name, String home, boolean last)
      throws Exception {
    List<Client> clients = new ArrayList<>();
    List<String> told = new ArrayList<>();
    try (var world = new World().with(how)) {
      if (!home.isEmpty()) {
        assertThat(world.login(OFFICE, home, RIGHT)).startsWith("235 ");
      }
      hashing = new CountDownLatch(1);
      for (int i = 0; i < 12; i++) {
        boolean office = last ? i >= 9 : i < 3;
        clients.add(world.call(office ? OFFICE : "203.0.113." + i / 3));
      }
      long since = world.time.nanos();
      for (int i = 0; i < clients.size(); i++) {
        clients.get(i).say(Client.plainly(name, "wrong"));
        // Who is at home waits, and so does his look for the one before it; that of a name of the
        // file is over at once.
        int early = home.equals("member") && last ? Math.max(0, i - 8) : 0;
        int sessions = i + 1;
        eventually("he is looked at, or waits", () -> settled(world, sessions, early));
      }
      hashing.countDown();
      for (int i = 0; i < 2; i++) { // Until some have waited enough for a turn.
        eventually("all wait", () -> HASHED.get() == 0 && settled(world, clients.size(), 0));
        world.time.advance(LoginGuard.IN_LINE);
      }
      for (var client : clients) {
        told.add(client.hear() + " after " + Duration.ofNanos(world.time.nanos() - since));
      }
      told.sort(null);
      told.addAll(world.guesses(OFFICE, name, 8)); // As many are left.
      told.addAll(world.guesses(OFFICE, "else", 1));
    } finally {
      hashing.countDown();
      clients.forEach(Client::close);
    }
    return told;
  }

  @Test
  void whoIsAtHomeNeedsNoTurn() throws Exception {
    for (String name : List.of("filed", "member")) {
      try (var world = new World().with(State.UP);
          var first = world.call(STRANGE);
          var second = world.call(STRANGE);
          var third = world.call("203.0.113.10");
          var newcomer = world.call("203.0.113.11");
          var office = world.call(OFFICE)) {
        assertThat(world.login(OFFICE, name, RIGHT)).startsWith("235 ");
        for (var each : List.of(first, second, third)) {
          each.say(Client.plainly(name, "wrong"));
        }
        eventually("all turns are taken", () -> world.waiting() == 3);
        assertThat(office.plainAtOnce(name, RIGHT)).as(name).startsWith("235 ");
        newcomer.say(Client.plainly(name, RIGHT));
        eventually("he waits in line", () -> world.waiting() == 4);
        world.time.advance(LoginGuard.IN_LINE);
        assertThat(newcomer.hear()).as("a newcomer").contains("Too many");
        for (var each : List.of(first, second, third)) {
          assertThat(each.hear()).startsWith("535 ");
        }
        assertThat(newcomer.plain(name, RIGHT)).as("later").startsWith("235 ");
      }
    }
  }

  @Test
  void whoIsAtHomeIsToldTheSameAsEverybodyWhileThereIsABlock() throws Exception {
    List<String> told = new ArrayList<>();
    for (String name : List.of("filed", "member", "nobody")) {
      try (var world = new World().with(State.UP)) {
        if (!name.equals("nobody")) {
          assertThat(world.login(OFFICE, name, RIGHT)).startsWith("235 ");
        }
        world.guesses(OFFICE, "else", 3);
        world.guesses(OFFICE, "others", 3);
        hanging = new CountDownLatch(1);
        told.add(world.login(OFFICE, name, "wrong"));
        hanging.countDown();
      }
    }
    assertThat(told).containsOnly("454 4.7.0 Too many failed logins: try again later after PT8S");
  }

  @Test
  void theRightPasswordOfTheFileIsTakenAtOnceWhileTheDirectoryIsDown() {
    try (var world = new World().with(State.DOWN)) {
      assertThat(world.login(STRANGE, "filed", RIGHT)).startsWith("235 ").endsWith(" PT0S");
    }
  }

  @Test
  void anOutageLeavesNobodyBlockedWhoHadTheRightPassword() {
    try (var world = new World().with(State.DOWN)) {
      for (int i = 0; i < 8; i++) {
        world.login(OFFICE, "member", RIGHT);
        world.login(OFFICE, "proud", RIGHT);
      }
      assertThat(world.login(OFFICE, "member", RIGHT)).contains("Too many");
      world.with(State.UP);
      world.time.advance(Duration.ofSeconds(30));
      world.login(OFFICE, "member", RIGHT);
      world.waitUntilNobodyIsBlocked();
      assertThat(world.login(OFFICE, "member", RIGHT)).startsWith("235 ").endsWith(" PT0S");
      assertThat(world.login(OFFICE, "proud", RIGHT)).startsWith("235 ").endsWith(" PT0S");
    }
  }

  @Test
  void whoeverMakesTheDirectoryFailDoesNotGainGuessesEachTime() {
    try (var world = new World()) {
      int guesses = 0;
      for (int i = 0; i < 12; i++) {
        world.with(i % 2 == 0 ? State.DOWN : State.UP);
        for (String told : world.guesses(STRANGE, "filed", 8)) {
          guesses += told.contains("Too many") ? 0 : 1;
        }
      }
      assertThat(guesses).as("as many as ever, and in outages twice as many").isLessThan(19);
    }
  }

  /// Else who has a second session sees when somebody had looked at the password.
  @ParameterizedTest
  @EnumSource(names = {"SLOW", "DOWN"})
  void aFailureCountsWhenItIsAnsweredAndNotWhenItWasLookedAt(State how) throws Exception {
    for (String name : List.of("filed", "member", "nobody")) {
      try (var world = new World().with(how);
          var client = world.call(STRANGE)) {
        world.guesses(STRANGE, "else", 3);
        world.guesses(STRANGE, "others", 2);
        client.sayWrong(name);
        assertThat(world.guard.blocks()).as(name + " is waiting").isEmpty();
        assertThat(client.hear()).doesNotContain("Too many");
        assertThat(world.guard.blocks()).as(name + " was answered").isNotEmpty();
      }
    }
  }

  @Test
  void whoThinksLongAboutTheRefusalOfATokenMakesNobodyWaitForIt() {
    try (var world = new World().with(State.UP);
        var client = world.call(STRANGE)) {
      String said = "user=member\1auth=Bearer none\1\1";
      assertThat(client.ask("AUTH XOAUTH2 " + MemoryAccounts.base64(said))).startsWith("334 ");
      world.time.advance(Duration.ofSeconds(200));
      assertThat(client.ask("")).startsWith("535 ");
      assertThat(world.accounts.leastWait()).isEqualTo(Duration.ofSeconds(8));
      assertThat(world.accounts.concerns()).isEmpty();
    }
  }

  @Test
  void whoKnowsThePasswordOfOneWhoseGroupIsHiddenComesAgainLater() {
    try (var world = new World().with(State.GROUP_HIDDEN)) {
      assertThat(world.login(OFFICE, "member", RIGHT)).startsWith("454 ");
      assertThat(world.login(OFFICE, "proud", RIGHT)).startsWith("235 ");
      assertThat(world.accounts.concerns())
          .singleElement()
          .asString()
          .startsWith("users.ldap.group cannot be looked at since 2026-");
      world.with(State.UP);
      assertThat(world.login(OFFICE, "member", RIGHT)).startsWith("235 ");
      assertThat(world.accounts.concerns()).isEmpty();
    }
  }
}
