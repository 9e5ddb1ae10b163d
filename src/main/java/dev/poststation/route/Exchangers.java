package dev.poststation.route;

import dev.poststation.dns.DomainName;
import dev.poststation.dns.NumericAddress;
import dev.poststation.dns.Resolver;
import dev.poststation.dns.Resolver.Answer;
import dev.poststation.dns.Resolver.Assured;
import dev.poststation.dns.Resolver.MailExchanger;
import dev.poststation.message.Outcome;
import dev.poststation.message.Outcome.Stage;
import dev.poststation.os.Os;
import dev.poststation.os.Together;
import dev.poststation.smtp.EnhancedStatus;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/// Finds the mail exchangers of a domain in the order to try them (RFC 5321 5.1). Blocking; safe
/// for any thread.
///
/// - No MX record: the domain itself is the host. A null MX (RFC 7505) and a name that does not
///   exist bounce.
/// - Equal preferences are shuffled. Twenty hosts are looked at, at most.
/// - When we are one of them, it and all of its preference and more are left out: they would only
///   hand the mail back.
/// - A host without address is left out; if none is left, it bounces (5.4.4), as it does in
///   Postfix. A host whose address nobody knows now stays in the list; if there are only such, it
///   is deferred.
/// - An alias as MX (forbidden by RFC 2181 10.3) is followed; a numeric address as MX is used as
///   such, as Postfix does.
final class Exchangers {
  private static final int HOSTS_MAX = 20;

  private final Resolver resolver;
  private final Ourselves ourselves;
  private final Os os;

  Exchangers(Resolver resolver, Ourselves ourselves, Os os) {
    this.resolver = resolver;
    this.ourselves = ourselves;
    this.os = os;
  }

  /// What was found.
  sealed interface Search {
    /// At least one, in the order to try.
    ///
    /// @param vouched whether DNSSEC vouches for their names, and for `domain`
    /// @param domain that has them, after all aliases (RFC 5321 5.1)
    record Hosts(List<Host> inOrder, boolean vouched, String domain) implements Search {}

    /// None.
    record None(Outcome why) implements Search {}
  }

  /// A mail exchanger, its name as [DomainName#ascii] spells it or a numeric address.
  record Host(int preference, String name) {}

  /// Searches.
  ///
  /// @param domain a domain in any spelling, or an address literal
  /// @param port that would be called
  /// @param facts what is found on the way is added
  Search search(String domain, int port, List<String> facts) {
    if (domain.startsWith("[")) {
      return literal(domain, port, facts);
    }
    var name = DomainName.ascii(domain);
    if (name.isEmpty()) {
      return bounced(1, 2, "\"" + domain + "\" is not a domain name");
    }
    var found = resolver.assuredExchangers(name.get());
    return switch (found.answer()) {
      case Answer.Found<MailExchanger>(var published) ->
          published(name.get(), published, found, port, facts);
      case Answer.NoRecord<MailExchanger> _ -> {
        facts.add(name.get() + " has no MX: its own addresses count");
        yield implicit(name.get(), found, port);
      }
      case Answer.NoName<MailExchanger> _ -> noSuchDomain(name.get());
      case Answer.Failed<MailExchanger>(var reason) -> notNow(name.get(), reason);
    };
  }

  /// RFC 5321 4.1.3.
  private Search literal(String domain, int port, List<String> facts) {
    var address = NumericAddress.parse(domain);
    if (address.isEmpty()) {
      return bounced(1, 2, domain + " is not an address literal that is known here");
    }
    facts.add(domain + " is an address: nothing to look up");
    if (ourselves.isUs(address.get(), port)) {
      return loopsBack(domain);
    }
    return new Search.Hosts(List.of(new Host(0, address.get().getHostAddress())), false, domain);
  }

  private Search implicit(String domain, Assured<?> said, int port) {
    var host = new Candidate(new Host(0, domain), resolver.addresses(domain));
    return switch (host.addresses) {
      case Answer.Found<InetAddress> _ ->
          isUs(host, port) ? loopsBack(domain) : hosts(List.of(host.host), said);
      case Answer.NoRecord<InetAddress> _ ->
          // RFC 3463 3.5 names this very case: a domain of which the DNS has only the SOA.
          bounced(
              4,
              4,
              "the domain " + domain + " has no mail server: no MX and no address in the DNS");
      case Answer.NoName<InetAddress> _ -> noSuchDomain(domain);
      case Answer.Failed<InetAddress>(var reason) -> notNow(domain, reason);
    };
  }

