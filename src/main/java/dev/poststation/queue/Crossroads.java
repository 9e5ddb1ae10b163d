package dev.poststation.queue;

import dev.poststation.config.Connector;
import dev.poststation.message.Outcome;
import dev.poststation.message.Recipient;
import dev.poststation.route.MailFacts;
import dev.poststation.route.Route;
import dev.poststation.route.UndecidedException;
import dev.poststation.smtp.EnhancedStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// Where the recipients of a mail part: those that go the same way become one job. Safe for any
/// thread.
final class Crossroads {
  private static final Outcome NO_ROUTE =
      new Outcome.Deferred(
          Outcome.Stage.ROUTE,
          new EnhancedStatus(4, 3, 5),
          "no rule in routes matches: the mail waits until one does",
          null);

  private final Supplier<Directions> directions;
  private final Routing routing;
  private final Settling settling;

  Crossroads(Supplier<Directions> directions, Routing routing, Settling settling) {
    this.directions = directions;
    this.routing = routing;
    this.settling = settling;
  }

  private record Way(Route route, String domain) {}

  /// Sends recipients on their way; who has none waits.
  void route(ActiveMail active, List<Recipient> recipients) {
    if (recipients.isEmpty()) {
      return;
    }
    var by = directions.get();
    var mail = MailFacts.of(active.mail(), active.content());
    Map<Way, List<Recipient>> ways = new LinkedHashMap<>();
    Map<Outcome, List<Recipient>> wayless = new LinkedHashMap<>(0);
    for (var recipient : recipients) {
      try {
        var route = by.route(mail, recipient.address());
        if (route.isEmpty()) {
          add(wayless, NO_ROUTE, recipient);
        } else {
          add(ways, way(route.get(), recipient, recipients.size() == 1), recipient);
        }
      } catch (UndecidedException e) {
        add(wayless, undecided(e), recipient);
      }
    }
    ways.forEach((way, some) -> submit(active, some, by, way));
    wayless.forEach((why, some) -> wayless(active, some, by, why));
  }

  private static <K> void add(Map<K, List<Recipient>> to, K key, Recipient recipient) {
    to.computeIfAbsent(key, _ -> new ArrayList<>(1)).add(recipient);
  }

  /// Where the connectors do not look at the domain, recipients of all domains go together.
  private static Way way(Route route, Recipient recipient, boolean alone) {
    boolean together =
        !alone && route.via().stream().allMatch(each -> each.type() != Connector.Type.MX);
    return new Way(route, together ? "" : recipient.address().domainKey());
  }

  private static Outcome undecided(UndecidedException why) {
    return new Outcome.Deferred(
        Outcome.Stage.ROUTE, new EnhancedStatus(4, 3, 0), "no route yet: " + why.reason(), null);
  }

  private void submit(ActiveMail active, List<Recipient> recipients, Directions by, Way way) {
    active.jobStarted();
    routing.submit(new Job(active, recipients, by, way.route(), 0, way.domain(), Before.NOTHING));
  }

  private void wayless(ActiveMail active, List<Recipient> recipients, Directions by, Outcome why) {
    if (!by.equals(directions.get())) {
      route(active, recipients); // They were changed meanwhile.
      return;
    }
    active.jobStarted();
    settling.wayless(active, recipients, why);
  }
}
