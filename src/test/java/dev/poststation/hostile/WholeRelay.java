package dev.poststation.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.Ground;
import dev.poststation.Poststation;
import dev.poststation.cli.Ran;
import dev.poststation.config.Configuration;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.config.OauthGrant;
import dev.poststation.config.StsSettings;
import dev.poststation.dns.Resolver;
import dev.poststation.oauth.TokenSite;
import dev.poststation.os.Chance;
import dev.poststation.os.Os;
import dev.poststation.policy.PeerSite;
import dev.poststation.sasl.ScramClient;
import dev.poststation.sasl.ScramKeys;
import dev.poststation.sim.MemoryAccounts;
import dev.poststation.sim.MemoryConnection;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.sim.MemorySpool;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.sim.SimTime;
import dev.poststation.sim.ToyPolicySite;
import dev.poststation.sim.ToyTokenServer;
import dev.poststation.spool.Spool;
import dev.poststation.sts.PolicySite;
import dev.poststation.tls.ClientTls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// The whole relay in virtual time, on a disk within memory, with the users that commands made, and
/// clients from any address, with TLS. Nothing of it takes time but what waits for time to pass.
final class WholeRelay implements AutoCloseable {
  private static final long BOUND_NANOS = Duration.ofSeconds(60).toNanos();
  private static final Duration STEP = Duration.ofSeconds(1);
  private static final String FILE = "/etc/poststation/poststation.conf";

  private static final String BASIS =
      """
      hostname = "relay.example"
      data = "/data"
      listeners { submission { bind = "192.0.2.200:587", tls = offered, auth = offered } }
      certificates = [ { chain = "/tls/relay.pem", key = "/tls/relay.key" } ]
      connectors { next { hosts = ["192.0.2.1:25"], tls = off } }
      routes = [ { via = [next] } ]
      users { iterations = 4096 }
      log { file = "/log/mail.log" }
      """;

  final SimTime time = new SimTime();
  final MemoryDisk disk = new MemoryDisk();
  MemorySpool spool = new MemorySpool(time);
  private final Crew crew = new Crew();
  private final Streets streets = new Streets(time, crew);
  private final Os os = new Os(time, streets, crew, new Lots(), disk);
  private Poststation relay;

  /// Where the networks of providers are published: nowhere yet.
  volatile PeerSite peers =
      _ -> {
        throw new IOException("nobody publishes anything");
      };

  /// Where domains publish their policies of TLS.
  final ToyPolicySite policies = new ToyPolicySite();

  /// The DNS.
  final ScriptedResolver names = new ScriptedResolver();

  /// Where all tokens come from.
  final ToyTokenServer tokens = new ToyTokenServer();

  /// The same lots in each run, as far as threads draw them in the same order.
  private static final class Lots implements Chance {
    private final Random random = new Random(1);

    @Override
    public int below(int bound) {
      return random.nextInt(bound);
    }

    @Override
    public void fill(byte[] bytes) {
      random.nextBytes(bytes);
    }
  }

