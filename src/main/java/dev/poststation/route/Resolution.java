package dev.poststation.route;

import dev.poststation.message.Outcome;
import java.util.List;

/// What a connector leads to for a domain: a destination, or why there is none.
public sealed interface Resolution {
  /// How it was found, in the order of events, one line each, for trace and explanation: `MX 10
  /// mx1.example.com`, `mx2.example.com has no address: left out`.
  List<String> facts();

  /// There.
  record Found(Destination destination, List<String> facts) implements Resolution {
    public Found {
      facts = List.copyOf(facts);
    }

    /// With nothing to tell.
    public Found(Destination destination) {
      this(destination, List.of());
    }
  }

  /// Nowhere: deferred (DNS does not answer), bounced (no such domain, null MX, loops back to us),
  /// or held or discarded, where that is what the connector is for.
  record Nowhere(Outcome outcome, List<String> facts) implements Resolution {
    public Nowhere {
      facts = List.copyOf(facts);
    }

    /// With nothing to tell but the outcome.
    public Nowhere(Outcome outcome) {
      this(outcome, List.of());
    }
  }
}
