package dev.poststation.route;

import dev.poststation.conditions.MailFacts;
import dev.poststation.conditions.Matching;
import dev.poststation.conditions.UndecidedException;
import dev.poststation.config.Configuration;
import dev.poststation.config.Connector;
import dev.poststation.config.Connector.Host;
import dev.poststation.config.RouteRule;
import dev.poststation.config.Zones;
import dev.poststation.ldap.Directories;
import dev.poststation.message.AddressPatterns;
import dev.poststation.message.AddressPatterns.Kind;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.TlsWish;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Decides which route a recipient takes: the first rule of `routes` whose conditions all hold.
/// Immutable, safe for any thread. Waits only for a directory, where it may ask one, and for the
/// disk where a rule asks for the header. Ten thousand rules or patterns take no more time than
/// one; only rules that share a pattern are looked at one after the other.
///
/// What the patterns mean: `user@example.com` is a mailbox (without regard to case), `example.com`
/// or `@example.com` a domain, `.example.com` all domains below it but not itself, `<>` the null
/// reverse-path. Unicode and A-label spellings of a domain are the same. A recipient without a
/// domain (`<Postmaster>`) is meant by no pattern.
public final class Router {
  // Each rule stands under the keys of one of its conditions, by its place in the file: the rules
  // that can match are those under the keys of the mail.
  private final Map<String, List<Rule>> byRecipient = new HashMap<>();
  private final Map<String, List<Rule>> bySender = new HashMap<>();
  private final Map<String, List<Rule>> byClient = new HashMap<>();

  /// Those that have none of these conditions.
  private final List<Rule> anywhere = new ArrayList<>();

  /// Of the connectors that have several accounts, by their names.
  private final Map<String, AccountChoice> accounts = new HashMap<>();

  private final List<Rule> all = new ArrayList<>();

  private final List<Connector> connectors;

  /// Fields that rules ask for.
  private final Set<String> headerNames = new HashSet<>();

  private final Set<Kind> senderKinds = EnumSet.noneOf(Kind.class);
  private final Set<Kind> recipientKinds = EnumSet.noneOf(Kind.class);

  /// A router for the routes of a configuration.
  ///
  /// @param directories that its rules ask
  /// @throws IllegalArgumentException when a rule names a connector that does not exist; the check
  ///   comes first
  public Router(Configuration configuration, Directories directories) {
    for (var connector : configuration.connectors().values()) {
      if (connector.hasAccounts()) {
        accounts.put(connector.name(), new AccountChoice(connector));
      }
    }
    var zones = new Zones(configuration.clients(), configuration.listeners());
    int number = 1;
    for (var settings : configuration.routes()) {
      var via = connectors(settings, configuration.connectors());
      index(
          new Rule(
              new Route(number++, settings, via),
              new Matching(settings.when(), zones, directories)));
    }
    connectors = all.stream().flatMap(rule -> rule.route.via().stream()).distinct().toList();
  }

  /// All connectors that some rule leads to, with the source addresses of that rule, as a route has
  /// them for mail that wishes this of TLS.
  public List<Connector> connectors(TlsWish wish) {
    return wished(connectors, wish);
  }

  /// The connectors whose hosts are asked while nobody calls them: those that name their hosts,
  /// where mail has another way.
  public List<Connector> standbys() {
    Map<String, Connector> found = new LinkedHashMap<>();
    for (var rule : all) {
      var via = rule.route.via();
      for (var connector : via) {
        var hosts = connector.hosts();
        boolean others = via.size() > 1 || hosts.size() > 1 || hosts.stream().anyMatch(Host::byMx);
        if (others && connector.probed()) {
          found.put(connector.label(), connector);
        }
      }
    }
    return List.copyOf(found.values());
  }

  private static List<Connector> connectors(RouteRule rule, Map<String, Connector> known) {
    List<Connector> via = new ArrayList<>();
    for (String name : rule.via()) {
      var connector = known.get(name);
      if (connector == null) {
        throw new IllegalArgumentException(
            rule.origin() + ": there is no connector \"" + name + "\"");
      }
      via.add(connector.from(rule.source()));
    }
    return via;
  }

  private void index(Rule rule) {
    all.add(rule);
    var when = rule.when;
    headerNames.addAll(when.headerNames());
    senderKinds.addAll(when.from().kinds());
    recipientKinds.addAll(when.to().kinds());
    if (!when.to().isEmpty()) {
      put(rule, when.to().keys(), byRecipient);
    } else if (!when.from().isEmpty()) {
      put(rule, when.from().keys(), bySender);
    } else if (!when.clients().isEmpty()) {
      put(rule, when.clients(), byClient);
    } else {
      anywhere.add(rule);
    }
  }

  private static void put(Rule rule, Set<String> keys, Map<String, List<Rule>> index) {
    keys.forEach(key -> index.computeIfAbsent(key, _ -> new ArrayList<>()).add(rule));
  }

