package dev.poststation.queue;

import dev.poststation.config.Connector;
import dev.poststation.delivery.Opening;
import dev.poststation.os.Time;
import dev.poststation.route.Destination;
import dev.poststation.route.NextHop;
import dev.poststation.route.Resolution;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks hosts that nobody has called for long, by a connection without mail, whether they work: so
/// that a dead standby is known before it is needed (`probe-every`). What comes of it is kept where
/// that of mail is: in the [Breakers] of the destination, and in whether it is set aside. One
/// connection for each connector at a time. Safe for any thread.
final class Standbys implements Turnstile.Waiter {
  private static final Logger LOG = LoggerFactory.getLogger(Standbys.class);
  private static final Duration LOOK_EVERY = Duration.ofMinutes(1);

  /// Longer than that no step of a probe may take.
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Shares shared;
  private final Supplier<Directions> directions;
  private final Ready ready;
  private final Time.Signal closing;

  /// The connectors whose hosts are being asked.
  private final Set<String> asking = ConcurrentHashMap.newKeySet();

  Standbys(Shares shared, Supplier<Directions> directions, Ready ready) {
    this.shared = shared;
    this.directions = directions;
    this.ready = ready;
    this.closing = shared.os().time().signal();
  }

  void start() {
    shared.os().tasks().virtual("standbys", this::run);
  }

  /// Nobody is asked from now on.
  void stop() {
    closing.raise();
  }

  private void run() {
    try {
      while (!closing.await(LOOK_EVERY)) {
        shared.overflows().look();
        for (var connector : directions.get().standbys()) {
          if (asking.add(connector.label())) {
            shared.os().tasks().virtual("standby-" + connector.label(), () -> look(connector));
          }
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void look(Connector connector) {
    try {
      // Without a login all accounts are told by one connection.
      var all = connector.decided();
      if (connector.pool().probe().login()) {
        all.forEach(each -> look(List.of(each)));
      } else {
        look(all);
      }
    } catch (RuntimeException e) {
      LOG.error("Our own fault while hosts of {} were asked; it goes on", connector.label(), e);
    } finally {
      asking.remove(connector.label());
    }
  }

  /// @param connectors one, decided for some accounts
  private void look(List<Connector> connectors) {
    List<Destination> all = new ArrayList<>();
    for (var connector : connectors) {
      if (directions.get().resolve(connector, "") instanceof Resolution.Found(var found, _)) {
        all.add(found); // Where a name leads that is not known now, mail will say.
      }
    }
    if (all.isEmpty()) {
      return;
    }
    for (var hop : all.getFirst().hosts()) {
      var asking = all.stream().filter(each -> isOpen(ready.known(each), each)).toList();
      var due = asking.stream().filter(each -> isDue(ready.known(each), each, hop)).toList();
      // Who works and was heard of speaks for the others that work.
      boolean heard = asking.stream().anyMatch(each -> works(each) && !due.contains(each));
      boolean wanted = heard ? !due.stream().allMatch(this::works) : !due.isEmpty();
      if (wanted) {
        ask(due.getFirst(), hop)
            .ifPresent(
                opening -> due.forEach(each -> learn(ready.known(each), each, hop, opening)));
      }
      if (ready.draining()) {
        return;
      }
    }
  }

  /// Empty while there is no room for another connection: then it waits for the next look.
  private Optional<Opening> ask(Destination where, NextHop hop) {
    var gate = shared.gate(where.connector());
    var place = shared.connections().enterAtOnce(gate, this, false);
    if (place == null) {
      return Optional.empty();
    }
    try {
      // One that is slow to greet is not to be kept away for good.
      var known = ready.known(where);
      boolean failing = known.locked(known.aside::failing);
      var connector = failing ? where.connector() : where.connector().within(PATIENCE);
      var by = connector.pool().probe().login() ? connector : connector.asNobody();
      var opening = shared.opener().open(new Destination(where.name(), by, List.of(hop)));
      if (opening instanceof Opening.Opened opened) {
        opened.conversation().close();
      }
      return Optional.of(opening);
    } finally {
      shared.connections().leave(place);
    }
  }

  /// It never stands in line.
  @Override
  public boolean admitted(Turnstile.Place place) {
    return false;
  }

  private boolean works(Destination where) {
    var queue = ready.known(where);
    return queue.locked(queue.aside::why) == null;
  }

  /// Whether a probe would say anything about it: not while it is left alone, nor where it is its
  /// account that is at fault.
  private static boolean isOpen(DestinationQueue queue, Destination where) {
    var why = queue.locked(queue.aside::why);
    boolean login = where.connector().pool().probe().login();
    boolean known = why != null && (why.paused() || (Breakers.isLogin(why) && !login));
    return !known && queue.setAsideTime() == null;
  }

  private static boolean isDue(DestinationQueue queue, Destination where, NextHop hop) {
    boolean failing = queue.locked(queue.aside::failing);
    return failing ? queue.stopped() : queue.breakers.due(hop, where.connector().pool().probe());
  }

  private void learn(DestinationQueue queue, Destination where, NextHop hop, Opening opening) {
    boolean others = queue.breakers.probed(where, hop, opening);
    switch (opening) {
      case Opening.Opened _ -> queue.revival.works(where);
      case Opening.Withheld _ -> {}
      case Opening.Failed failed -> {
        // A host that refuses the account for good speaks for all; one that cannot tell, for itself.
        boolean account = Breakers.isLogin(failed.outcome()) && failed.refusals().isEmpty();
        if (account || (!others && !failed.refusals().isEmpty())) {
          queue.revival.dead(where, failed);
        }
      }
    }
  }
}
