package dev.poststation.route;

import dev.poststation.config.Configuration;
import dev.poststation.config.Connector;
import dev.poststation.config.RouteRule;
import dev.poststation.message.AddressPatterns;
import dev.poststation.message.AddressPatterns.Kind;
import dev.poststation.smtp.Address;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Decides which route a recipient takes: the first rule of `routes` whose conditions all hold.
/// Immutable, safe for any thread, never waits. Ten thousand rules or patterns take no more time
/// than one; only rules that share a pattern are looked at one after the other.
///
/// What the patterns mean: `user@example.com` is a mailbox (without regard to case), `example.com`
/// or `@example.com` a domain, `.example.com` all domains below it but not itself, `<>` the null
/// reverse-path. Unicode and A-label spellings of a domain are the same. A recipient without a
/// domain (`<Postmaster>`) is meant by no pattern.
public final class Router {
  // Each rule stands under the keys of one of its conditions, by its place in the file: the rules
  // that can match are
  // those under the keys of the mail.
  private final Map<String, List<Rule>> byRecipient = new HashMap<>();
  private final Map<String, List<Rule>> bySender = new HashMap<>();
  private final Map<String, List<Rule>> byClient = new HashMap<>();
  private final List<Rule> unconditional = new ArrayList<>();

  /// Of the connectors that have several accounts, by their names.
  private final Map<String, AccountChoice> accounts = new HashMap<>();

  private final Set<Kind> senderKinds = EnumSet.noneOf(Kind.class);
  private final Set<Kind> recipientKinds = EnumSet.noneOf(Kind.class);

  /// A router for the routes of a configuration.
  ///
  /// @throws IllegalArgumentException when a rule names a connector that does not exist; the check
  ///   comes first
  public Router(Configuration configuration) {
    for (var connector : configuration.connectors().values()) {
      if (connector.hasAccounts()) {
        accounts.put(connector.name(), new AccountChoice(connector));
      }
    }
    int number = 1;
    for (var settings : configuration.routes()) {
      index(
          new Rule(
              new Route(number++, settings, connectors(settings, configuration.connectors()))));
    }
  }

  private static List<Connector> connectors(RouteRule rule, Map<String, Connector> known) {
    List<Connector> via = new ArrayList<>();
    for (String name : rule.via()) {
      var connector = known.get(name);
      if (connector == null) {
        throw new IllegalArgumentException(
            rule.origin() + ": there is no connector \"" + name + "\"");
      }
      via.add(connector);
    }
    return via;
  }

  private void index(Rule rule) {
    senderKinds.addAll(rule.from.kinds());
    recipientKinds.addAll(rule.to.kinds());
    if (!rule.to.isEmpty()) {
      put(rule, rule.to.keys(), byRecipient);
    } else if (!rule.from.isEmpty()) {
      put(rule, rule.from.keys(), bySender);
    } else if (!rule.clients.isEmpty()) {
      put(rule, rule.clients, byClient);
    } else {
      unconditional.add(rule);
    }
  }

  private static void put(Rule rule, Set<String> keys, Map<String, List<Rule>> index) {
    keys.forEach(key -> index.computeIfAbsent(key, _ -> new ArrayList<>()).add(rule));
  }

  /// The route of a recipient; empty when no rule matches: that is our administrator's fault, so
  /// the mail waits until he has mended it.
  ///
  /// @param clientRule the name of the rule of `clients` that let the mail in
  public Optional<Route> route(String clientRule, Address sender, Address recipient) {
    var mail =
        new MailKeys(
            clientRule,
            AddressPatterns.keysOf(sender, senderKinds),
            AddressPatterns.keysOf(recipient, recipientKinds));
    @Nullable Rule first = unconditional.isEmpty() ? null : unconditional.getFirst();
    first = earlier(first, byClient.get(clientRule), mail);
    for (int i = 0; i < mail.sender.size(); i++) {
      first = earlier(first, bySender.get(mail.sender.get(i)), mail);
    }
    for (int i = 0; i < mail.recipient.size(); i++) {
      first = earlier(first, byRecipient.get(mail.recipient.get(i)), mail);
    }
    return first == null ? Optional.empty() : Optional.of(decided(first.route, clientRule, sender));
  }

  /// The same route, with the accounts that the mail goes by.
  private Route decided(Route route, String clientRule, Address sender) {
    if (accounts.isEmpty()) {
      return route;
    }
    List<Connector> via = new ArrayList<>(route.via().size());
    for (var connector : route.via()) {
      var choice = accounts.get(connector.name());
      via.add(choice == null ? connector : choice.of(clientRule, sender));
    }
    return new Route(route.number(), route.rule(), via);
  }

  private static @Nullable Rule earlier(
      @Nullable Rule best, @Nullable List<Rule> candidates, MailKeys mail) {
    if (candidates == null) {
      return best;
    }
    for (int i = 0; i < candidates.size(); i++) {
      var candidate = candidates.get(i);
      if (best != null && candidate.route.number() >= best.route.number()) {
        return best;
      }
      if (candidate.matches(mail)) {
        return candidate;
      }
    }
    return best;
  }

  private record MailKeys(String client, List<String> sender, List<String> recipient) {}

  private static final class Rule {
    private final AddressPatterns from;
    private final AddressPatterns to;
    private final Set<String> clients;
    private final Route route;

    private Rule(Route route) {
      this.from = new AddressPatterns(route.rule().from());
      this.to = new AddressPatterns(route.rule().to());
      this.clients = new HashSet<>(route.rule().client());
      this.route = route;
    }

    private boolean matches(MailKeys mail) {
      return to.match(mail.recipient)
          && from.match(mail.sender)
          && (clients.isEmpty() || clients.contains(mail.client));
    }
  }
}
