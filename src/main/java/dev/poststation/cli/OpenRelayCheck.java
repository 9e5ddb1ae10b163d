package dev.poststation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.config.Cidr;
import dev.poststation.config.ClientRule;
import dev.poststation.config.Configuration;
import dev.poststation.config.Hours;
import dev.poststation.config.Loaded;
import dev.poststation.config.Senders;
import dev.poststation.dns.NumericAddress;
import dev.poststation.os.Chance;
import dev.poststation.os.IpText;
import dev.poststation.os.Os;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// `status --open-relay-test`: tries to make the running relay relay for strangers. Over SMTP it
/// comes from an address of this machine that no entry of `clients` names, the one that looks most
/// like somebody else's; for addresses of the Internet, from which it cannot come, it asks as
/// `explain` does, also with the senders that an entry for everybody allows, and at its hours.
/// Confined to the main thread.
final class OpenRelayCheck {
  /// Addresses for documentation (RFC 5737, 3849): nobody has them.
  private static final List<String> DOCUMENTED =
      List.of("192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1");

  private static final int RANDOM_4 = 8;
  private static final int RANDOM_6 = 4;
  private static final int LOOPBACK_TRIES = 20;
  private static final int NAMES_MAX = 3;
  private static final int SENDERS_MAX = 10;
  private static final int NETWORKS_MAX = 10;
  private static final int WITHIN_TRIES = 20;
  private static final int COMINGS_MAX = 10;
  private static final Coming NOW = new Coming(null, false);
  private static final String USER = "open-relay-test";

  private final Os os;
  private final Api api;
  private final Optional<Configuration> file;
  private final RelayProbe probe;
  private final ObjectNode report = JsonNodeFactory.instance.objectNode();
  private int tried;
  private int accepted;
  private final List<String> untried = new ArrayList<>();

  /// @param file what is known of the configuration besides what the relay says
  OpenRelayCheck(Os os, Api api, Loaded file) {
    this.os = os;
    this.api = api;
    this.file =
        file instanceof Loaded.Good good ? Optional.of(good.configuration()) : Optional.empty();
    this.probe = new RelayProbe(os);
  }

  /// Tries everything.
  ///
  /// @return `listeners` with the tricks that were played there, `addresses` with what the policy
  ///   says, and `open`
  ObjectNode run() {
    var status = api.get("status", Map.of());
    var listeners = report.putArray("listeners");
    for (var listener : status.path("listeners")) {
      listen(status.path("hostname").asText(), listener, listeners.addObject());
    }
    var addresses = report.putArray("addresses");
    for (var address : foreign()) {
      boolean documented = DOCUMENTED.contains(IpText.of(address));
      Set<String> senders = new LinkedHashSet<>(allowed(address));
      senders.addAll(documented ? senders(status) : List.of(Trick.FROM));
      for (var listener : status.path("listeners")) {
        String name = listener.path("name").asText();
        for (String from : senders) {
          ask(address, name, from, NOW, addresses.addObject());
          for (var other : others(address)) {
            ask(address, name, from, other, addresses.addObject());
          }
        }
      }
    }
    report.put("tried", tried);
    report.put("accepted", accepted);
    report.put("open", accepted > 0);
    untried.forEach(report.putArray("untried")::add);
    return report;
  }

  private static List<String> senders(JsonNode status) {
    return List.of(Trick.FROM, "<>", "postmaster@" + status.path("hostname").asText());
  }

  private Stream<ClientRule> entries() {
    return file.stream().flatMap(configuration -> configuration.clients().stream());
  }

  /// Senders that entries allow in which this address is, together with a good part of the
  /// Internet: everybody knows them, or will.
  private List<String> allowed(InetAddress address) {
    return entries()
        .filter(rule -> rule.openTo().stream().anyMatch(network -> network.contains(address)))
        .flatMap(rule -> senders(rule.terms().senders()).limit(SENDERS_MAX))
        .distinct()
        .limit(SENDERS_MAX)
        .toList();
  }

  /// How somebody may come as well: some entries let him in at certain hours only, or encrypted.
  ///
  /// @param at a time on the clock of the relay; null: now
  private record Coming(@Nullable LocalDateTime at, boolean tls) {}

