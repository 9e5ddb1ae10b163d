package dev.poststation.route;

import dev.poststation.message.Outcome;

/// What a connector leads to for a domain: a destination, or why there is none.
public sealed interface Resolution {
  /// There.
  record Found(Destination destination) implements Resolution {}

  /// Nowhere: deferred (DNS does not answer) or bounced (no such domain, null MX, loops back to us).
  record Nowhere(Outcome outcome) implements Resolution {}
}