  private Search published(
      String domain, List<MailExchanger> published, Assured<?> said, int port, List<String> facts) {
    if (published.stream().allMatch(exchanger -> exchanger.host().equals("."))) {
      facts.add("MX 0 . (null MX)");
      return bounced(1, 10, "the domain " + domain + " accepts no mail (null MX)");
    }
    var candidates = candidates(ordered(published, facts));
    var left = beforeUs(candidates, port, facts);
    if (left.isEmpty() && !candidates.isEmpty()) {
      return loopsBack(domain);
    }
    return reachable(domain, left, said, facts);
  }

  /// Usable names, each once, by preference, equal ones shuffled.
  private List<Host> ordered(List<MailExchanger> published, List<String> facts) {
    List<Host> hosts = new ArrayList<>();
    for (var exchanger : published) {
      var numeric = NumericAddress.parse(exchanger.host());
      var name =
          numeric.isPresent()
              ? numeric.map(InetAddress::getHostAddress)
              : DomainName.ascii(exchanger.host());
      if (name.isPresent()) {
        hosts.add(new Host(exchanger.preference(), name.get()));
      } else {
        facts.add(
            "MX "
                + exchanger.preference()
                + " \""
                + exchanger.host()
                + "\" is no host name: left out");
      }
    }
    List<Host> ordered = Turns.of(hosts, Host::preference, _ -> 1, os.chance()::below);
    Set<String> seen = new HashSet<>();
    ordered.removeIf(host -> !seen.add(host.name));
    ordered.forEach(host -> facts.add("MX " + host.preference + " " + host.name));
    if (ordered.size() > HOSTS_MAX) {
      facts.add("only the first " + HOSTS_MAX + " are considered");
      return ordered.subList(0, HOSTS_MAX);
    }
    return ordered;
  }

  /// A host and what is known of its addresses.
  private record Candidate(Host host, Answer<InetAddress> addresses) {
    boolean hasNone() {
      return addresses instanceof Answer.NoRecord || addresses instanceof Answer.NoName;
    }
  }

  private List<Candidate> candidates(List<Host> hosts) {
    List<Supplier<Candidate>> questions = new ArrayList<>(hosts.size());
    for (var host : hosts) {
      questions.add(() -> new Candidate(host, resolver.addresses(host.name)));
    }
    return Together.ask(os.tasks(), "exchangers", questions);
  }

  private boolean isUs(Candidate candidate, int port) {
    if (ourselves.isUs(candidate.host.name, port)) {
      return true;
    }
    if (candidate.addresses instanceof Answer.Found<InetAddress>(var addresses)) {
      for (var address : addresses) {
        if (ourselves.isUs(address, port)) {
          return true;
        }
      }
    }
    return false;
  }

  /// RFC 5321 5.1: what has our preference or more would hand the mail back to us, or to nobody.
  private List<Candidate> beforeUs(List<Candidate> candidates, int port, List<String> facts) {
    if (!ourselves.listenOn(port)) {
      return candidates;
    }
    for (var candidate : candidates) {
      if (isUs(candidate, port)) {
        int ours = candidate.host.preference;
        facts.add(
            candidate.host.name + " is this relay: preference " + ours + " and more left out");
        return candidates.stream().filter(other -> other.host.preference < ours).toList();
      }
    }
    return candidates;
  }

  private static Search reachable(
      String domain, List<Candidate> candidates, Assured<?> said, List<String> facts) {
    List<Host> hosts = new ArrayList<>();
    String unknown = null;
    boolean found = false;
    for (var candidate : candidates) {
      if (candidate.hasNone()) {
        facts.add(candidate.host.name + " has no address: left out");
        continue;
      }
      hosts.add(candidate.host);
      if (candidate.addresses instanceof Answer.Failed<InetAddress>(var reason)) {
        facts.add(candidate.host.name + " has no address that is known now: " + reason);
        unknown = reason;
      } else {
        found = true;
      }
    }
    if (found) {
      return hosts(hosts, said);
    }
    return unknown != null
        ? notNow(domain, unknown)
        : bounced(
            4,
            4,
            "the domain " + domain + " has no mail server that exists: no address for its MX");
  }

  private static Search hosts(List<Host> inOrder, Assured<?> said) {
    return new Search.Hosts(inOrder, said.secure(), said.name());
  }

  private static Search noSuchDomain(String domain) {
    return bounced(1, 2, "the domain " + domain + " does not exist");
  }

  private static Search loopsBack(String domain) {
    return bounced(4, 6, "mail for " + domain + " loops back to this relay");
  }

  private static Search notNow(String domain, String reason) {
    String text = "the mail servers of " + domain + " cannot be found now: " + reason;
    return new Search.None(
        new Outcome.Deferred(Stage.ROUTE, new EnhancedStatus(4, 4, 3), text, null));
  }

  private static Search bounced(int subject, int detail, String text) {
    var status = new EnhancedStatus(5, subject, detail);
    return new Search.None(new Outcome.Bounced(Stage.ROUTE, status, text, null));
  }
}
