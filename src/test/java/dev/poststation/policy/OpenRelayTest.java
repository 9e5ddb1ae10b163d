package dev.poststation.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.config.Tolerance;
import dev.poststation.intake.TenantCheck;
import dev.poststation.policy.ClientWorld.Shown;
import dev.poststation.policy.GeneratedClients.Client;
import dev.poststation.policy.GeneratedClients.Entry;
import dev.poststation.policy.GeneratedClients.From;
import dev.poststation.policy.GeneratedClients.Mail;
import dev.poststation.policy.GeneratedClients.Meant;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.AddressParser;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Nothing that is not explicitly allowed can relay: configurations are generated as text, read as
/// those of administrators are, and asked about generated clients and mails. A second judge, which
/// knows only what was written and what is true of the world, says what is allowed. Each run takes
/// a fresh seed and prints it; `-Dtest.seed=N` plays that one again.
class OpenRelayTest {
  private static final int CONFIGURATIONS = 2_000;
  private static final int CLIENTS = 50;
  private static final int ALSO_EXPLAINED = 10;

  /// How often each condition, and each term, was the only thing in the way of a mail.
  private final Map<String, Integer> decisive = new TreeMap<>();

  private final Map<String, Integer> outcomes = new TreeMap<>();
  private final long seed = Long.getLong("test.seed", new Random().nextLong());

  @Test
  void nothingThatIsNotExplicitlyAllowedCanRelay() throws Exception {
    play(100);
    assertThat(outcomes).as("seed %d", seed).hasSize(5);
  }

  @Test
  @Tag("slow")
  void nothingThatIsNotExplicitlyAllowedCanRelayInAHundredThousandCases() throws Exception {
    play(CONFIGURATIONS);
    assertThat(outcomes.values().stream().mapToInt(Integer::intValue).sum())
        .isEqualTo(CONFIGURATIONS * CLIENTS);
    assertThat(outcomes.keySet())
        .containsExactly("held", "no entry", "otherwise", "sent", "sent replaced");
    assertThat(outcomes.values())
        .as("seed %d: %s", seed, outcomes)
        .allMatch(count -> count > 1_000);
    assertThat(decisive.keySet())
        .as("seed %d", seed)
        .containsExactlyInAnyOrder(
            "auth",
            "certificates",
            "expires",
            "gateway",
            "header-senders",
            "host",
            "hours",
            "listeners",
            "networks",
            "peer",
            "recipients",
            "reverse",
            "senders",
            "tenant",
            "tls",
            "users",
            "zone");
    assertThat(decisive.values()).as("seed %d: %s", seed, decisive).allMatch(count -> count >= 50);
  }

  private void play(int configurations) throws Exception {
    System.out.println("OpenRelayTest: " + configurations + " configurations, seed " + seed);
    var random = new Random(seed);
    try (var world = new ClientWorld()) {
      for (int i = 0; i < configurations; i++) {
        int number = i + 1;
        assertThatCode(() -> play(new GeneratedClients(random, world), world))
            .as("configuration %d of seed %d; -Dtest.seed=%d plays it again", number, seed, seed)
            .doesNotThrowAnyException();
      }
    }
  }

  private void play(GeneratedClients generated, ClientWorld world) {
    String text = generated.text();
    var loaded =
        new Loader(world.os(generated.inContainer), Map.of()).parse(text, Path.of("test.conf"));
    if (!(loaded instanceof Loaded.Good good)) {
      throw new AssertionError(loaded.problems() + "\n" + text);
    }
    var policy = new Policy(good.configuration(), world.memory());
    for (int i = 0; i < CLIENTS; i++) {
      var client = generated.client();
      var mail = generated.mail();
      world.itIs(client.now());
      var facts = world.facts(client);
      String may = may(generated, client, mail);
      String does = does(policy, facts, mail);
      if (!does.equals(may)) {
        throw new AssertionError(
            "allowed is: %s; the policy does: %s\n%s\n%s\n%s"
                .formatted(may, does, client, mail, text));
      }
      if (i % ALSO_EXPLAINED == 0) {
        explains(policy, generated, client, facts, text);
        tolerates(policy, generated, client, facts, text);
      }
      outcomes.merge(kind(may), 1, Integer::sum);
    }
  }

