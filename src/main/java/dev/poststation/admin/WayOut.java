package dev.poststation.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.conditions.MailFacts;
import dev.poststation.conditions.UndecidedException;
import dev.poststation.config.Connector;
import dev.poststation.config.Fallback;
import dev.poststation.config.Line;
import dev.poststation.config.SourceAddress;
import dev.poststation.message.Outcome;
import dev.poststation.queue.Directions;
import dev.poststation.route.NextHop;
import dev.poststation.route.Oversize;
import dev.poststation.route.Resolution;
import dev.poststation.route.Route;
import dev.poststation.smtp.Address;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/// Which way a mail would take, for [Explanation]: its route, and what each connector of that would
/// do. Immutable; safe for any thread.
final class WayOut {
  private final Directions directions;

  WayOut(Directions directions) {
    this.directions = directions;
  }

  /// Adds the way to the answer.
  ///
  /// @return whether it would be tried, at once or later; false: it would bounce at once
  boolean tell(MailFacts mail, Address to, SenderOnTheWay sender, Instant when, ObjectNode answer) {
    Optional<Route> route;
    List<String> open;
    try {
      route = directions.route(mail, to, true);
      open = directions.open(mail, to);
    } catch (UndecidedException e) {
      answer.put("deliverable", false);
      answer.put("route", "not known now, the mail would wait: " + e.reason());
      return true;
    }
    if (!open.isEmpty()) {
      answer.set("unless", Json.texts(open));
    }
    if (route.isEmpty()) {
      answer.put("deliverable", false);
      answer.put("route", "no rule in routes matches: the mail would wait until one does");
      return true;
    }
    answer.put("route", route.get().describe());
    boolean found = false;
    boolean bounces = false;
    boolean held = false;
    var connectors = answer.putArray("connectors");
    var ways = route.get().rule().ways();
    for (Connector connector : route.get().via()) {
      var entry = connectors.addObject();
      connector(connector, entry);
      var way = ways.get(connectors.size() - 1);
      if (!way.share(ways).isEmpty()) {
        entry.put("priority", way.priority()).put("share", way.share(ways));
      }
      if (connector.type().sends()) {
        closed(connector.line(), mail, when, entry);
      }
      sender.add(connector, route.get().sharing(way), entry);
      var oversize = Oversize.of(connector, mail);
      if (oversize.isPresent()) {
        boolean last =
            connector.equals(route.get().via().getLast())
                || !route.get().rule().fallback().contains(Fallback.CONNECTION);
        bounces |= !found && !held && last;
        entry.put("nowhere", nowhere(oversize.get()));
        continue;
      }
      var resolution = directions.resolve(connector, to.domainKey());
      entry.set("facts", Json.texts(resolution.facts()));
      switch (resolution) {
        case Resolution.Found(var destination, _) -> {
          found = true;
          var terms = destination.connector().tls();
          entry.put("destination", destination.name());
          entry.put("tls", terms.word());
          entry.set(
              "hosts", Json.texts(destination.hosts().stream().map(NextHop::toString).toList()));
        }
        case Resolution.Nowhere(var outcome, _) -> {
          // There is no fallback from it.
          boolean last = outcome instanceof Outcome.Bounced || outcome instanceof Outcome.Discarded;
          bounces |= !found && !held && last;
          held |= !found && !bounces && outcome instanceof Outcome.Held;
          entry.put("nowhere", nowhere(outcome));
        }
      }
    }
    if (held && !answer.has("held")) {
      answer.put("held", "by a connector, until an administrator releases it");
    }
    answer.put("deliverable", (found || held) && !bounces);
    return !bounces && (found || !held);
  }

  private static void connector(Connector connector, ObjectNode entry) {
    entry.put("name", connector.name());
    entry.put("origin", connector.origin().text());
    entry.put("type", Json.word(connector.type()));
    if (connector.type().sends()) {
      entry.put("tls", connector.tls().word());
    }
    if (!connector.line().describe().isEmpty()) {
      entry.put("line", connector.line().describe());
    }
    var sources = connector.egress().sources();
    if (!sources.isEmpty() && connector.type().sends()) {
      entry.set("sources", Json.texts(sources.stream().map(SourceAddress::toString).toList()));
      entry.put("sourcesOf", connector.egress().routed() ? "route" : "connector");
    }
    var proxy = connector.egress().proxy();
    if (proxy != null && connector.type().sends()) {
      entry.put("proxy", proxy.toString());
    }
    var account = connector.account();
    if (account != null) {
      entry.put("user", account.name());
      entry.put("account", account.origin().text());
      var fixed = account.mechanism();
      entry.put("mechanism", fixed == null ? "the strongest offered" : fixed.word());
    }
  }

  /// Until when its hours are not, for this mail; of one whose size is not known for what they
  /// mean.
  private static void closed(Line line, MailFacts mail, Instant when, ObjectNode entry) {
    long size = mail.sizeKnown() ? mail.size() : line.largerThan() + 1;
    var opens = line.opens(size, when);
    if (opens.isAfter(when)) {
      entry.put("opens", local(opens));
    }
  }

  /// By the clock on the wall of this machine, and how far that is from UTC.
  static String local(Instant moment) {
    return OffsetDateTime.ofInstant(moment, ZoneId.systemDefault())
        .truncatedTo(ChronoUnit.SECONDS)
        .toString();
  }

  private static String nowhere(Outcome outcome) {
    String what =
        switch (outcome) {
          case Outcome.Bounced _ -> "bounced";
          case Outcome.Deferred _ -> "deferred";
          case Outcome.Delivered _ -> "delivered";
          case Outcome.Held _ -> "held";
          case Outcome.Discarded _ -> "discarded";
        };
    return what + ": " + outcome.status() + " " + outcome.text();
  }
}
