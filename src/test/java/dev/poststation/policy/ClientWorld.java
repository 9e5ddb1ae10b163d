package dev.poststation.policy;

import dev.poststation.account.AllAccounts;
import dev.poststation.config.UsersSettings;
import dev.poststation.dns.NumericAddress;
import dev.poststation.os.Os;
import dev.poststation.os.Time;
import dev.poststation.os.TlsFacts;
import dev.poststation.policy.GeneratedClients.Net;
import dev.poststation.sasl.Accounts.Login;
import dev.poststation.sasl.ScramKeys;
import dev.poststation.sasl.UnavailableException;
import dev.poststation.sim.ManualTime;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.sim.PassingTime;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.tls.Fingerprint;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The world that generated configurations and clients live in: what the DNS says, who has which
/// certificate, who can log in as whom, what time it is. What is true of it stands here in plain
/// words, for the test that judges; the policy sees it as it sees the real one. Confined to one
/// thread.
final class ClientWorld implements AutoCloseable {
  /// Who has which addresses. Of `h4.dyn.test` the DNS says nothing.
  static final Map<String, List<String>> HOSTS =
      Map.of(
          "h1.dyn.test", List.of("10.0.0.1"),
          "h2.dyn.test", List.of("10.0.1.2", "2001:db8::2"),
          "h3.dyn.test", List.of("0.0.0.0", "::"), // It is away, some services say.
          "h4.dyn.test", List.of());

  /// What addresses are called, as it is true. 10.0.1.1 and 10.0.0.3 tell lies.
  static final Map<String, String> NAMES =
      Map.of(
          "10.0.0.1", "mail.a.test",
          "10.0.0.2", "mail.b.test",
          "2001:db8::2", "x.y.a.test",
          "10.0.1.2", "mail.aa.test",
          "40.107.1.1", "out.a.test");

  /// Addresses of providers; others are just beside them.
  static final List<String> PROVIDERS =
      List.of(
          "40.107.0.0",
          "40.107.1.1",
          "40.107.255.255",
          "2a01:111:f403::1",
          "209.85.128.0",
          "209.85.220.41");

  /// Where the servers of providers are, as they had published it by 14 August 2026: said once more
  /// here, so that the judge does not believe the table that is judged. A client of 0.0.0.0/0 may
  /// come from any of them.
  static final Map<String, List<Net>> RANGES =
      Map.of(
          "microsoft365",
          nets(
              "40.92.0.0/15",
              "40.107.0.0/16",
              "52.100.0.0/14",
              "104.47.0.0/17",
              "2a01:111:f400::/48",
              "2a01:111:f403::/48"),
          "google",
          nets(
              "35.190.247.0/24",
              "64.233.160.0/19",
              "66.102.0.0/20",
              "66.249.80.0/20",
              "72.14.192.0/18",
              "74.125.0.0/16",
              "108.177.8.0/21",
              "173.194.0.0/16",
              "209.85.128.0/17",
              "216.58.192.0/19",
              "216.239.32.0/19",
              "2001:4860:4000::/36",
              "2404:6800:4000::/36",
              "2607:f8b0:4000::/36",
              "2800:3f0:4000::/36",
              "2a00:1450:4000::/36",
              "2c0f:fb50:4000::/36"));

  /// The others, and what looks like an address of ours to who does not look closely.
  static final List<String> OTHERS =
      List.of(
          "40.106.255.255",
          "40.108.0.0",
          "2a01:111:f404::1",
          "209.85.127.255",
          "210.85.220.41",
          "203.0.113.9",
          "2001:db7::2",
          "::10.0.0.1", // IPv4-compatible (RFC 4291 2.5.5.1): an address of IPv6 like any other.
          "64:ff9b::a00:1", // Of NAT64.
          "2002:a00:1::1", // Of 6to4.
          "fe80::a00:1",
          "127.0.0.1",
          "::1");

  /// The gateway of the container that the relay may be in.
  static final String GATEWAY = "10.0.0.1";

  private static List<Net> nets(String... all) {
    return Stream.of(all)
        .map(each -> each.split("/"))
        .map(each -> new Net(GeneratedClients.octetsOf(each[0]), Integer.parseInt(each[1])))
        .toList();
  }

