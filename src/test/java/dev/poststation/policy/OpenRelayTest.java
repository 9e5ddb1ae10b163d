package dev.poststation.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Cidr;
import dev.poststation.config.ClientConditions;
import dev.poststation.config.ClientRule;
import dev.poststation.config.ClientTerms;
import dev.poststation.config.Gateways;
import dev.poststation.config.Hours;
import dev.poststation.config.Origin;
import dev.poststation.config.Precedence;
import dev.poststation.config.Tolerance;
import dev.poststation.os.IpText;
import dev.poststation.os.Os;
import dev.poststation.os.Time;
import dev.poststation.os.TlsFacts;
import dev.poststation.sim.PassingTime;
import dev.poststation.sim.ScriptedResolver;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Nothing that is not explicitly allowed can relay: generated entries and clients, against an
/// oracle that knows nothing of how the policy does it.
class OpenRelayTest {
  /// It is always the same hour, and answers of the DNS take as long as they take.
  private static final Time TIME =
      new PassingTime(Os.real().time()) {
        @Override
        public Instant now() {
          return Instant.parse("2026-11-24T09:30:00Z");
        }
      };

  private static final Os OS = Configured.os(TIME);
  private static final LocalDateTime NOW =
      LocalDateTime.ofInstant(TIME.now(), ZoneId.systemDefault());

  /// Who has which addresses, in the DNS of this world.
  private static final Map<String, List<String>> HOSTS =
      Map.of(
          "h1.dyn.test", List.of("10.0.0.1"),
          "h2.dyn.test", List.of("10.0.1.2", "2001:db8::2"),
          "h3.dyn.test", List.of());

  /// What addresses are called, as it is true.
  private static final Map<String, String> NAMES =
      Map.of("10.0.0.1", "mail.a.test", "10.0.0.2", "mail.b.test", "2001:db8::2", "x.y.a.test");

  private static final ClientMemory MEMORY = new ClientMemory(resolver(), OS);

  private static ScriptedResolver resolver() {
    var resolver = new ScriptedResolver();
    HOSTS.forEach(
        (name, addresses) -> resolver.exists(name).address(name, addresses.toArray(String[]::new)));
    NAMES.forEach((address, name) -> resolver.pointer(address, name).address(name, address));
    resolver.pointer("10.0.1.1", "mail.a.test"); // A lie.
    return resolver;
  }

  private final Random random;

  OpenRelayTest() {
    random = new Random(20261129);
  }

  @Test
  void nothingThatIsNotAllowedCanRelay() throws UnknownHostException {
    play(5_000);
  }

  @Test
  @Tag("slow")
  void nothingThatIsNotAllowedCanRelayInAHundredThousandCases() throws UnknownHostException {
    play(100_000);
  }

  private void play(int cases) throws UnknownHostException {
    int allowed = 0;
    int done = 0;
    while (done < cases) {
      List<ClientRule> rules = new ArrayList<>();
      int count = random.nextInt(6);
      for (int i = 0; i < count; i++) {
        rules.add(rule(i));
      }
      var policy = new Policy(rules, Configured.HOSTNAME, MEMORY);
      for (int i = 0; i < 20; i++, done++) {
        var client = client();
        int expected = oracle(rules, client);
        int got =
            policy.decide(client) instanceof Verdict.Allowed may ? rules.indexOf(may.client()) : -1;
        assertThat(got).as(rules + " for " + client).isEqualTo(expected);
        if (expected >= 0) {
          allowed++;
          assertThat(policy.consider(client).getLast().matches()).isTrue();
        }
      }
    }
    assertThat(allowed)
        .as("a test in which nobody may relay shows nothing")
        .isGreaterThan(cases / 20);
    assertThat(allowed).isLessThan(cases * 9 / 10);
  }

  private boolean rarely() {
    return random.nextInt(4) == 0;
  }

  private <T> List<T> some(List<T> all) {
    List<T> chosen = new ArrayList<>();
    while (chosen.isEmpty()) {
      all.forEach(
          each -> {
            if (random.nextBoolean()) {
              chosen.add(each);
            }
          });
    }
    return chosen;
  }

  private static Cidr cidr(String text, int bits) throws UnknownHostException {
    byte[] octets = InetAddress.getByName(text).getAddress();
    for (int bit = bits; bit < octets.length * 8; bit++) {
      octets[bit / 8] &= (byte) ~(0x80 >> bit % 8);
    }
    return new Cidr(InetAddress.getByAddress(octets), bits);
  }

  private List<Cidr> networks() throws UnknownHostException {
    List<Cidr> networks = new ArrayList<>();
    for (int i = 0; i <= random.nextInt(3); i++) {
      networks.add(
          random.nextInt(4) > 0
              ? cidr("10.0." + random.nextInt(2) + "." + random.nextInt(4), 22 + random.nextInt(11))
              : cidr("2001:db8::" + random.nextInt(4), 120 + random.nextInt(9)));
    }
    return networks;
  }

