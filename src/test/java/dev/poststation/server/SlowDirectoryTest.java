package dev.poststation.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServerConfig;
import com.unboundid.ldap.listener.InMemoryListenerConfig;
import com.unboundid.ldap.listener.interceptor.InMemoryInterceptedSimpleBindRequest;
import com.unboundid.ldap.listener.interceptor.InMemoryOperationInterceptor;
import dev.poststation.account.AllAccounts;
import dev.poststation.account.Guard;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.config.UsersSettings;
import dev.poststation.os.Binding;
import dev.poststation.os.Os;
import dev.poststation.sasl.Accounts;
import dev.poststation.sasl.Channel;
import dev.poststation.sasl.Mechanism;
import dev.poststation.sasl.Step;
import dev.poststation.sim.ManualTime;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.sim.NoGuard;
import dev.poststation.sim.ScriptedResolver;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A directory whose passwords take long to be hashed, and which therefore takes longer for the
/// names that it has. Whoever says a wrong password must not see it.
@Timeout(60)
class SlowDirectoryTest {
  private static final List<String> NAMES = List.of("berta", "nobody", "carla", "else", "filed");

  private final ManualTime time = new ManualTime();
  private final MemoryDisk disk = new MemoryDisk();
  private InMemoryDirectoryServer server;
  private AllAccounts accounts;
  private Logins logins;
  private volatile Duration hashing = Duration.ofMillis(700);

  @BeforeEach
  void start() throws Exception {
    var config = new InMemoryDirectoryServerConfig("dc=example,dc=com");
    config.setSchema(null);
    config.setListenerConfigs(
        InMemoryListenerConfig.createLDAPConfig(
            "test", InetAddress.ofLiteral("127.0.0.1"), 0, null));
    config.addInMemoryOperationInterceptor(
        new InMemoryOperationInterceptor() {
          @Override
          public void processSimpleBindRequest(InMemoryInterceptedSimpleBindRequest request) {
            if (request.getRequest().getBindDN().startsWith("uid=")) {
              time.advance(hashing);
            }
          }
        });
    server = new InMemoryDirectoryServer(config);
    server.add("dn: dc=example,dc=com", "objectClass: domain", "dc: example");
    for (String uid : List.of("berta", "carla")) {
      server.add(
          "dn: uid=" + uid + ",dc=example,dc=com",
          "objectClass: person",
          "uid: " + uid,
          "userPassword: right");
    }
    server.startListening();
    var real = Os.real();
    var os = new Os(time, real.network(), real.tasks(), real.chance(), disk);
    var settings = settings(server.getListenPort());
    accounts = new AllAccounts(os, Path.of("data"), () -> settings, new ScriptedResolver());
    logins = new Logins(() -> accounts, new NoDelay(), os);
    disk.with("data/users", "user filed\n");
  }

  @AfterEach
  void stop() {
    accounts.close();
    server.shutDown(true);
  }

  private static UsersSettings settings(int port) {
    String all =
        """
        hostname = "relay.example.com"
        clients = [ { name = staff, users = ["*"] } ]
        connectors { internet { type = mx } }
        routes = [ { via = [internet] } ]
        users {
          file = "data/users", iterations = 4096
          ldap { url = ["ldap://127.0.0.1:%d"], base = "dc=example,dc=com", tls = off, remember = "0 s" }
        }
        """
            .formatted(port);
    return switch (new Loader(Os.real(), Map.of()).parse(all, Path.of("poststation.conf"))) {
      case Loaded.Good good -> good.configuration().users();
      case Loaded.Bad bad -> throw new AssertionError(bad.problems().toString());
    };
  }

  /// All that is waited goes by the directory.
  private final class NoDelay implements Guard {
    @Override
    public Passage passage(InetAddress address, String user) {
      return new Passage(address, user, time.nanos(), Duration.ZERO, true);
    }

    @Override
    public Turn turn(Passage said) {
      return new NoGuard.NoTurn(said);
    }

    @Override
    public Duration delay(Passage passage) {
      return Duration.ZERO;
    }

    @Override
    public boolean atHome(InetAddress address) {
      return false;
    }