  private Set<Coming> others(InetAddress address) {
    return entries()
        .filter(rule -> rule.openTo().stream().anyMatch(network -> network.contains(address)))
        .map(rule -> new Coming(begin(rule.when().hours()), rule.when().tls()))
        .filter(coming -> !coming.equals(NOW))
        .limit(COMINGS_MAX)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private @Nullable LocalDateTime begin(List<Hours> hours) {
    var now = os.time().now().atZone(ZoneId.systemDefault());
    return hours.isEmpty()
        ? null
        : LocalDateTime.ofInstant(hours.getFirst().nextBegin(now), now.getZone());
  }

  /// One for each pattern.
  private static Stream<String> senders(Senders allowed) {
    return allowed.patterns().stream()
        .map(
            pattern -> {
              int at = pattern.lastIndexOf('@');
              String domain = pattern.substring(at + 1);
              return at > 0 || pattern.equals("<>")
                  ? pattern
                  : USER + (domain.startsWith(".") ? "@host" : "@") + domain;
            });
  }

  /// An end of ours, and where it leads.
  private record Way(InetSocketAddress to, InetAddress from) {}

  private void listen(String hostname, JsonNode listener, ObjectNode entry) {
    String name = listener.path("name").asText();
    entry.put("name", name);
    entry.put("address", listener.path("address").asText());
    entry.put("port", listener.path("port").asInt());
    var attempts = entry.putArray("attempts");
    Way way = null;
    ObjectNode client = null;
    for (Way candidate : ways(listener)) {
      var found = client(candidate.from(), name);
      if (found != null) {
        entry.put("from", IpText.of(candidate.from()));
        client = found;
      } else if (probe.reaches(target(candidate, listener), candidate.from())) {
        way = candidate;
        break;
      }
    }
    if (way == null) {
      if (client != null) {
        entry.set("client", client);
      }
      untried.add(name);
      return;
    }
    entry.put("from", IpText.of(way.from()));
    var target = target(way, listener);
    var tricks = Trick.against(hostname, way.to().getAddress(), names(), claimed());
    boolean any = false;
    for (var trick : RelayProbe.playable(tricks, target)) {
      var from = trick.rude() ? next(way.from(), name) : way.from();
      var attempt = probe.play(trick, target, from);
      any |= attempt.outcome() != RelayProbe.Outcome.NOT_TRIED;
      count(attempt.outcome());
      attempts
          .addObject()
          .put("trick", attempt.trick())
          .put("outcome", attempt.outcome().name().toLowerCase(Locale.ROOT))
          .put("reply", attempt.reply());
    }
    if (!any) {
      untried.add(name);
    }
  }

  private static RelayProbe.Target target(Way way, JsonNode listener) {
    return new RelayProbe.Target(way.to(), listener.path("tls").asText());
  }

  private void count(RelayProbe.Outcome outcome) {
    switch (outcome) {
      case REFUSED -> tried++;
      case ACCEPTED -> {
        tried++;
        accepted++;
      }
      case NOT_TRIED -> {}
    }
  }

  /// The ends that could be ours, the best ones first: before those of 127.0.0.0/8, of which this
  /// machine has all, what may look strange.
  private List<Way> ways(JsonNode listener) {
    var bound = address(listener.path("address").asText());
    int port = listener.path("port").asInt();
    boolean everywhere = bound.isAnyLocalAddress();
    List<InetAddress> sources = new ArrayList<>(own());
    int loopback = (int) sources.stream().filter(OpenRelayCheck::mayBeStrange).count();
    for (int i = 0; i < LOOPBACK_TRIES; i++) {
      sources.add(loopback, loopback());
    }
    List<Way> ways = new ArrayList<>();
    for (InetAddress from : sources) {
      if (everywhere || from.getAddress().length == bound.getAddress().length) {
        var to = from.isLoopbackAddress() && !six(from) ? address("127.0.0.1") : from;
        ways.add(new Way(new InetSocketAddress(everywhere ? to : bound, port), from));
      }
    }
    String name = listener.path("name").asText();
    return ways.stream().filter(way -> !believed(way.from(), name)).toList();
  }

  /// Whether the listener believes what that address says of others; known of the file only.
  private boolean believed(InetAddress from, String listener) {
    return file.stream()
        .flatMap(configuration -> configuration.listeners().stream())
        .filter(each -> each.name().equals(listener))
        .anyMatch(each -> each.forwarders().balancer(from) || each.forwarders().mayXclient(from));
  }

  private List<InetAddress> own() {
    try {
      return strangest(os.network().localAddresses());
    } catch (IOException _) {
      return List.of();
    }
  }

  /// First those of IPv4 that may look strange: what the machine was lent for the test, then what
  /// could be somebody's on the Internet, then private ones. Of IPv6 it has too few: who annoys the
  /// relay is unwelcome for a while.
  static List<InetAddress> strangest(Collection<InetAddress> own) {
    return own.stream()
        .filter(each -> !each.isLinkLocalAddress())
        .sorted(
            Comparator.<InetAddress>comparingInt(OpenRelayCheck::nearness)
                .thenComparing(IpText::of))
        .toList();
  }

  private static boolean mayBeStrange(InetAddress own) {
    return !six(own) && !own.isLoopbackAddress();
  }

  private static boolean six(InetAddress address) {
    return address.getAddress().length == 16;
  }

  private static int nearness(InetAddress own) {
    if (!mayBeStrange(own)) {
      return 3;
    }
    return DOCUMENTED.contains(IpText.of(own)) ? 0 : isSpecial(own.getAddress()) ? 2 : 1;
  }

  /// One that may become unwelcome: of 127.0.0.0/8 there is always another one. With IPv6 it is the
  /// same again.
  private InetAddress next(InetAddress from, String listener) {
    for (int i = 0; from.getAddress().length == 4; i++) {
      var other = loopback();
      if (i == LOOPBACK_TRIES) {
        return from;
      }
      if (!believed(other, listener) && client(other, listener) == null) {
        return other;
      }
    }
    return from;
  }

  private InetAddress loopback() {
    var chance = os.chance();
    return of(
        new byte[] {
          127,
          (byte) (1 + chance.below(250)),
          (byte) chance.below(256),
          (byte) (2 + chance.below(250))
        });
  }

  /// The entry of `clients` that names an address by itself; null: none.
  private @Nullable ObjectNode client(InetAddress address, String listener) {
    return matches(explain(address, listener, Trick.FROM, NOW));
  }

  private static @Nullable ObjectNode matches(JsonNode answer) {
    for (var entry : answer.path("considered")) {
      if (entry.path("matches").asBoolean()) {
        return JsonNodeFactory.instance
            .objectNode()
            .put("name", entry.path("rule").asText())
            .put("origin", entry.path("origin").asText());
      }
    }
    return null;
  }

  private ObjectNode explain(InetAddress client, String listener, String from, Coming coming) {
    var body = JsonNodeFactory.instance.objectNode();
    body.put("client", IpText.of(client)).put("listener", listener);
    body.put("from", from).put("to", Trick.TO);
    if (coming.tls()) {
      body.put("tls", true);
    }
    if (coming.at() != null) {
      body.put("at", coming.at().toString());
    }
    return api.post("explain", body);
  }

  private void ask(
      InetAddress address, String listener, String from, Coming coming, ObjectNode entry) {
    var answer = explain(address, listener, from, coming);
    // What is refused only now, for a rate that is used up or an outbreak, is let in later.
    boolean let = answer.path("accepted").asBoolean() || answer.path("later").asBoolean();
    count(let ? RelayProbe.Outcome.ACCEPTED : RelayProbe.Outcome.REFUSED);
    entry.put("address", IpText.of(address)).put("listener", listener).put("sender", from);
    if (coming.tls()) {
      entry.put("tls", true);
    }
    if (coming.at() != null) {
      entry.put("at", coming.at().toString());
    }
    entry.put("accepted", let);
    entry.put("reply", answer.path("reply").asText());
    entry.put("because", answer.path("because").asText());
  }

  private List<InetAddress> foreign() {
    List<InetAddress> all =
        new ArrayList<>(DOCUMENTED.stream().map(OpenRelayCheck::address).toList());
    for (int i = 0; i < RANDOM_4 + RANDOM_6; i++) {
      all.add(anybody(os.chance(), i < RANDOM_4 ? 4 : 16));
    }
    entries()
        .flatMap(rule -> rule.openTo().stream())
        .limit(NETWORKS_MAX)
        .flatMap(network -> within(network).stream())
        .forEach(all::add);
    return all;
  }

  /// An address of a network that somebody on the Internet may have.
  private Optional<InetAddress> within(Cidr network) {
    byte[] octets = network.network().getAddress();
    for (int i = 0; i < WITHIN_TRIES; i++) {
      byte[] some = anybody(os.chance(), octets.length).getAddress();
      int whole = network.bits() / 8;
      int mask = (0xff << (8 - network.bits() % 8)) & 0xff;
      System.arraycopy(octets, 0, some, 0, whole);
      if (mask != 0) {
        some[whole] = (byte) ((octets[whole] & mask) | (some[whole] & ~mask));
      }
      if (!isSpecial(some)) {
        return Optional.of(of(some));
      }
    }
    return Optional.empty();
  }

  /// An address that somebody on the Internet may have.
  static InetAddress anybody(Chance chance, int length) {
    byte[] octets = new byte[length];
    while (true) {
      chance.fill(octets);
      if (length == 16) {
        octets[0] = (byte) (0x20 | (octets[0] & 0x1f)); // RFC 4291 2.4: 2000::/3
        return of(octets);
      }
      if (!isSpecial(octets)) {
        return of(octets);
      }
    }
  }

  private static boolean isSpecial(byte[] octets) {
    var address = of(octets);
    if (octets.length == 16) {
      return (octets[0] & 0xe0) != 0x20; // RFC 4291 2.4: 2000::/3
    }
    int first = octets[0] & 0xff;
    int second = octets[1] & 0xff;
    boolean shared = first == 100 && second >= 64 && second < 128;
    return first == 0
        || first >= 224
        || shared
        || address.isLoopbackAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress();
  }

  /// Names that clients may have: those that `clients` asks the DNS for.
  private List<String> names() {
    return entries()
        .flatMap(
            rule ->
                Stream.concat(
                    rule.when().hosts().stream(),
                    rule.when().reverse().stream()
                        .map(name -> name.startsWith(".") ? "mail" + name : name)))
        .distinct()
        .limit(NAMES_MAX)
        .toList();
  }

  /// An address that may relay, if there is one that is known by its network.
  private InetAddress claimed() {
    return entries()
        .flatMap(rule -> rule.networks().stream())
        .map(network -> network.network())
        .findFirst()
        .orElse(address("127.0.0.1"));
  }

  private static InetAddress address(String text) {
    return NumericAddress.parse(text)
        .orElseThrow(() -> new IllegalArgumentException("no address: " + text));
  }

  private static InetAddress of(byte[] octets) {
    try {
      return InetAddress.getByAddress(octets);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e); // Four or sixteen octets went in.
    }
  }
}