  private static String kind(String may) {
    return may.startsWith("sent") ? may.replaceFirst(" by .*", "") : may.replaceFirst(":.*", "");
  }

  /// What the relay would do with the mail, as [Policy] and [Permit] say it.
  private static String does(Policy policy, Facts facts, Mail mail) {
    if (!(policy.decide(facts) instanceof Verdict.Allowed(var permit, _))) {
      return "no entry";
    }
    String entry = permit.rule().name();
    var sender = permit.sender(facts, address(mail.from()));
    var header = permit.header(facts, mail.fields().stream().map(From::text).toList());
    String tenant = TenantCheck.judge(permit.rule(), header(mail));
    boolean hold = permit.rule().terms().otherwise().name().equals("HOLD");
    if (sender.filter(Objection::refuses).isPresent()
        || permit.recipient(facts, address(mail.to())).isPresent()
        || header.filter(Objection::refuses).isPresent()
        || (tenant != null && !hold)) {
      return "otherwise: refused by " + entry;
    }
    if (tenant != null
        || sender.filter(it -> it.hold() != null).isPresent()
        || header.filter(it -> it.hold() != null).isPresent()) {
      return "held: by " + entry;
    }
    return sent(
        entry,
        sender.map(each -> String.valueOf(each.replacement())).map(OpenRelayTest::by).orElse(""),
        header.map(each -> String.valueOf(each.replacement())).map(OpenRelayTest::by).orElse(""));
  }

  private static String by(String replacement) {
    return replacement.replaceFirst(".*replaced by ([^\\]]*)\\]$", "$1");
  }

  private static String sent(String entry, String sender, String author) {
    return (sender + author).isEmpty()
        ? "sent by " + entry
        : "sent replaced by " + entry + ": " + sender + ", " + author;
  }

  private static Address address(String text) {
    return text.isEmpty() ? Address.NULL : AddressParser.parse(text).orElseThrow();
  }

  private static String header(Mail mail) {
    var text = new StringBuilder("Subject: a\r\n");
    mail.tenants()
        .forEach(
            tenant -> text.append("X-MS-Exchange-CrossTenant-Id: ").append(tenant).append("\r\n"));
    return text.append("\r\n").toString();
  }

  // From here on nothing is asked of the relay.

  /// What is explicitly allowed.
  private String may(GeneratedClients generated, Client client, Mail mail) {
    for (Entry entry : generated.entries) {
      var conditions = conditions(entry, client, generated.inContainer);
      var open =
          conditions.entrySet().stream().filter(each -> !each.getValue()).map(Map.Entry::getKey);
      var failing = open.toList();
      if (failing.isEmpty()) {
        return terms(entry, client, mail);
      }
      if (failing.size() == 1) {
        decisive.merge(failing.getFirst(), 1, Integer::sum);
      }
    }
    return "no entry";
  }

