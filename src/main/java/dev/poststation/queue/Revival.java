package dev.poststation.queue;

import dev.poststation.delivery.Opening;
import dev.poststation.route.Destination;

/// Finds out whether a destination that was set aside is back, by a connection without mail: mail
/// that has another way goes that way until one has succeeded, so that a host that takes
/// connections and is silent holds up none. Safe for any thread.
final class Revival {
  private final Shares shared;
  private final DestinationQueue queue;

  Revival(Shares shared, DestinationQueue queue) {
    this.shared = shared;
    this.queue = queue;
  }

  /// Asks, as mail would: with the login and the time-outs that it has. Returns at once.
  void begin(Destination where) {
    var probe = new Probe(shared, "revival-" + where.name(), () -> ask(where));
    probe.begin(shared.gate(where.connector()));
  }

  private void ask(Destination where) {
    try {
      var by = queue.breakers.order(where).where();
      var opening = shared.opener().open(by);
      queue.breakers.met(by, opening);
      switch (opening) {
        case Opening.Opened opened -> {
          opened.conversation().close();
          works(where);
        }
        case Opening.Withheld withheld ->
            queue.locked(() -> queue.aside.rest(withheld.until(), withheld.why()));
        case Opening.Failed failed -> dead(where, failed);
      }
    } finally {
      queue.locked(queue.aside::asked);
    }
  }

  /// A connection without mail was opened.
  void works(Destination where) {
    if (queue.locked(queue.aside::forget)) {
      shared.settling().destinationBack(where.name());
      shared.onRoom().accept(where.name());
      shared.overflows().free(where.connector());
    }
  }

  /// None could be.
  void dead(Destination where, Opening.Failed failed) {
    var why = Breakers.deferred(failed.outcome());
    boolean before = queue.locked(queue.aside::failing);
    // Who has a connection open is not dead.
    var until = queue.locked(() -> queue.window.open() > 0 ? null : queue.aside.failed(why));
    if (until != null && !before) {
      shared.settling().destinationSetAside(where.name(), until, why, failed.obstacle());
    }
  }

  /// One mail asks whether it is back.
  void endSetAside() {
    queue.locked(queue.aside::end);
    shared.onRoom().accept(queue.destination().name());
  }

  /// Whether it could not be reached: that is forgotten, it is tried as if for the first time.
  boolean forgetFailures() {
    boolean failed = queue.locked(queue::forgetAll);
    shared.opener().forget(queue.destination());
    if (failed) {
      shared.onRoom().accept(queue.destination().name());
    }
    return failed;
  }
}
