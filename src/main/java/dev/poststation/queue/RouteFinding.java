package dev.poststation.queue;

import dev.poststation.conditions.MailFacts;
import dev.poststation.conditions.UndecidedException;
import dev.poststation.route.Route;
import dev.poststation.smtp.Address;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks the directions for the route of a recipient. A fault of ours in that is like a rule that
/// cannot be decided now: the mail is deferred, and holds up no other. It is told once for all mail
/// that comes to it. Safe for any thread.
final class RouteFinding {
  private static final Logger LOG = LoggerFactory.getLogger(RouteFinding.class);

  /// So many faults are remembered as told.
  private static final int TOLD_MAX = 100;

  // Guarded by this.
  private final Set<String> told = new HashSet<>();
  private @Nullable Directions toldOf;

  /// As `Directions.route` of these directions.
  Optional<Route> route(Directions by, MailFacts mail, Address recipient, boolean ask)
      throws UndecidedException {
    try {
      return by.route(mail, recipient, ask);
    } catch (RuntimeException e) {
      if (tells(by, e)) {
        LOG.error(
            "Our own fault while looking for a route; the mail, and other such, is deferred", e);
      }
      throw new UndecidedException("internal error of this relay; see its server log");
    }
  }

  /// Whether it was not told yet of these directions. The words of a fault may be those of a mail:
  /// what it is, and where it happened, is what it is known by.
  private synchronized boolean tells(Directions by, RuntimeException fault) {
    if (!by.equals(toldOf) || told.size() == TOLD_MAX) {
      told.clear();
      toldOf = by;
    }
    var stack = fault.getStackTrace();
    return told.add(fault.getClass().getName() + (stack.length == 0 ? "" : " " + stack[0]));
  }
}
