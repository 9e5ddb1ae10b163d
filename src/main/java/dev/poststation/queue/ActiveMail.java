package dev.poststation.queue;

import dev.poststation.message.Content;
import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.message.Recipient;
import dev.poststation.message.RecipientState;
import dev.poststation.message.Schedule;
import dev.poststation.spool.Placement;
import dev.poststation.spool.Settlement;
import dev.poststation.spool.Spool;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A mail in memory: its recipients are being routed, ready, in flight, or wait for the others.
/// Guarded by its own monitor, never held over I/O.
final class ActiveMail {
  private final Mail mail;
  private final Content content;
  private final Timing timing;
  private final RecipientState[] states;
  private final boolean[] busy;
  private Placement placement;
  private final Wishes wishes = new Wishes();
  private String heldUpBy = "";
  private int jobs;
  private boolean gone;

  // Guarded by the scheduler's monitor.
  private Spool.@Nullable Due timer;

  /// When and how the mail came into memory, for the log's delays.
  ///
  /// @param intakeNanos from MAIL (or, for a mail that waited, from its arrival) until it was
  ///   activated
  /// @param activatedNanos the monotonic time of that
  record Timing(long intakeNanos, long activatedNanos) {}

  ActiveMail(Mail mail, Content content, Placement placement, Timing timing) {
    this.mail = mail;
    this.content = content;
    this.placement = placement;
    this.timing = timing;
    this.states = mail.states().toArray(RecipientState[]::new);
    this.busy = new boolean[states.length];
    this.wishes.hold(placement instanceof Placement.Held);
  }

  QueueId id() {
    return mail.envelope().id();
  }

  Mail mail() {
    return mail;
  }

  Content content() {
    return content;
  }

  Timing timing() {
    return timing;
  }

  /// Recipients that wait, are due, and are in no job; they count as being in one from now on.
  synchronized List<Recipient> takeDue(Instant now) {
    if (wishes.any()) {
      return List.of();
    }
    heldUpBy = "";
    if (states.length == 1) {
      return take(0, now) ? mail.recipients() : List.of();
    }
    List<Recipient> due = new ArrayList<>();
    for (int i = 0; i < states.length; i++) {
      if (take(i, now)) {
        due.add(mail.recipients().get(i));
      }
    }
    return due;
  }

  private boolean take(int number, Instant now) {
    boolean due = states[number].waiting() && !busy[number] && !states[number].due().isAfter(now);
    busy[number] |= due;
    return due;
  }

  /// Counts a job more, unless the mail has left memory.
  ///
  /// @return whether it did
  synchronized boolean jobStartedIfHere() {
    if (gone) {
      return false;
    }
    jobs++;
    return true;
  }

  /// The mail has left memory: no job may start any more.
  synchronized void leave() {
    gone = true;
  }

  /// Counts a job more; between `takeDue` and the last `jobEnded` there is always one.
  synchronized void jobStarted() {
    jobs++;
  }

  /// Counts a job less and frees its recipients.
  synchronized void jobEnded(List<Recipient> recipients) {
    jobs--;
    for (var recipient : recipients) {
      busy[recipient.number()] = false;
    }
  }

  /// Whether no job is left.
  synchronized boolean idle() {
    return jobs == 0;
  }

  synchronized RecipientState state(int number) {
    return states[number];
  }

  synchronized List<RecipientState> states() {
    return List.of(states);
  }

  synchronized Placement placement() {
    return placement;
  }

  synchronized void placement(Placement placement) {
    this.placement = placement;
  }

  Spool.@Nullable Due timer() {
    return timer;
  }

  void timer(Spool.@Nullable Due timer) {
    this.timer = timer;
  }

  /// The earliest time at which a recipient that is in no job is due; null when there is none, or
  /// when an administrator wants something else first.
  synchronized @Nullable Instant nextIdleDue() {
    Instant next = null;
    for (int i = 0; i < states.length && !wishes.any(); i++) {
      if (states[i].waiting() && !busy[i] && (next == null || states[i].due().isBefore(next))) {
        next = states[i].due();
      }
    }
    return next;
  }

  /// Whether it has not left memory.
  synchronized boolean isHere() {
    return !gone;
  }

  /// Whether an administrator wants something of it before it is attempted again.
  synchronized boolean wished() {
    return wishes.any();
  }

  /// Whether an administrator wants recipients bounced.
  synchronized boolean toBeBounced() {
    return wishes.bounces();
  }

  /// Whether it is to be held.
  synchronized boolean toBeHeld() {
    return wishes.hold();
  }

  /// It is to be held, or not any longer, unless it has left memory.
  ///
  /// @return false when it has
  synchronized boolean holdIfHere(boolean wanted) {
    if (!gone) {
      wishes.hold(wanted);
    }
    return !gone;
  }

