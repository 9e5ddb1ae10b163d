package dev.poststation.queue;

import dev.poststation.bounce.NoticeRequest;
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
import org.jspecify.annotations.Nullable;

/// A mail in memory: its recipients are being routed, ready, in flight, or wait for the others.
/// Guarded by its own monitor, never held over I/O.
final class ActiveMail {
  private final Mail mail;
  private final Timing timing;
  private final RecipientState[] states;
  private final boolean[] busy;

  /// The last failure of each recipient in memory, for a warning; null: there was none.
  private NoticeRequest.@Nullable Told @Nullable [] failures;

  private Content content;
  private Placement placement;
  private boolean held;
  private String heldUpBy = "";
  private int jobs;
  private boolean gone;

  /// What is to happen at the time that the mail names has happened, or is happening.
  private boolean deadlineSeen;

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
    this.held = Placement.waitsForSomebody(placement);
  }

  QueueId id() {
    return mail.envelope().id();
  }

  Mail mail() {
    return mail;
  }

  synchronized Content content() {
    return content;
  }

  /// From now on it is another one, to be read back from the spool: what was in memory is not ours
  /// any more.
  synchronized void content(Content readBack) {
    content = readBack;
  }

  Timing timing() {
    return timing;
  }

  /// Recipients that wait, are due, and are in no job; they count as being in one from now on.
  synchronized List<Recipient> takeDue(Instant now) {
    if (held) {
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

  /// The earliest time at which a recipient that is in no job is due, or the time comes that the
  /// mail names; null when there is none, or the mail is held.
  synchronized @Nullable Instant nextIdleDue() {
    Instant next = null;
    for (int i = 0; i < states.length && !held; i++) {
      var due = busy[i] ? deadline(states[i]) : states[i].due();
      if (states[i].waiting() && due != null && (next == null || due.isBefore(next))) {
        next = due;
      }
    }
    return next;
  }

  private @Nullable Instant deadline(RecipientState state) {
    return deadlineSeen ? null : Deadlines.pending(mail.envelope(), state);
  }

  /// Whether it is to go back to its sender. Then what is in a job needs no timer any more.
  synchronized boolean deadlinePassed(Instant now) {
    boolean over = Deadlines.over(mail.envelope(), now);
    deadlineSeen |= over;
    return over;
  }

  /// Those who wait at the time that the mail names, and whom the sender was not told of: once. A
  /// job is counted if there are any, but they are not in it.
  synchronized List<Recipient> takeLate() {
    if (deadlineSeen || held) {
      return List.of();
    }
    List<Recipient> late = new ArrayList<>(0);
    for (int i = 0; i < states.length; i++) {
      if (states[i].waiting() && !states[i].warned()) {
        late.add(mail.recipients().get(i));
      }
    }
    deadlineSeen = true;
    jobs += late.isEmpty() ? 0 : 1;
    return late;
  }

  /// Whether it is to be held when it leaves memory, and not to be attempted before.
  synchronized boolean held() {
    return held;
  }

  /// It is to be held, or not any longer.
  ///
  /// @return false when that is so already
  synchronized boolean hold(boolean wanted) {
    boolean changes = held != wanted;
    held = wanted;
    return changes;
  }

  /// Whoever is held is held no longer, the whole mail or single recipients: each is due at `now`,
  /// and is tried before its age counts.
  ///
  /// @return what changes; null: nobody was held
  synchronized @Nullable List<Settlement.Change> release(Instant now) {
    boolean whole = hold(false);
    List<Settlement.Change> changes = new ArrayList<>(states.length);
    for (int i = 0; i < states.length; i++) {
      if (states[i].held() || (whole && states[i].waiting()) || asleep(mail, states[i], now)) {
        // One that was held when it came has not waited for its time yet.
        var begins = mail.envelope().begins();
        boolean early = whole && !states[i].onItsWay() && begins.isAfter(now);
        states[i] = Quarantine.released(states[i], mail, placement, early ? begins : now, now);
        changes.add(new Settlement.Change(i, states[i]));
      }
    }
    return whole || !changes.isEmpty() ? changes : null;
  }

  /// Whether a recipient waits for the time before which its client does not want it sent. A time
  /// that was reckoned by a clock that was ahead, and has been set back since, is none.
  static boolean asleep(Mail mail, RecipientState state, Instant now) {
    var envelope = mail.envelope();
    var release = envelope.release();
    return release != null
        && state.waiting()
        && !state.onItsWay()
        && state.due().equals(release.at())
        && release.at().isAfter(now)
        && (!envelope.arrived().isAfter(now) || release.request().startsWith("until"));
  }

  /// Whether all that is left of a mail waits for that time.
  static boolean asleep(Mail mail, List<RecipientState> states, Instant now) {
    boolean any = false;
    for (var state : states) {
      boolean one = asleep(mail, state, now);
      if (!one && !state.ended()) {
        return false;
      }
      any |= one;
    }
    return any;
  }

  /// Whether nothing is left to be done without an administrator: connectors hold all that is left.
  synchronized boolean restIsHeld() {
    boolean any = false;
    for (var state : states) {
      if (!state.ended() && !state.held()) {
        return false;
      }
      any |= state.held();
    }
    return any;
  }

  /// An administrator ends recipients without telling anybody. Of one that is in flight it counts
  /// when its attempt does not end it.
  ///
  /// @param recipients their numbers; empty: all
  synchronized List<Settlement.Change> delete(Set<Integer> recipients, String why, Instant now) {
    return order(RecipientState.Phase.DELETED, recipients, why, now);
  }

  /// An administrator has recipients returned to their sender. Of one that is in flight it counts
  /// when its attempt does not end it.
  ///
  /// @param recipients their numbers; empty: all
  synchronized List<Settlement.Change> giveBack(Set<Integer> recipients, String why, Instant now) {
    return order(RecipientState.Phase.RETURNING, recipients, why, now);
  }

  private List<Settlement.Change> order(
      RecipientState.Phase phase, Set<Integer> recipients, String why, Instant now) {
    List<Settlement.Change> changes = new ArrayList<>();
    for (int i = 0; i < states.length; i++) {
      var old = states[i];
      if (!old.ended() && (recipients.isEmpty() || recipients.contains(i))) {
        states[i] = old.now(phase, now, why);
        changes.add(new Settlement.Change(i, states[i]));
      }
    }
    return changes;
  }

  /// Whether something was ordered for recipients that are in a job, so that it is not done yet.
  synchronized boolean ordersPending() {
    for (int i = 0; i < states.length; i++) {
      if (busy[i] && !states[i].waiting()) {
        return true;
      }
    }
    return false;
  }

  /// Whether these recipients are no longer to be attempted together.
  synchronized boolean unwanted(List<Recipient> recipients) {
    for (var recipient : recipients) {
      if (!states[recipient.number()].waiting()) {
        return true;
      }
    }
    return held;
  }

  /// Recipients to be returned that are in no job, and why. They are in one from now on, if there
  /// are any.
  synchronized Map<Recipient, String> takeReturning() {
    Map<Recipient, String> returning = Map.of();
    for (int i = 0; i < states.length; i++) {
      if (states[i].returning() && !busy[i]) {
        if (returning.isEmpty()) {
          returning = new LinkedHashMap<>();
          jobs++;
        }
        busy[i] = true;
        returning.put(mail.recipients().get(i), states[i].reason());
      }
    }
    return returning;
  }

  /// Remembers why a recipient waits.
  synchronized void failed(NoticeRequest.Told what) {
    var all = failures;
    if (all == null) {
      all = new NoticeRequest.Told[states.length];
      failures = all;
    }
    all[what.recipient().number()] = what;
  }

  /// Why a recipient waits; null: that is not in memory.
  synchronized NoticeRequest.@Nullable Told failure(Recipient recipient) {
    var all = failures;
    return all == null ? null : all[recipient.number()];
  }

  /// Those who wait and whom the sender was not told of, when none is in a job: whoever is may be
  /// delivered in a moment. They are in one from now on, if there are any.
  synchronized List<Recipient> takeUnwarned() {
    if (jobs > 0 || held) {
      return List.of();
    }
    List<Recipient> unwarned = new ArrayList<>(0);
    for (int i = 0; i < states.length; i++) {
      if (states[i].waiting() && !states[i].warned() && !states[i].released()) {
        busy[i] = true;
        unwarned.add(mail.recipients().get(i));
      }
    }
    jobs += unwarned.isEmpty() ? 0 : 1;
    return unwarned;
  }

  /// Whether no recipient is left to deliver to.
  synchronized boolean done() {
    for (var state : states) {
      if (!state.ended()) {
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
  /// such, or the mail itself names a time at which it cannot be parked any more.
  synchronized @Nullable String waitsOnlyFor() {
    for (var state : states) {
      if (state.waiting() && Deadlines.pending(mail.envelope(), state) != null) {
        return null;
      }
      if (state.waiting() && !state.destination().equals(heldUpBy)) {
        return null;
      }
    }
    return heldUpBy.isEmpty() ? null : heldUpBy;
  }

  /// Takes over what a job brought. What an administrator ordered meanwhile stands where the job
  /// would have the recipient wait.
  ///
  /// @return what is to be written
  synchronized List<Settlement.Change> apply(List<Settlement.Change> changes) {
    List<Settlement.Change> all = new ArrayList<>(changes.size());
    for (var change : changes) {
      int number = change.recipient();
      states[number] = merged(states[number], change.state());
      all.add(new Settlement.Change(number, states[number]));
    }
    return all;
  }

  private static RecipientState merged(RecipientState old, RecipientState next) {
    if (old.waiting() && next.waiting() && next.warned() && !old.warned()) {
      return old.warnedOf(); // Nothing else: meanwhile it may have been ordered to be due.
    }
    var kept = old.warned() && !next.warned() ? next.warnedOf() : next;
    return next.ended() || old.waiting()
        ? kept
        : new RecipientState(
            old.phase(),
            next.attempts(),
            old.due(),
            kept.warned(),
            next.released(),
            next.cleared(),
            next.destination(),
            old.reason(),
            next.schedule(),
            next.standstill());
  }

  /// Every waiting recipient is due at `now`, if it was due later.
  List<Settlement.Change> makeDue(Instant now) {
    return makeDue(now, now, (_, _) -> true);
  }

  /// Every waiting recipient of which `which` holds is due at `now`, if it was due later than
  /// `bound`, and not because its client wants that.
  synchronized List<Settlement.Change> makeDue(
      Instant bound, Instant now, BiPredicate<Recipient, RecipientState> which) {
    List<Settlement.Change> changes = new ArrayList<>();
    for (int i = 0; i < states.length; i++) {
      if (states[i].waiting()
          && states[i].due().isAfter(bound)
          && !asleep(mail, states[i], now)
          && which.test(mail.recipients().get(i), states[i])) {
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
}