  private ClientRule rule(int number) throws UnknownHostException {
    List<ClientConditions.Certificate> certificates = new ArrayList<>();
    if (rarely()) {
      for (String print : some(List.of("sha256:aa", "sha256:bb"))) {
        certificates.add(new ClientConditions.Certificate(print, null, List.of()));
      }
    }
    List<Hours> hours = new ArrayList<>();
    if (rarely()) {
      int from = random.nextInt(24);
      hours.add(
          new Hours(
              Set.of(DayOfWeek.values()),
              LocalTime.of(from, 0),
              LocalTime.of((from + 1 + random.nextInt(22)) % 24, 0),
              "h"));
    }
    List<Cidr> networks = random.nextInt(4) > 0 ? networks() : List.of();
    var when =
        new ClientConditions(
            networks,
            networks.isEmpty() || !rarely()
                ? Gateways.NONE
                : new Gateways(
                    "this container", List.of(InetAddress.ofLiteral("10.0.0.1")), List.of()),
            rarely() ? some(List.copyOf(HOSTS.keySet())) : List.of(),
            rarely() ? some(List.of(".a.test", "mail.b.test", "a.test")) : List.of(),
            certificates,
            rarely() ? some(List.of("anna", "ben", "*")) : List.of(),
            rarely(),
            rarely() ? some(List.of("relay", "submission")) : List.of(),
            rarely() ? some(List.of("lan", "dmz")) : List.of(),
            rarely(),
            hours,
            rarely() ? NOW.toLocalDate().plusDays(random.nextInt(3) - 1L) : null,
            null);
    return new ClientRule(
        "r" + number,
        when,
        ClientTerms.FREE,
        ClientRule.BareNewlines.REFUSE,
        false,
        EnumSet.allOf(Tolerance.class),
        false,
        false,
        false,
        Precedence.NORMAL,
        ClientRule.Profile.OFF,
        "",
        "",
        Origin.DEFAULT);
  }

  private Facts client() throws UnknownHostException {
    String address =
        random.nextInt(4) > 0
            ? "10.0." + random.nextInt(2) + "." + random.nextInt(4)
            : "2001:db8::" + random.nextInt(4);
    var tls = random.nextBoolean() ? new TlsFacts("TLSv1.3", "", null, List.of()) : null;
    String certificate =
        tls == null || random.nextBoolean()
            ? null
            : random.nextBoolean() ? "sha256:aa" : "sha256:cc";
    String user =
        switch (random.nextInt(4)) {
          case 0 -> "anna";
          case 1 -> "carla";
          default -> null;
        };
    return new Facts(
        InetAddress.getByName(address),
        random.nextBoolean() ? "relay" : "submission",
        random.nextBoolean() ? "lan" : "",
        tls,
        certificate,
        user,
        "client.test");
  }

  /// The number of the entry that decides, or -1.
  private static int oracle(List<ClientRule> rules, Facts client) {
    for (int i = 0; i < rules.size(); i++) {
      if (holds(rules.get(i).when(), client)) {
        return i;
      }
    }
    return -1;
  }

  private static boolean holds(ClientConditions when, Facts client) {
    String address = IpText.of(client.address());
    String name = NAMES.getOrDefault(address, "nameless");
    LocalDate expires = when.expires();
    boolean hours = when.hours().isEmpty();
    for (Hours each : when.hours()) {
      int from = each.from().getHour();
      int until = each.until().getHour();
      int hour = NOW.getHour();
      hours |= from < until ? hour >= from && hour < until : hour >= from || hour < until;
    }
    return (when.networks().isEmpty()
            || when.networks().stream().anyMatch(net -> net.contains(client.address())))
        && !when.gateways().addresses().contains(client.address())
        && (when.hosts().isEmpty()
            || when.hosts().stream().anyMatch(host -> HOSTS.get(host).contains(address)))
        && (when.reverse().isEmpty()
            || when.reverse().stream()
                .anyMatch(each -> each.startsWith(".") ? name.endsWith(each) : name.equals(each)))
        && (when.certificates().isEmpty()
            || when.certificates().stream()
                .anyMatch(each -> String.valueOf(each.fingerprint()).equals(client.certificate())))
        && (when.users().isEmpty()
            || (client.user() != null
                && (when.users().contains("*") || when.users().contains(client.user()))))
        && (!when.auth() || client.user() != null)
        && (when.listeners().isEmpty() || when.listeners().contains(client.listener()))
        && (when.zones().isEmpty() || when.zones().contains(client.zone()))
        && (!when.tls() || client.tls() != null)
        && hours
        && (expires == null || !NOW.toLocalDate().isAfter(expires));
  }
}