  /// A certificate that a client may show: whose name is in it; which file has the authority that
  /// really issued it, directly or not (empty: nobody that counts); whether its time is now.
  enum Shown {
    GOOD("printer", "partner", true),
    OTHER("scanner", "partner", true),
    BRANCH("printer", "partner", true),
    FORGED("printer", "impostor", true),
    EXPIRED("printer", "partner", false),
    SELFMADE("printer", "", true);

    final String subject;
    final String authority;
    final boolean inTime;

    Shown(String subject, String authority, boolean inTime) {
      this.subject = "CN=" + subject + ".partner.example";
      this.authority = authority;
      this.inTime = inTime;
    }
  }

  /// An attempt to log in, and whom it makes of the client; null: it fails.
  enum Attempt {
    NONE(null),
    ANNA("anna"),
    ANNA_IN_CAPITALS("anna"),
    ANNA_BY_A_GUESS(null),
    BEN_WHO_IS_DISABLED(null),
    CARLA_WITH_AN_OLD_PASSWORD(null),
    CARLA_BY_CERTIFICATE("carla"),
    DORA("dora"),
    EMIL("emil@b.example"),
    NOBODY(null);

    final @Nullable String as;

    Attempt(@Nullable String as) {
      this.as = as;
    }
  }

  /// Whose addresses are whose; Dora has only her name, and that is in the domain of the relay.
  static final Map<String, List<String>> OWN =
      Map.of(
          "anna", List.of("anna@a.example", "@sales.example"),
          "carla", List.of("carla@a.example"),
          "dora", List.of("dora@example.com"),
          "emil@b.example", List.of("emil@b.example"));

  private static final String LISTENERS =
      """
      hostname = "relay.example.com"
      certificates = [ { chain = "relay.pem", key = "relay.key" } ]
      listeners { relay { bind = "127.0.0.1:2525", zone = lan, client-certificates = request }
                  submission { bind = "127.0.0.1:2587", zone = dmz }
                  plain { bind = "127.0.0.1:2526" } }
      connectors { internet { type = mx } }
      routes = [ { via = [internet] } ]
      """;

  /// What zone a listener is in.
  static final Map<String, String> ZONES = Map.of("relay", "lan", "submission", "dmz", "plain", "");

  private static final Path FILES = Path.of("src/test/resources/tls");

  private final Map<Shown, List<X509Certificate>> chains = new EnumMap<>(Shown.class);
  private final Map<Attempt, Optional<String>> logins = new EnumMap<>(Attempt.class);
  private final MemoryDisk disk = new MemoryDisk();
  private final MemoryDisk container = new MemoryDisk();
  private final Os os;
  private final AllAccounts accounts;
  private final ClientMemory memory;
  private LocalDateTime now = LocalDateTime.of(2026, 11, 24, 9, 30);

  ClientWorld() throws IOException, CertificateException, UnavailableException {
    for (var each : Shown.values()) {
      chains.put(each, chain(each));
    }
    Time time =
        new PassingTime(new ManualTime()) {
          @Override
          public Instant now() {
            return now.atZone(ZoneId.systemDefault()).toInstant();
          }

          @Override
          public Signal signal() {
            return Os.real().time().signal(); // Others do raise it.
          }
        };
    for (var each : List.of(disk, container)) {
      for (String file : List.of("relay.pem", "clients/partner.pem", "clients/impostor.pem")) {
        each.withReadable(file, Files.readString(FILES.resolve(file)));
      }
      each.with("relay.key", Files.readString(FILES.resolve("relay.key")));
    }
    disk.with("users", users());
    container
        .with("/.dockerenv", "")
        .with("/proc/net/route", "eth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n");
    os = Configured.machine(time, disk);
    var settings =
        new UsersSettings(Path.of("users"), ITERATIONS, null, 10, Duration.ofMinutes(15));
    accounts = new AllAccounts(os, Path.of("data"), () -> settings, new ScriptedResolver());
    memory = new ClientMemory(resolver(), os, accounts::ownIfKnown);
    for (var each : Attempt.values()) {
      logins.put(each, login(each).map(Login::user));
    }
  }