  /// @param text of the configuration, besides the basis
  WholeRelay(String text) {
    disk.makeDirectory(Path.of("/data"));
    for (String name : List.of("relay.pem", "relay.key")) {
      try {
        disk.with("/tls/" + name, Files.readString(Path.of("src/test/resources/tls", name)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    disk.with(FILE, BASIS + text);
  }

  private Configuration configuration() {
    var loaded = new Loader(os, Map.of()).load(Path.of(FILE));
    assertThat(loaded).as(loaded.problems().toString()).isInstanceOf(Loaded.Good.class);
    return ((Loaded.Good) loaded).configuration();
  }

  WholeRelay start() {
    var ground =
        new Ground() {
          @Override
          public Resolver resolver(Configuration configuration, Os machine) {
            return names;
          }

          @Override
          public Spool spool(Configuration configuration, Os machine) {
            return spool;
          }

          @Override
          public PeerSite peerSite(Resolver resolver, Os machine) {
            return provider -> peers.fetch(provider);
          }

          @Override
          public PolicySite policySite(Supplier<StsSettings> settings, Os machine) {
            return policies;
          }

          @Override
          public TokenSite tokenSite(OauthGrant grant, Os machine) {
            return tokens;
          }
        };
    try {
      relay = Poststation.start(os, configuration(), ground);
    } catch (Poststation.StartException e) {
      throw new AssertionError(e);
    }
    return this;
  }

  /// An orderly end, and a start.
  void restart() {
    close();
    spool = spool.restarted();
    start();
  }

  /// An end without a farewell, and a start: what goes on in the old one reaches nobody.
  void crash() {
    relay.queue().drain();
    spool = spool.restarted();
    start();
  }

  /// Changes the configuration file.
  void change(String from, String to) {
    try {
      var path = Path.of(FILE);
      String text = new String(disk.read(path), StandardCharsets.UTF_8);
      assertThat(text).contains(from);
      disk.with(FILE, text.replace(from, to));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Takes up the file as it is now.
  void reload() {
    try {
      relay.reload(configuration());
    } catch (Poststation.StartException e) {
      throw new AssertionError(e);
    }
  }

  Poststation relay() {
    return relay;
  }

  /// At this address somebody serves each connection, on a thread of its own.
  void house(String address, Consumer<MemoryConnection> host) {
    streets.house(address, host);
  }

  /// At this address nobody answers any more, or again.
  void silent(String address, boolean silent) {
    if (silent) {
      streets.silentAt(address);
    } else {
      streets.noLongerSilentAt(address);
    }
  }

  /// This machine does not have that address, or has it again.
  void lacks(String address, boolean lacks) {
    streets.lacks(address, lacks);
  }

  /// Runs a command that succeeds, and gives what it says.
  String command(String line) {
    var ran = Ran.on(os, line + " --config " + FILE);
    assertThat(ran.exit()).as(ran.toString()).isZero();
    return ran.out() + ran.err();
  }

  /// Makes a user with this password, or gives one another password.
  void password(String command, String password) {
    disk.with("/tmp/password", password);
    command(command + " --password-file /tmp/password");
  }

  /// What the mail log has in lines with this in it, once it is written.
  List<String> log(String part) {
    pass(Duration.ofSeconds(1));
    try {
      return new String(disk.read(Path.of("/log/mail.log")), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> line.contains(part))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Lets everybody do what there is to do, while no time passes.
  void settle() {
    long end = System.nanoTime() + BOUND_NANOS;
    while (!crew.atRest()) {
      assertThat(System.nanoTime() - end).as("it does not come to rest").isNegative();
      LockSupport.parkNanos(50_000);
    }
  }

  /// Lets so much time pass.
  void pass(Duration by) {
    long end = time.nanos() + by.toNanos();
    settle();
    while (time.nanos() < end) {
      long left = end - time.nanos();
      time.advance(Duration.ofNanos(Math.min(left, Math.max(1_000_000, next(left)))));
      settle();
    }
  }

  private long next(long atMost) {
    return time.toNext(Duration.ofNanos(atMost)).toNanos();
  }

  @Override
  public void close() {
    crew.virtual("stop", relay::close);
    pass(Duration.ofMinutes(1));
  }

  /// A client that waits for each answer.
  Client call(String from) {
    return call(from, 587);
  }

  /// The same at another port.
  Client call(String from, int port) {
    return new Client(
        streets.call(from, new InetSocketAddress(World.address("192.0.2.200"), port)));
  }

  /// The same after STARTTLS and EHLO.
  Client secure(String from) {
    var client = call(from);
    client.hear();
    client.ask("EHLO client.example");
    assertThat(client.ask("STARTTLS")).startsWith("220 ");
    client.secure();
    assertThat(client.ask("EHLO client.example")).startsWith("250 ");
    return client;
  }

  /// What a client from there is told when it logs in by PLAIN, in a session of its own.
  String login(String from, String user, String password) {
    var client = secure(from);
    String answer = client.plain(user, password);
    client.close();
    return answer;
  }

  final class Client implements AutoCloseable {
    private final MemoryConnection connection;
    private final StringBuilder unread = new StringBuilder();
    private Duration waited = Duration.ZERO;
    private boolean over;

    Client(MemoryConnection connection) {
      this.connection = connection;
    }

    void secure() {
      try {
        connection.startTls(ClientTls.trusting(List.of()).start("relay.example", true));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /// The last line of the answer to a command.
    String ask(String line) {
      say(line);
      return hear();
    }

    void say(String line) {
      byte[] octets = (line + "\r\n").getBytes(StandardCharsets.UTF_8);
      try {
        connection.write(octets, 0, octets.length);
      } catch (IOException _) {
        over = true;
      }
    }

    /// The last line of the next reply, for which time passes where need be; empty when the
    /// connection ends.
    String hear() {
      var lines = reply();
      return lines.isEmpty() ? "" : lines.getLast();
    }

    /// The next reply.
    List<String> reply() {
      long begin = time.nanos();
      List<String> lines = new ArrayList<>();
      while (true) {
        for (int end = unread.indexOf("\r\n"); end >= 0; end = unread.indexOf("\r\n")) {
          lines.add(unread.substring(0, end));
          unread.delete(0, end + 2);
          if (lines.getLast().charAt(3) == ' ') {
            waited = Duration.ofNanos(time.nanos() - begin);
            return lines;
          }
        }
        settle();
        if (over) {
          return lines;
        }
        if (connection.readable()) {
          read();
        } else {
          assertThat(time.nanos() - begin).as("no answer").isLessThan(BOUND_NANOS);
          time.advance(Duration.ofNanos(Math.max(1_000_000, next(STEP.toNanos()))));
        }
      }
    }

    private void read() {
      byte[] buffer = new byte[8192];
      try {
        int count = connection.read(buffer, 0, buffer.length);
        over = count < 0;
        unread.append(new String(buffer, 0, Math.max(0, count), StandardCharsets.UTF_8));
      } catch (IOException _) {
        over = true;
      }
    }

    /// How long the last answer took.
    Duration waited() {
      return waited;
    }

    boolean over() {
      settle();
      while (!over && connection.readable()) {
        read();
      }
      return over;
    }

    String plain(String user, String password) {
      return ask("AUTH PLAIN " + MemoryAccounts.base64("\0" + user + "\0" + password));
    }

    String login(String user, String password) {
      ask("AUTH LOGIN");
      ask(MemoryAccounts.base64(user));
      return ask(MemoryAccounts.base64(password));
    }

    String cram(String user, String password) {
      String challenge = text(ask("AUTH CRAM-MD5"));
      try {
        var mac = Mac.getInstance("HmacMD5");
        mac.init(new SecretKeySpec(password.getBytes(StandardCharsets.UTF_8), "HmacMD5"));
        byte[] digest = mac.doFinal(challenge.getBytes(StandardCharsets.UTF_8));
        return ask(MemoryAccounts.base64(user + " " + HexFormat.of().formatHex(digest)));
      } catch (GeneralSecurityException e) {
        throw new AssertionError(e);
      }
    }

    /// Our first message of SCRAM-SHA-256, in clear.
    String challenge(String user, String password) {
      return text(begin(new ScramClient(ScramKeys.Hash.SHA_256, user, password)));
    }

    private String begin(ScramClient scram) {
      return ask("AUTH SCRAM-SHA-256 " + base64(scram.first()));
    }

    /// What comes of a login by SCRAM-SHA-256.
    String scram(String user, String password) {
      return scram(user, password, () -> {});
    }

    /// The same, and something happens meanwhile.
    String scram(String user, String password, Runnable meanwhile) {
      var scram = new ScramClient(ScramKeys.Hash.SHA_256, user, password);
      String answer = begin(scram);
      if (!answer.startsWith("334 ")) {
        return answer;
      }
      meanwhile.run();
      try {
        answer = ask(base64(scram.last(text(answer).getBytes(StandardCharsets.UTF_8))));
      } catch (Exception e) {
        throw new AssertionError(e);
      }
      if (answer.startsWith("334 ")) {
        assertThat(scram.believes(text(answer).getBytes(StandardCharsets.UTF_8))).isTrue();
        answer = ask("");
      }
      return answer;
    }

    private static String base64(byte[] octets) {
      return Base64.getEncoder().encodeToString(octets);
    }

    private static String text(String reply) {
      return new String(Base64.getDecoder().decode(reply.substring(4)), StandardCharsets.UTF_8);
    }

    /// Sends a mail.
    ///
    /// @return what it was told last
    String mail(String from, String to) {
      String answer = ask("MAIL FROM:<" + from + ">");
      answer = answer.startsWith("250 ") ? ask("RCPT TO:<" + to + ">") : answer;
      if (!answer.startsWith("250 ")) {
        return answer;
      }
      assertThat(ask("DATA")).startsWith("354 ");
      say("Subject: x");
      say("");
      return ask(".");
    }

    @Override
    public void close() {
      connection.close();
      settle();
    }
  }
}