  /// All conditions that are written in an entry, and whether they hold.
  private static Map<String, Boolean> conditions(Entry entry, Client client, boolean inContainer) {
    Map<String, Boolean> all = new LinkedHashMap<>();
    String user = client.attempt().as;
    byte[] gateway = GeneratedClients.octetsOf(ClientWorld.GATEWAY);
    if (!entry.networks().isEmpty()) {
      all.put(
          "networks",
          !isNobodys(client)
              && entry.networks().stream().anyMatch(net -> net.contains(client.octets())));
      all.put(
          "gateway",
          !inContainer
              || entry.trustGateway()
              || !Arrays.equals(gateway, client.octets())
              || entry.networks().stream()
                  .anyMatch(net -> net.isSingle() && net.contains(client.octets())));
    }
    if (!entry.peer().isEmpty()) {
      all.put(
          "peer",
          ClientWorld.RANGES.getOrDefault(entry.peer(), List.of()).stream()
              .anyMatch(each -> each.contains(client.octets())));
    }
    if (!entry.hosts().isEmpty()) {
      all.put(
          "host",
          !isNobodys(client)
              && entry.hosts().stream()
                  .flatMap(host -> ClientWorld.HOSTS.getOrDefault(host, List.of()).stream())
                  .anyMatch(address -> is(client, address)));
    }
    if (!entry.reverse().isEmpty()) {
      all.put("reverse", isCalled(entry.reverse(), client));
    }
    if (!entry.certificates().isEmpty()) {
      all.put(
          "certificates",
          entry.certificates().stream().anyMatch(each -> means(each, client.certificate())));
    }
    if (!entry.users().isEmpty()) {
      all.put(
          "users",
          user != null
              && entry.users().stream()
                  .anyMatch(each -> each.equals("*") || each.equalsIgnoreCase(user)));
    }
    if (entry.auth()) {
      all.put("auth", user != null);
    }
    if (!entry.listeners().isEmpty()) {
      all.put("listeners", entry.listeners().contains(client.listener()));
    }
    if (!entry.zones().isEmpty()) {
      all.put("zone", entry.zones().contains(ClientWorld.ZONES.get(client.listener())));
    }
    if (entry.tls()) {
      all.put("tls", client.tls());
    }
    if (!entry.hours().isEmpty()) {
      all.put("hours", entry.hours().stream().anyMatch(span -> span.include(client.now())));
    }
    LocalDate last = entry.expires();
    if (last != null) {
      all.put("expires", client.now().isBefore(last.plusDays(1).atStartOfDay()));
    }
    return all;
  }

  /// 0.0.0.0 and :: are no addresses that anybody can have.
  private static boolean isNobodys(Client client) {
    return is(client, "0.0.0.0") || is(client, "::");
  }

  private static boolean is(Client client, String address) {
    return Arrays.equals(GeneratedClients.octetsOf(address), client.octets());
  }

  private static boolean isCalled(List<String> wanted, Client client) {
    return ClientWorld.NAMES.entrySet().stream()
        .filter(each -> is(client, each.getKey()))
        .map(Map.Entry::getValue)
        .anyMatch(
            name ->
                wanted.stream()
                    .map(each -> each.toLowerCase(Locale.ROOT))
                    .anyMatch(
                        each -> each.startsWith(".") ? name.endsWith(each) : name.equals(each)));
  }

  private static boolean means(Meant meant, @Nullable Shown shown) {
    return shown != null
        && (meant.print() == null || meant.print() == shown)
        && (meant.subject() == null || meant.subject().subject.equals(shown.subject))
        && (meant.authority().isEmpty()
            || (meant.authority().equals(shown.authority) && shown.inTime));
  }

  private String terms(Entry entry, Client client, Mail mail) {
    boolean sender = mayBe(entry.senders(), client, mail.from());
    boolean author =
        entry.headerSenders().contains("any")
            || (!mail.fields().isEmpty()
                && mail.fields().stream()
                    .allMatch(
                        field ->
                            !field.authors().isEmpty()
                                && field.authors().stream()
                                    .allMatch(each -> mayBe(entry.headerSenders(), client, each))));
    boolean recipient =
        entry.recipients().contains("any")
            || entry.recipients().stream().anyMatch(word -> means(word, mail.to()));
    boolean tenant = !entry.tenant() || mail.tenants().equals(List.of(GeneratedClients.TENANT));
    var bad =
        new TreeMap<>(
            Map.of(
                "senders",
                sender,
                "header-senders",
                author,
                "recipients",
                recipient,
                "tenant",
                tenant));
    bad.values().removeIf(good -> good);
    if (bad.size() == 1) {
      decisive.merge(bad.firstKey(), 1, Integer::sum);
    }
    String refused = "otherwise: refused by " + entry.name();
    if (bad.isEmpty()) {
      return sent(entry.name(), "", "");
    }
    if (!recipient || entry.otherwise().equals("reject")) {
      return refused;
    }
    if (entry.otherwise().equals("hold")) {
      return "held: by " + entry.name();
    }
    String newSender = sender ? "" : replacement(entry, entry.senders(), client);
    String newAuthor = author ? "" : replacement(entry, entry.headerSenders(), client);
    boolean possible = newSender != null && newAuthor != null && tenant;
    return possible && (sender || !mail.from().isEmpty())
        ? sent(entry.name(), newSender, newAuthor)
        : refused;
  }