  /// These recipients are to be bounced, unless the mail has left memory.
  ///
  /// @param recipients their numbers; empty: all
  /// @return false when it has
  synchronized boolean bounceIfHere(Set<Integer> recipients, String why) {
    if (!gone) {
      wishes.bounce(orAll(recipients), why);
    }
    return !gone;
  }

  /// These recipients are to be deleted, unless the mail has left memory.
  ///
  /// @param recipients their numbers; empty: all
  /// @return false when it has
  synchronized boolean deleteIfHere(Set<Integer> recipients, String why) {
    if (!gone) {
      wishes.delete(orAll(recipients), why);
    }
    return !gone;
  }

  private Set<Integer> orAll(Set<Integer> recipients) {
    return recipients.isEmpty()
        ? IntStream.range(0, states.length).boxed().collect(Collectors.toSet())
        : recipients;
  }

  /// Whom an administrator wants bounced, and why: those of them that wait. They are busy from now
  /// on, until `jobEnded`.
  synchronized Map<Recipient, String> takeBounces() {
    Map<Recipient, String> waiting = new LinkedHashMap<>();
    for (var each : wishes.takeBounces().entrySet()) {
      int number = each.getKey();
      if (states[number].waiting()) {
        busy[number] = true;
        waiting.put(mail.recipients().get(number), each.getValue());
      }
    }
    return waiting;
  }

  /// Whether no recipient is left to deliver to.
  synchronized boolean done() {
    for (var state : states) {
      if (state.waiting()) {
        return false;
      }
    }
    return true;
  }

  /// The earliest time at which a waiting recipient is due; null when none waits.
  synchronized @Nullable Instant nextDue() {
    Instant next = null;
    for (var state : states) {
      if (state.waiting() && (next == null || state.due().isBefore(next))) {
        next = state.due();
      }
    }
    return next;
  }

  /// When one of the waiting recipients is due in this span; null: none is.
  synchronized @Nullable Instant dueWithin(Instant from, Instant until) {
    for (var state : states) {
      if (state.waitsWithin(from, until)) {
        return state.due();
      }
    }
    return null;
  }

  /// A destination has no room now for some of the recipients.
  synchronized void heldUpBy(String destination) {
    heldUpBy = destination;
  }

  /// The one destination that every waiting recipient needs and that has no room; null: there is no
  /// such.
  synchronized @Nullable String waitsOnlyFor() {
    for (var state : states) {
      if (state.waiting() && !state.destination().equals(heldUpBy)) {
        return null;
      }
    }
    return heldUpBy.isEmpty() ? null : heldUpBy;
  }

  synchronized void apply(List<Settlement.Change> changes) {
    for (var change : changes) {
      states[change.recipient()] = change.state();
    }
  }

  /// Every waiting recipient is due at `now`, if it was due later.
  synchronized List<Settlement.Change> makeDue(Instant now) {
    List<Settlement.Change> changes = new ArrayList<>();
    for (int i = 0; i < states.length; i++) {
      if (states[i].waiting() && states[i].due().isAfter(now)) {
        states[i] = states[i].dueAt(now);
        changes.add(new Settlement.Change(i, states[i]));
      }
    }
    return changes;
  }

  /// Waiting recipients that are in no job, are due later, and of which `which` holds, are due at
  /// `now`, as if they had not been tried yet.
  ///
  /// @return whether there are such
  synchronized boolean startAnew(Instant now, BiPredicate<Recipient, RecipientState> which) {
    boolean any = false;
    for (int i = 0; i < states.length; i++) {
      boolean later = states[i].waiting() && !busy[i] && states[i].due().isAfter(now);
      if (later && which.test(mail.recipients().get(i), states[i])) {
        states[i] = states[i].dueAt(now).with(Schedule.begin(now));
        any = true;
      }
    }
    return any;
  }

  /// These recipients are due at `when` and not before.
  synchronized void postpone(List<Recipient> recipients, Instant when) {
    for (var recipient : recipients) {
      states[recipient.number()] = states[recipient.number()].dueAt(when);
    }
  }

  /// Ends those whom an administrator wants deleted, without telling anybody.
  synchronized List<Settlement.Change> deleteWished(Instant now) {
    List<Settlement.Change> changes = new ArrayList<>(0);
    for (var each : wishes.takeDeletions().entrySet()) {
      int number = each.getKey();
      var old = states[number];
      if (old.waiting()) {
        states[number] =
            new RecipientState(
                RecipientState.Phase.DELETED,
                old.attempts(),
                now,
                old.warned(),
                old.destination(),
                each.getValue(),
                old.schedule());
        changes.add(new Settlement.Change(number, states[number]));
      }
    }
    return changes;
  }
}
