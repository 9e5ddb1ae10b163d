package dev.poststation.queue;

import dev.poststation.config.Connector;
import dev.poststation.message.Recipient;
import dev.poststation.route.Route;
import java.util.List;

/// Some recipients of an active mail that go the same way. Immutable.
///
/// @param by the directions that found the route; others may be in force by now
/// @param route the rule that matched, with its connectors
/// @param choice which of them is being tried, from 0
/// @param domain the recipients' domain
record Job(
    ActiveMail mail,
    List<Recipient> recipients,
    Directions by,
    Route route,
    int choice,
    String domain) {
  Connector connector() {
    return route.via().get(choice);
  }

  boolean hasFallback() {
    return choice + 1 < route.via().size();
  }

  /// Whether an administrator ordered something else for one of the recipients, or the mail.
  boolean unwanted() {
    return mail.unwanted(recipients);
  }

  /// The same by the next connector of the route.
  Job fallback() {
    return new Job(mail, recipients, by, route, choice + 1, domain);
  }

  /// The same for some of the recipients.
  Job only(List<Recipient> some) {
    return new Job(mail, some, by, route, choice, domain);
  }
}