  /// The route of a recipient; empty when no rule matches: that is our administrator's fault, so
  /// the mail waits until he has mended it. What is not known of the mail matches no rule that asks
  /// for it.
  ///
  /// @param ask whether a directory may be asked, which takes its time
  /// @throws UndecidedException when a rule may match that asks for what cannot be known now, or
  ///   has to be asked
  public Optional<Route> route(MailFacts mail, Address recipient, boolean ask)
      throws UndecidedException {
    var keys = keys(mail, recipient);
    String client = mail.source().client();
    List<Rule> deep = new ArrayList<>(0);
    @Nullable Rule first = earlier(null, anywhere, keys, deep);
    first = earlier(first, byClient.get(client), keys, deep);
    for (int i = 0; i < keys.sender.size(); i++) {
      first = earlier(first, bySender.get(keys.sender.get(i)), keys, deep);
    }
    for (int i = 0; i < keys.recipient.size(); i++) {
      first = earlier(first, byRecipient.get(keys.recipient.get(i)), keys, deep);
    }
    first = earliest(first, deep, keys, ask);
    return first == null
        ? Optional.empty()
        : Optional.of(wished(decided(first.route, client, mail.sender()), mail.tls()));
  }

  /// The rules before that one that would match if the mail were so: `route 1 (poststation.conf:4)
  /// if it is larger than 5 MB`. Empty when all is known that they ask for.
  ///
  /// @throws UndecidedException when a rule may match that asks for what cannot be known now
  public List<String> open(MailFacts mail, Address recipient) throws UndecidedException {
    var keys = keys(mail, recipient);
    List<String> open = new ArrayList<>();
    for (var rule : all) {
      if (rule.matches(keys)
          && rule.when.header(mail, headerNames)
          && rule.when.directory(mail, recipient, true)) {
        break;
      }
      var conditions = rule.when.open(mail);
      if (!conditions.isEmpty()
          && rule.when.envelope(mail, keys.sender, keys.recipient)
          && rule.when.directory(mail, recipient, true)) {
        open.add(rule.route.describe() + " if " + String.join(" and ", conditions));
      }
    }
    return open;
  }

  private MailKeys keys(MailFacts mail, Address recipient) {
    return new MailKeys(
        mail,
        recipient,
        AddressPatterns.keysOf(mail.sender(), senderKinds),
        AddressPatterns.keysOf(recipient, recipientKinds));
  }

  /// The same route, with the accounts that the mail goes by.
  private Route decided(Route route, String clientRule, Address sender) {
    if (accounts.isEmpty()) {
      return route;
    }
    List<Connector> via = new ArrayList<>(route.via().size());
    for (var connector : route.via()) {
      var choice = accounts.get(connector.name());
      var source = route.rule().source();
      via.add(choice == null ? connector : choice.of(clientRule, sender).from(source));
    }
    return new Route(route.number(), route.rule(), via);
  }

  private static Route wished(Route route, TlsWish wish) {
    return wish == TlsWish.NONE
        ? route
        : new Route(route.number(), route.rule(), wished(route.via(), wish));
  }

  /// The same connectors under the terms of TLS that the mail wishes, which say nothing of the end
  /// of its way.
  private static List<Connector> wished(List<Connector> via, TlsWish wish) {
    if (wish == TlsWish.NONE) {
      return via;
    }
    List<Connector> under = new ArrayList<>(via.size());
    for (var connector : via) {
      boolean further = connector.type().sends() && !connector.type().last();
      under.add(further ? connector.under(connector.tls().wished(wish)) : connector);
    }
    return under;
  }

  /// Those of which more has to be looked at than the envelope are put aside: maybe nobody asks for
  /// it.
  private static @Nullable Rule earlier(
      @Nullable Rule best, @Nullable List<Rule> candidates, MailKeys mail, List<Rule> deep) {
    if (candidates == null) {
      return best;
    }
    for (int i = 0; i < candidates.size(); i++) {
      var candidate = candidates.get(i);
      if (best != null && candidate.route.number() >= best.route.number()) {
        return best;
      }
      if (!candidate.matches(mail)) {
        continue;
      }
      if (!candidate.when.isDeep()) {
        return candidate;
      }
      deep.add(candidate);
    }
    return best;
  }

  private @Nullable Rule earliest(@Nullable Rule best, List<Rule> deep, MailKeys mail, boolean ask)
      throws UndecidedException {
    deep.sort(Comparator.comparingInt(rule -> rule.route.number()));
    for (var candidate : deep) {
      if (best != null && candidate.route.number() > best.route.number()) {
        return best;
      }
      if (candidate.when.header(mail.facts, headerNames)
          && candidate.when.directory(mail.facts, mail.to, ask)) {
        return candidate;
      }
    }
    return best;
  }

  private record MailKeys(
      MailFacts facts, Address to, List<String> sender, List<String> recipient) {}

  private record Rule(Route route, Matching when) {
    private boolean matches(MailKeys mail) {
      return when.envelope(mail.facts, mail.sender, mail.recipient) && when.size(mail.facts);
    }
  }
}
