package dev.poststation.route;

import dev.poststation.config.AccountRule;
import dev.poststation.config.Connector;
import dev.poststation.message.AddressPatterns;
import dev.poststation.message.AddressPatterns.Kind;
import dev.poststation.smtp.Address;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Decides as which account a mail goes by a connector: the first entry of its `auth` whose
/// conditions all hold. Patterns mean what they mean in `routes`. Immutable, safe for any thread; a
/// thousand accounts take no more time than one.
final class AccountChoice {
  private final Connector connector;

  // As in Router: each rule stands under the keys of one of its conditions.
  private final Map<String, List<Rule>> bySender = new HashMap<>();
  private final Map<String, List<Rule>> byClient = new HashMap<>();
  private @Nullable Rule unconditional;
  private final Set<Kind> kinds = EnumSet.noneOf(Kind.class);

  private record Rule(int number, AddressPatterns from, Set<String> clients, Connector as) {
    private boolean matches(List<String> sender, String client) {
      return from.match(sender) && (clients.isEmpty() || clients.contains(client));
    }
  }

  /// @param connector one with several accounts
  AccountChoice(Connector connector) {
    this.connector = connector;
    var auth = connector.auth();
    Map<String, Connector> decided = new HashMap<>();
    int number = 0;
    for (AccountRule rule : auth == null ? List.<AccountRule>of() : auth.rules()) {
      var account = rule.account();
      var as = decided.computeIfAbsent(account.name(), _ -> connector.as(account));
      index(new Rule(number++, new AddressPatterns(rule.from()), new HashSet<>(rule.client()), as));
    }
  }

  private void index(Rule rule) {
    kinds.addAll(rule.from.kinds());
    if (!rule.from.isEmpty()) {
      put(rule, rule.from.keys(), bySender);
    } else if (!rule.clients.isEmpty()) {
      put(rule, rule.clients, byClient);
    } else if (unconditional == null) {
      unconditional = rule;
    }
  }

  private static void put(Rule rule, Set<String> keys, Map<String, List<Rule>> index) {
    keys.forEach(key -> index.computeIfAbsent(key, _ -> new ArrayList<>()).add(rule));
  }

  /// The connector, decided for the account of this mail; undecided when no account is for it.
  Connector of(String client, Address sender) {
    var keys = AddressPatterns.keysOf(sender, kinds);
    var first = earlier(unconditional, byClient.get(client), keys, client);
    for (int i = 0; i < keys.size(); i++) {
      first = earlier(first, bySender.get(keys.get(i)), keys, client);
    }
    return first == null ? connector : first.as;
  }

  private static @Nullable Rule earlier(
      @Nullable Rule best, @Nullable List<Rule> candidates, List<String> sender, String client) {
    if (candidates == null) {
      return best;
    }
    for (int i = 0; i < candidates.size(); i++) {
      var candidate = candidates.get(i);
      if (best != null && candidate.number >= best.number) {
        return best;
      }
      if (candidate.matches(sender, client)) {
        return candidate;
      }
    }
    return best;
  }
}
