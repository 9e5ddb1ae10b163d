package dev.poststation.sim;

import dev.poststation.dns.NumericAddress;
import dev.poststation.dns.Resolver;
import dev.poststation.dns.Tlsa;
import dev.poststation.os.IpText;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// A resolver that knows what a test has told it: all other names do not exist. A name that is
/// known for one type of record has no record of the other. Safe for any thread; the answers may
/// change while others ask.
public final class ScriptedResolver implements Resolver {
  private final Map<String, List<MailExchanger>> exchangers = new HashMap<>();
  private final Map<String, List<InetAddress>> addresses = new HashMap<>();
  private final Map<String, List<String>> pointers = new HashMap<>();
  private final Map<String, String> failures = new HashMap<>();
  private final Map<String, List<Tlsa>> certificates = new HashMap<>();
  private final Map<String, List<String>> texts = new HashMap<>();
  private final Map<String, String> aliases = new HashMap<>();
  private final Set<String> secure = new HashSet<>();
  private final Set<String> existing = new HashSet<>();
  private final List<String> asked = new ArrayList<>();

  /// `domain IN MX preference host`, in addition to those it has.
  public synchronized ScriptedResolver mx(String domain, int preference, String host) {
    var entry = new MailExchanger(preference, host);
    exchangers.computeIfAbsent(key(domain), _ -> new ArrayList<>()).add(entry);
    existing.add(key(domain));
    return this;
  }

  /// `domain IN MX 0 .` (RFC 7505).
  public ScriptedResolver nullMx(String domain) {
    return mx(domain, 0, ".");
  }

  /// `host IN A` or `AAAA`, in addition to those it has.
  public synchronized ScriptedResolver address(String host, String... numeric) {
    for (String text : numeric) {
      var address = NumericAddress.parse(text).orElseThrow();
      addresses.computeIfAbsent(key(host), _ -> new ArrayList<>()).add(address);
    }
    existing.add(key(host));
    return this;
  }

  /// `address IN PTR name`, in addition to those it has.
  public synchronized ScriptedResolver pointer(String numeric, String name) {
    pointers.computeIfAbsent(numeric, _ -> new ArrayList<>()).add(name);
    return this;
  }

  /// DNSSEC vouches for all that is said of these names, also that there is nothing.
  public synchronized ScriptedResolver secure(String... names) {
    for (String name : names) {
      secure.add(key(name));
    }
    return this;
  }

  /// `name IN TLSA`, in the place of those it has.
  public synchronized ScriptedResolver tlsa(String name, Tlsa... records) {
    certificates.put(key(name), List.of(records));
    existing.add(key(name));
    return this;
  }

  /// `_PORT._tcp.host IN TLSA` for all ports, which DNSSEC vouches for.
  public ScriptedResolver tlsaAtAnyPort(String host, Tlsa... records) {
    return tlsa("*._tcp." + host, records).secure("*._tcp." + host);
  }

  /// `name IN TXT`, in the place of those it has.
  public synchronized ScriptedResolver text(String name, String... records) {
    texts.put(key(name), List.of(records));
    existing.add(key(name));
    return this;
  }

  /// `name IN CNAME target`, as questions for addresses and proven ones for exchangers follow it.
  public synchronized ScriptedResolver alias(String name, String target) {
    aliases.put(key(name), key(target));
    existing.add(key(name));
    return this;
  }

  /// The name exists, with no more records than it has.
  public synchronized ScriptedResolver exists(String name) {
    existing.add(key(name));
    return this;
  }

  /// From now on every question about the name fails.
  public synchronized ScriptedResolver fail(String name, String reason) {
    failures.put(key(name), reason);
    return this;
  }

  /// The name does not exist any more, and does not fail any more.
  public synchronized ScriptedResolver forget(String name) {
    exchangers.remove(key(name));
    addresses.remove(key(name));
    pointers.remove(key(name));
    failures.remove(key(name));
    texts.remove(key(name));
    existing.remove(key(name));
    return this;
  }

  /// All questions so far, as `MX example.com` and `A mx1.example.com`.
  public synchronized List<String> asked() {
    return List.copyOf(asked);
  }

  @Override
  public synchronized Answer<MailExchanger> mailExchangers(String domain) {
    asked.add("MX " + domain);
    return answer(exchangers, key(domain));
  }

  @Override
  public synchronized Answer<InetAddress> addresses(String host) {
    var numeric = NumericAddress.parse(host);
    if (numeric.isPresent()) {
      return new Answer.Found<>(List.of(numeric.get()));
    }
    asked.add("A " + host);
    var answer = answer(addresses, aliases.getOrDefault(key(host), key(host)));
    if (answer instanceof Answer.Found<InetAddress>(var records)) {
      var sorted = new ArrayList<>(records);
      sorted.sort(Comparator.comparing(address -> address.getAddress().length == 4));
      return new Answer.Found<>(sorted);
    }
    return answer;
  }

  @Override
  public Answer<InetAddress> addresses(String host, Duration notOlder) {
    return addresses(host);
  }

  @Override
  public synchronized Assured<MailExchanger> assuredExchangers(String domain) {
    String target = aliases.getOrDefault(key(domain), key(domain));
    boolean vouched = secure.contains(key(domain)) && secure.contains(target);
    return new Assured<>(mailExchangers(target), vouched, target);
  }

  @Override
  public synchronized Assured<InetAddress> assuredAddresses(String host) {
    String target = aliases.getOrDefault(key(host), key(host));
    boolean vouched = secure.contains(key(host)) && secure.contains(target);
    return new Assured<>(addresses(target), vouched, target);
  }

  @Override
  public synchronized Assured<String> assuredAlias(String name) {
    String target = aliases.get(key(name));
    Answer<String> answer =
        target == null ? new Answer.NoRecord<>() : new Answer.Found<>(List.of(target));
    return new Assured<>(answer, secure.contains(key(name)), name);
  }

  @Override
  public synchronized Assured<Tlsa> tlsa(String name) {
    asked.add("TLSA " + name);
    String any = key(name).replaceFirst("_[0-9]+\\.", "*.");
    if (certificates.containsKey(any)) {
      return new Assured<>(answer(certificates, any), secure.contains(any), name);
    }
    return new Assured<>(answer(certificates, key(name)), secure.contains(key(name)), name);
  }

  @Override
  public synchronized Assured<String> texts(String name) {
    asked.add("TXT " + name);
    return new Assured<>(answer(texts, key(name)), secure.contains(key(name)), name);
  }

  @Override
  public synchronized Answer<String> names(InetAddress address) {
    String name = IpText.of(address);
    asked.add("PTR " + name);
    return answer(pointers, name);
  }

  private <T> Answer<T> answer(Map<String, List<T>> records, String name) {
    String failure = failures.get(name);
    if (failure != null) {
      return new Answer.Failed<>(failure);
    }
    var found = records.get(name);
    if (found != null) {
      return new Answer.Found<>(found);
    }
    return existing.contains(name) ? new Answer.NoRecord<>() : new Answer.NoName<>();
  }

  private static String key(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }
}