  /// Null: there is none.
  private static @Nullable String replacement(Entry entry, List<String> words, Client client) {
    if (!entry.replacement().isEmpty()) {
      return entry.replacement();
    }
    String user = client.attempt().as;
    if (words.contains("own") && user != null) {
      return ClientWorld.OWN.getOrDefault(user, List.of()).getFirst();
    }
    return words.stream().filter(word -> word.indexOf('@') > 0).findFirst().orElse(null);
  }

  private static boolean mayBe(List<String> words, Client client, String address) {
    String user = client.attempt().as;
    return words.contains("any")
        || words.stream().anyMatch(word -> means(word, address))
        || (words.contains("own")
            && user != null
            && ClientWorld.OWN.getOrDefault(user, List.of()).stream()
                .anyMatch(own -> means(own, address)));
  }

  /// Whether a pattern means an address, as the manual says it.
  private static boolean means(String word, String address) {
    if (address.isEmpty() || word.equals("<>")) {
      return address.isEmpty() && word.equals("<>");
    }
    String all = address.toLowerCase(Locale.ROOT);
    String pattern = word.toLowerCase(Locale.ROOT);
    String domain = all.substring(all.indexOf('@') + 1);
    return switch (pattern.indexOf('@')) {
      case 0 -> domain.equals(pattern.substring(1));
      case -1 -> pattern.startsWith(".") ? domain.endsWith(pattern) : domain.equals(pattern);
      default -> all.equals(pattern);
    };
  }

  /// `explain` names the entry, and of each entry before it all conditions as they stand.
  private static void explains(
      Policy policy, GeneratedClients generated, Client client, Facts facts, String text) {
    var considered = policy.consider(facts);
    for (int i = 0; i < considered.size(); i++) {
      var expected = conditions(generated.entries.get(i), client, generated.inContainer);
      var gateway = expected.remove("gateway");
      expected.computeIfPresent("networks", (_, holds) -> holds && Boolean.TRUE.equals(gateway));
      Map<String, Boolean> found = new LinkedHashMap<>();
      considered.get(i).conditions().forEach(each -> found.put(each.key(), each.holds()));
      boolean last = i == considered.size() - 1;
      boolean matches = !expected.containsValue(false);
      if (!found.equals(expected)
          || considered.get(i).matches() != matches
          || (matches && !last)
          || (!matches && last && i < generated.entries.size() - 1)) {
        throw new AssertionError(expected + " is explained as " + found + "\n" + client + text);
      }
    }
  }

  /// Exceptions for old devices are made only where one is written, for who comes from its place.
  private static void tolerates(
      Policy policy, GeneratedClients generated, Client client, Facts facts, String text) {
    for (var what : Tolerance.values()) {
      String expected = "";
      for (Entry entry : generated.entries) {
        var conditions = conditions(entry, client, generated.inContainer);
        List.of("tls", "auth", "users", "certificates").forEach(conditions::remove);
        if (expected.isEmpty()
            && entry.tolerate().contains(what.word())
            && !conditions.containsValue(false)) {
          expected = entry.name();
        }
      }
      var rule = policy.tolerates(facts, what);
      if (!expected.equals(rule == null ? "" : rule.name())) {
        throw new AssertionError(what + " is allowed by: " + expected + "\n" + client + text);
      }
    }
  }
}