  private static final int ITERATIONS = 4096;

  private static List<X509Certificate> chain(Shown shown) throws IOException, CertificateException {
    Path file = FILES.resolve("clients/" + shown.name().toLowerCase(Locale.ROOT) + ".pem");
    List<X509Certificate> chain = new ArrayList<>();
    try (InputStream in = Files.newInputStream(file)) {
      Collection<? extends Certificate> all =
          CertificateFactory.getInstance("X.509").generateCertificates(in);
      all.forEach(each -> chain.add((X509Certificate) each));
    }
    return chain;
  }

  private String users() {
    return String.join(
        "\n",
        "user anna",
        "own anna@a.example @sales.example",
        password("garden", ""),
        "user ben",
        "disabled",
        password("hedge", ""),
        "user carla",
        "own carla@a.example",
        "certificate " + print(Shown.GOOD),
        password("rose", " expires=2026-01-01T00:00:00Z"),
        "user dora",
        password("tulip", ""),
        "user emil@b.example",
        password("daisy", ""),
        "");
  }

  private static String password(String password, String expires) {
    byte[] salt = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    var keys = ScramKeys.derive(ScramKeys.Hash.SHA_256, password, salt, ITERATIONS);
    return "password main main created=2025-12-01T00:00:00Z" + expires + " " + keys.text();
  }

  private Optional<Login> login(Attempt attempt) throws UnavailableException {
    return switch (attempt) {
      case NONE -> Optional.empty();
      case ANNA -> accounts.password("anna", "garden");
      case ANNA_IN_CAPITALS -> accounts.password("ANNA", "garden");
      case ANNA_BY_A_GUESS -> accounts.password("anna", "Garden");
      case BEN_WHO_IS_DISABLED -> accounts.password("ben", "hedge");
      case CARLA_WITH_AN_OLD_PASSWORD -> accounts.password("carla", "rose");
      case CARLA_BY_CERTIFICATE -> accounts.certificate(of(Shown.GOOD), "");
      case DORA -> accounts.password("dora", "tulip");
      case EMIL -> accounts.password("emil@b.example", "daisy");
      case NOBODY -> accounts.password("nobody", "garden");
    };
  }

  private static ScriptedResolver resolver() {
    var resolver = new ScriptedResolver().fail("h4.dyn.test", "SERVFAIL");
    HOSTS.forEach(
        (name, addresses) -> resolver.exists(name).address(name, addresses.toArray(String[]::new)));
    NAMES.forEach((address, name) -> resolver.pointer(address, name).address(name, address));
    resolver.pointer("10.0.1.1", "mail.a.test");
    return resolver.pointer("10.0.0.3", "mail.b.test.");
  }

  private List<X509Certificate> of(Shown shown) {
    return chains.getOrDefault(shown, List.of());
  }

  /// The fingerprint of a certificate.
  String print(Shown shown) {
    return Fingerprint.of(of(shown).getFirst());
  }

  /// A configuration with these entries of `clients`.
  static String text(String clients) {
    return clients + LISTENERS;
  }

  /// The machine that reads the configuration: in a container, or not.
  Os os(boolean inContainer) {
    return inContainer ? Configured.machine(os.time(), container) : os;
  }

  ClientMemory memory() {
    return memory;
  }

  /// From now on it is this time.
  void itIs(LocalDateTime time) {
    now = time;
  }

  /// What the relay finds out about a client.
  Facts facts(GeneratedClients.Client client) {
    var shown = client.certificate();
    var tls =
        client.tls()
            ? new TlsFacts("TLSv1.3", "", null, shown == null ? List.of() : of(shown))
            : null;
    return new Facts(
        NumericAddress.parse(client.address()).orElseThrow(),
        client.listener(),
        ZONES.getOrDefault(client.listener(), ""),
        tls,
        Facts.fingerprint(tls),
        logins.getOrDefault(client.attempt(), Optional.empty()).orElse(null),
        "client.test");
  }

  @Override
  public void close() {
    memory.close();
    accounts.close();
  }
}