    @Override
    public void failed(Passage passage) {}

    @Override
    public Mistake failedSoFar(Passage passage) {
      return new Mistake(passage, 0);
    }

    @Override
    public void unanswered(Passage passage) {}

    @Override
    public void succeeded(Passage passage, Accounts.Login login, List<Mistake> before) {}
  }

  private static final class NoChannel implements Channel {
    @Override
    public String hostname() {
      return "relay.example.com";
    }

    @Override
    public byte[] binding(Binding kind) {
      return null;
    }

    @Override
    public List<X509Certificate> peerChain() {
      return List.of();
    }
  }

  /// After what time a password is answered.
  private Duration answered(String name, String password) throws Exception {
    long since = time.nanos();
    var client = InetAddress.ofLiteral("192.0.2.1");
    var attempt = logins.attempt(Mechanism.PLAIN, new NoChannel(), client);
    String said = "\0" + name + "\0" + password;
    var step = attempt.exchange().begin(said.getBytes(StandardCharsets.UTF_8));
    if (step instanceof Step.Failure failure) {
      assertThat(password).isNotEqualTo("right");
      var passage = attempt.guarded().passage(failure.user());
      logins.pause(logins.delay(passage, false, attempt.guarded().took()));
    } else {
      assertThat(step).isInstanceOf(Step.Success.class);
    }
    return Duration.ofNanos(time.nanos() - since);
  }

  private List<Duration> answered() throws Exception {
    List<Duration> all = new ArrayList<>();
    for (String name : NAMES) {
      all.add(answered(name, "wrong"));
    }
    return all;
  }

  private void usersLogIn(int times) throws Exception {
    for (int i = 0; i < times; i++) {
      assertThat(answered("berta", "right")).as("at once").isEqualTo(hashing);
    }
  }

  @Test
  void aNameThatTheDirectoryHasIsAnsweredAfterTheSameTimeAsOneThatItHasNot() throws Exception {
    assertThat(answered()).as("at first").containsOnly(Duration.ofSeconds(8));
    usersLogIn(20);
    assertThat(answered()).as("later").containsOnly(Duration.ofSeconds(2));
    hashing = Duration.ofMillis(1900);
    assertThat(answered()).as("slower than ever").containsOnly(Duration.ofSeconds(2));
    usersLogIn(1);
    assertThat(answered()).as("as slow as once").containsOnly(Duration.ofSeconds(4));
  }

  @Test
  void whatWasTriedInVainTeachesNothingThatCouldBeSeenAfterwards() throws Exception {
    hashing = Duration.ofMillis(400);
    usersLogIn(20);
    hashing = Duration.ofMillis(900);
    assertThat(answered("carla", "wrong")).isEqualTo(Duration.ofSeconds(1));
    assertThat(answered("nobody", "wrong")).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void nobodyWaitsLongerThanSixteenSecondsHoweverSlowItIs() throws Exception {
    usersLogIn(20);
    hashing = Duration.ofSeconds(9);
    usersLogIn(1);
    assertThat(answered()).containsOnly(Duration.ofSeconds(16));
    assertThat(accounts.concerns())
        .singleElement()
        .asString()
        .startsWith("users.ldap took 9 s for a password");
  }

  @Test
  void whatTookLongerThanItEverDidIsAnsweredLaterFromThenOnForAllNames() throws Exception {
    usersLogIn(20);
    hashing = Duration.ofMillis(2100);
    assertThat(accounts.concerns()).isEmpty();
    assertThat(answered("carla", "wrong")).isEqualTo(Duration.ofSeconds(8));
    assertThat(accounts.concerns())
        .singleElement()
        .asString()
        .startsWith("A wrong password was refused after 2 s only")
        .endsWith("all failed logins wait 8 s");
    hashing = Duration.ofMillis(700);
    assertThat(answered()).containsOnly(Duration.ofSeconds(8));
    time.advance(Duration.ofDays(14));
    assertThat(accounts.concerns()).isEmpty();
    usersLogIn(20);
    assertThat(answered()).as("a fortnight later").containsOnly(Duration.ofSeconds(2));
  }
}
