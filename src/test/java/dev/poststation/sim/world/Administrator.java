package dev.poststation.sim.world;

import dev.poststation.Poststation;
import dev.poststation.message.QueueId;
import dev.poststation.queue.Control;
import dev.poststation.queue.QueueEntry;
import dev.poststation.queue.Selection;
import dev.poststation.spool.SpoolException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/// Whoever looks after the relay: sees to it that each mail that waits says why, and until when,
/// and now and then does something about one. Works on threads of the relay's process, which may
/// end at any moment. Confined to the kernel's thread.
final class Administrator {
  private static final Selection EVERYTHING =
      new Selection(List.of(), null, null, null, null, null, null, null);

  /// A mail may be this late when there is room for it, and later when it was just released.
  private static final Duration LATE = Duration.ofMinutes(3);

  /// A mail never waits longer than the longest of `queue.retry`, a random part of that included.
  private static final Duration PATIENT = Duration.ofMinutes(75);

  private final Ledger ledger;
  private final RandomGenerator chance;
  private Set<QueueId> late = new HashSet<>();
  private Set<QueueId> lateBefore = Set.of();
  private long actions;

  Administrator(Ledger ledger, RandomGenerator chance) {
    this.ledger = ledger;
    this.chance = chance;
  }

  /// Things done so far.
  long actions() {
    return actions;
  }

  /// Looks at everything.
  ///
  /// @param works whether the disk does
  void look(Poststation relay, Instant now, boolean works) {
    var limits = relay.configuration().limits();
    int active = relay.queue().load().active();
    if (active > limits.activeMails() + 1) {
      ledger.broken("more mails are active than may be: " + active);
    }
    if (relay.sessions() > limits.sessions() + 1) {
      ledger.broken("more sessions than may be: " + relay.sessions());
    }
    boolean full = active >= limits.activeMails();
    lateBefore = late;
    late = new HashSet<>();
    try {
      relay.control().visit(EVERYTHING, entry -> look(entry, now, full));
    } catch (SpoolException e) {
      if (works) {
        ledger.broken("the queue cannot be looked at: " + e.getMessage());
      }
    }
  }

  /// @param full whether there is no room in memory, so that what is due has to wait
  private boolean look(QueueEntry entry, Instant now, boolean full) {
    var patient = now.plus(PATIENT);
    if (entry.place().equals("deferred")
        && entry.recipients().stream()
            .allMatch(line -> line.next() != null && line.next().isAfter(patient))) {
      ledger.broken(entry.id() + " waits too long, at " + now + ": " + entry);
    }
    for (var line : entry.recipients()) {
      if (!line.phase().equals("waiting")) {
        continue;
      }
      if (line.reason().isEmpty()) {
        ledger.broken(entry.id() + " waits without a reason: " + line);
      }
      var next = line.next();
      boolean due = next == null || next.plus(LATE).isBefore(now);
      if (due && !full && entry.place().equals("deferred")) {
        late.add(entry.id());
        if (lateBefore.contains(entry.id())) {
          ledger.broken(entry.id() + " is overdue at " + now + ": " + entry);
        }
      }
    }
    return true;
  }

  /// In the end nothing may be left.
  void lastLook(Poststation relay) {
    var usage = relay.spool().usage();
    var load = relay.queue().load();
    if (usage.mails() != 0 || usage.corrupt() != 0 || load.active() != 0) {
      ledger.broken("in the end there are " + usage + " and " + load);
    }
    try {
      relay
          .control()
          .visit(
              EVERYTHING,
              entry -> {
                ledger.broken("is still there: " + entry);
                return true;
              });
    } catch (SpoolException e) {
      ledger.broken("the queue cannot be looked at: " + e.getMessage());
    }
  }

  /// Does something about a mail, or some.
  void meddle(Poststation relay) {
    try {
      List<QueueEntry> some = new ArrayList<>();
      relay
          .control()
          .visit(
              EVERYTHING,
              entry -> {
                if (chance.nextInt(3) == 0) {
                  some.add(entry);
                }
                return some.size() < 5;
              });
      var all = Control.Action.values();
      act(relay, all[chance.nextInt(all.length)], some);
    } catch (SpoolException _) {
      // Another time.
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// Ends all holds.
  void releaseAll(Poststation relay) {
    try {
      List<QueueEntry> held = new ArrayList<>();
      relay.control().visit(EVERYTHING, entry -> !entry.place().equals("held") || held.add(entry));
      act(relay, Control.Action.RELEASE, held);
    } catch (SpoolException e) {
      ledger.broken("the queue cannot be looked at: " + e.getMessage());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void act(Poststation relay, Control.Action action, List<QueueEntry> about)
      throws InterruptedException, SpoolException {
    if (about.isEmpty()) {
      return;
    }
    actions++;
    boolean ends = action == Control.Action.BOUNCE || action == Control.Action.DELETE;
    List<Control.Meant> meant = new ArrayList<>();
    for (var entry : about) {
      if (ends) {
        ledger.meddledWith(number(entry));
      }
      meant.add(Control.Meant.whole(entry.id()));
    }
    List<QueueId> done = relay.control().act(action, meant, "the administrator of this world");
    for (var entry : about) {
      if (ends && done.contains(entry.id()) && !entry.sender().isNull()) {
        ledger.endedByHand(number(entry));
      }
    }
  }

  /// The mail, or that which it is a notice about.
  private static int number(QueueEntry entry) {
    return Postbox.number(entry.recipients().getFirst().address().toString());
  }
}
