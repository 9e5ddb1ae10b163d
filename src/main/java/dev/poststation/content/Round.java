package dev.poststation.content;

import dev.poststation.conditions.MailFacts;
import dev.poststation.conditions.UndecidedException;
import dev.poststation.message.Hold;
import dev.poststation.message.Recipient;
import dev.poststation.os.Tasks;
import dev.poststation.os.Time;
import dev.poststation.os.Together;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.ContentReplies;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The way of one mail through the services. It becomes several mails only where a service changes
/// it for some of its recipients and not for others. Confined to one thread, but that it has
/// several asked at the same time.
final class Round {
  private static final Logger LOG = LoggerFactory.getLogger(Round.class);

  private final Facts facts;
  private final Tasks tasks;
  private final Time time;
  private final MailAsking asking;
  private final Duration keep;
  private List<Part> parts = new ArrayList<>(1);

  /// Of what a copy is to be kept, once all services have let the mail go on.
  private final List<Copy> copies = new ArrayList<>(0);

  /// What goes to journal mailboxes and filters.
  private final List<Companion> reports = new ArrayList<>(0);

  /// What nobody gets any more, in the order in which that was found.
  private final List<Treatment.Dropped> dropped = new ArrayList<>(0);

  /// What some of the recipients get.
  private static final class Part {
    private Message message;
    private @Nullable ReversePath sender;
    private List<Recipient> recipients;
    private final List<Note> notes;
    private @Nullable Hold hold;
    private Variant.@Nullable Quarantine quarantine;
    private boolean headersOnly;

    Part(Message message, List<Recipient> recipients) {
      this.message = message;
      this.recipients = recipients;
      this.notes = new ArrayList<>(2);
    }

    /// The same for some of its recipients.
    Part(Part whole, List<Recipient> some) {
      this.message = whole.message;
      this.sender = whole.sender;
      this.recipients = some;
      this.notes = new ArrayList<>(whole.notes);
      this.hold = whole.hold;
      this.quarantine = whole.quarantine;
      this.headersOnly = whole.headersOnly;
    }

    Variant variant() {
      return new Variant(message, sender, recipients, hold, quarantine, notes, headersOnly);
    }
  }

  /// What is to be kept, as it is at the place of its step.
  private record Copy(Step step, Message message, Address sender, List<Recipient> recipients) {}

  /// A part whose recipients become others.
  ///
  /// @param before who they were
  private record Rerouted(
      Asked asked, Part part, List<Recipient> before, EnvelopeChange envelope) {}

  /// How a step went at a part.
  ///
  /// @param meant for whom it was asked
  private record Asked(Step step, Part part, List<Recipient> meant, Done done) {}

  /// @param keep how long what goes into the quarantine is kept
  Round(Facts facts, Tasks tasks, Asking asking, Duration keep) {
    this.facts = facts;
    this.keep = keep;
    this.tasks = tasks;
    this.time = asking.time();
    this.asking = new MailAsking(asking, facts.handed());
  }

  Treatment run(List<Step> steps, Message message) {
    parts.add(new Part(message, facts.recipients()));
    for (int i = 0; i < steps.size(); ) {
      int end = i + 1;
      if (steps.get(i).keeps()) {
        var stop = remember(steps.get(i++));
        if (stop != null) {
          return stop;
        }
        continue;
      }
      while (steps.get(i).onlyLooks() && end < steps.size() && steps.get(end).onlyLooks()) {
        end++;
      }
      var stop = together(steps.subList(i, end));
      if (stop != null) {
        return stop;
      }
      i = end;
    }
    var notes = new LinkedHashSet<Note>();
    dropped.forEach(each -> notes.addAll(each.variant().notes()));
    copies.sort(Comparator.comparingInt(copy -> copy.step.turn()));
    for (Copy copy : copies) {
      var stop = keep(copy, notes);
      if (stop != null) {
        return stop;
      }
    }
    if (parts.isEmpty()) {
      return new Treatment.Discarded(dropped.getLast().rule(), List.copyOf(notes), reports);
    }
    return new Treatment.Passed(parts.stream().map(Part::variant).toList(), dropped, reports);
  }

  /// Takes note of what is to be kept: nobody keeps a mail that a service behind refuses.
  private Treatment.@Nullable Refused remember(Step step) {
    for (Part part : List.copyOf(parts)) {
      try {
        var meant = meant(step, part);
        if (!meant.isEmpty()) {
          var whose = step.mirrors() ? meant : part.recipients; // An archive tells of all.
          copies.add(new Copy(step, part.message, sender(part), whose));
        }
      } catch (UndecidedException e) {
        var stop = settle(List.of(undecided(step, part, e)), List.of());
        if (stop != null) {
          return stop;
        }
      }
    }
    return null;
  }

  /// @param notes what services found of a mail that nobody gets; it is kept, too
  private Treatment.@Nullable Refused keep(Copy copy, Set<Note> notes) {
    var whose = copy.step.mirrors() ? going(copy.recipients) : copy.recipients;
    if (whose.isEmpty()) {
      return null;
    }
    var done = ask(copy.step, copy.message, facts.of(copy.sender, whose), false);
    notes.add(done.note());
    if (done.report() != null) {
      reports.add(done.report());
    }
    for (Part part : parts) {
      if (part.recipients.stream().anyMatch(whose::contains)) {
        part.notes.add(done.note());
      }
    }
    var refusal = done.refusal();
    return refusal == null
        ? null
        : new Treatment.Refused(
            refusal.reply(),
            refusal.rule(),
            parts.isEmpty() ? List.copyOf(notes) : parts.getFirst().notes);
  }

  /// Those of them who get their mail now: nobody learns from what waits for an administrator.
  private List<Recipient> going(List<Recipient> recipients) {
    return parts.stream()
        .filter(part -> !waits(part))
        .flatMap(part -> part.recipients.stream())
        .filter(recipients::contains)
        .toList();
  }

  /// Whether it does not go on by itself.
  private boolean waits(Part part) {
    return facts.held() || part.hold != null || part.quarantine != null;
  }

  /// Steps that do not hinder each other: several that only look do so at the same time. What they
  /// found counts in their order, as if the one behind a refusal had not been asked.
  private Treatment.@Nullable Refused together(List<Step> steps) {
    List<Supplier<List<Asked>>> questions = new ArrayList<>(steps.size());
    for (Step step : steps) {
      questions.add(() -> ask(step));
    }
    List<Asked> kept = new ArrayList<>(0);
    for (var asked : Together.ask(tasks, "content", questions)) {
      var refused = settle(asked, kept);
      if (refused != null) {
        return refused;
      }
    }
    kept.forEach(this::keep);
    return null;
  }

  /// Asks about all parts, until one is refused. Changes none of them.
  private List<Asked> ask(Step step) {
    List<Asked> all = new ArrayList<>(parts.size());
    for (Part part : parts) {
      if (step.learns() && waits(part)) {
        continue;
      }
      Asked asked;
      try {
        var meant = meant(step, part);
        if (meant.isEmpty()) {
          continue;
        }
        asked =
            new Asked(
                step,
                part,
                meant,
                ask(step, part.message, facts.of(sender(part), meant), part.headersOnly));
      } catch (UndecidedException e) {
        asked = undecided(step, part, e);
      }
      all.add(asked);
      if (asked.done.refusal() != null) {
        break;
      }
    }
    return all;
  }

  /// A service that only looks keeps a mail from those for whom it looked, and from nobody else.
  /// All that looked at the same time are settled by now, each at the parts that they saw.
  private void keep(Asked asked) {
    List<Part> next = new ArrayList<>(parts.size() + 1);
    for (var part : parts) {
      List<Recipient> some = new ArrayList<>(part.recipients);
      some.retainAll(asked.meant);
      List<Recipient> others = new ArrayList<>(part.recipients);
      others.removeAll(asked.meant);
      boolean quarantines = asked.done.quarantine() != null;
      boolean waits = part.quarantine != null || (part.hold != null && !quarantines);
      if (!waits && !some.isEmpty() && !others.isEmpty()) {
        next.add(new Part(part, others));
        part.recipients = some;
      }
      if (!some.isEmpty()) {
        stop(asked, part);
      }
      next.add(part);
    }
    parts = next;
  }

  /// Has it held, or puts it into the quarantine, if that is what came of it.
  private void stop(Asked asked, Part part) {
    part.hold = Hold.of(part.hold, asked.done.hold());
    String why = asked.done.quarantine();
    if (why == null) {
      return;
    }
    String name = asked.step.rule().name();
    var before = part.quarantine;
    part.quarantine = // Whoever lets it go on answers for all.
        before == null
            ? new Variant.Quarantine(name, why, keep)
            : new Variant.Quarantine(
                before.service(), before.reason() + "; also " + name + ": " + why, keep);
  }

  /// @param kept what only looked and keeps a mail, for the end of its turn
  private Treatment.@Nullable Refused settle(List<Asked> all, List<Asked> kept) {
    List<Part> next = new ArrayList<>(parts);
    List<Rerouted> rerouted = new ArrayList<>(0);
    for (var asked : all) {
      var part = asked.part;
      var done = asked.done;
      if (done.refusal() != null) {
        List<Note> notes = new ArrayList<>(parts.getFirst().notes);
        notes.add(done.note());
        return new Treatment.Refused(done.refusal().reply(), done.refusal().rule(), notes);
      }
      if (!done.shares().isEmpty()) {
        divide(part, done.shares(), next);
        continue;
      }
      boolean looked = done.stops() && asked.step.onlyLooks();
      if (looked || done.onlyLooked() || asked.meant.size() == part.recipients.size()) {
        settle(asked, part, next, rerouted); // What only looks may look for all.
        if (looked) {
          kept.add(asked);
        }
        continue;
      }
      var others = new ArrayList<>(part.recipients);
      others.removeAll(asked.meant);
      var rest = new Part(part, others);
      var split = new Part(part, asked.meant);
      int at = next.indexOf(part);
      next.set(at, split);
      next.add(at + 1, rest);
      settle(asked, split, next, rerouted);
    }
    reroute(rerouted, next);
    parts = next;
    return null;
  }

  private void divide(Part part, List<Done.Portion> shares, List<Part> next) {
    var others = new ArrayList<>(part.recipients);
    List<Part> divided = new ArrayList<>(shares.size() + 1);
    for (var each : shares) {
      var share = each.share();
      others.removeAll(share.recipients());
      var fresh = new Part(part, share.recipients());
      fresh.headersOnly |= share.headersOnly();
      apply(new Done(each.note(), share.changed(), null), fresh);
      divided.add(fresh);
    }
    if (!others.isEmpty()) {
      divided.add(new Part(part, others));
    }
    int at = next.indexOf(part);
    next.remove(at);
    next.addAll(at, divided);
  }

  private void settle(Asked asked, Part part, List<Part> next, List<Rerouted> rerouted) {
    var before = part.recipients;
    apply(asked.done, part);
    var envelope = asked.done.envelope();
    if (asked.done.discarded()) {
      drop(asked, part, before, next);
      return;
    }
    if (!asked.step.onlyLooks()) {
      stop(asked, part);
    }
    if (envelope != null) {
      part.recipients = without(envelope.removed(), before);
      rerouted.add(new Rerouted(asked, part, before, envelope));
    }
  }

  /// Nobody gets a mail twice, and nobody is lost whom one part gives up and another one adds: new
  /// recipients come when all that go are gone.
  private void reroute(List<Rerouted> rerouted, List<Part> next) {
    for (var each : rerouted) {
      for (Recipient one : each.envelope.added()) {
        boolean there =
            next.stream()
                .flatMap(part -> part.recipients.stream())
                .anyMatch(other -> other.address().isSameMailbox(one.address()));
        if (!there) {
          var more = new ArrayList<>(each.part.recipients);
          more.add(one);
          each.part.recipients = more;
        }
      }
    }
    for (var each : rerouted) {
      if (each.part.recipients.isEmpty()) {
        drop(each.asked, each.part, each.before, next);
      }
    }
  }

  /// A part that nobody gets any more is none.
  private void drop(Asked asked, Part part, List<Recipient> whose, List<Part> next) {
    next.remove(part);
    String why = asked.step.describe() + ": " + asked.done.note().reason();
    var nobody = new Variant(part.message, part.sender, whose, null, null, part.notes);
    dropped.add(new Treatment.Dropped(why, nobody));
  }

  private static List<Recipient> without(List<Address> removed, List<Recipient> before) {
    List<Recipient> after = new ArrayList<>(before);
    after.removeIf(each -> removed.stream().anyMatch(each.address()::isSameMailbox));
    return after;
  }

  private List<Recipient> meant(Step step, Part part) throws UndecidedException {
    var message = part.message;
    var mail = MailFacts.arriving(facts.source(), sender(part), message.size(), message.header());
    List<Recipient> meant = new ArrayList<>(part.recipients.size());
    for (Recipient recipient : part.recipients) {
      if (step.when().means(mail, recipient.address())) {
        meant.add(recipient);
      }
    }
    return meant.isEmpty() || step.when().isOfType(message) ? meant : List.of();
  }

  private Asked undecided(Step step, Part part, UndecidedException e) {
    boolean opened = part.headersOnly && step.when().looksInside();
    var failed = failed(step, time.nanos(), e.reason(), part.message, opened);
    return new Asked(step, part, part.recipients, failed);
  }

  private Address sender(Part part) {
    return part.sender == null ? facts.sender() : part.sender.address();
  }

  private void apply(Done done, Part part) {
    part.notes.add(done.note());
    var envelope = done.envelope();
    if (envelope != null) {
      part.sender = envelope.sender() == null ? part.sender : envelope.sender();
    }
    if (done.changed() != null) {
      part.message = done.changed();
    }
  }

  /// @param opened whether it was decrypted here, or would have been
  private Done ask(Step step, Message message, Facts about, boolean opened) {
    long begun = time.nanos();
    try {
      var finding = asking.examine(step, message, about);
      return found(step, begun, finding, opened);
    } catch (ServiceException e) {
      return failed(step, begun, e.reason(), message, opened && !e.isDown());
    } catch (RuntimeException e) { // A fault of ours: this mail must not cost the session.
      LOG.error("Service {} has a fault, at mail {}", step.describe(), facts.id(), e);
      return failed(step, begun, "the service has a fault: " + e, message, opened);
    }
  }

  private Done found(Step step, long begun, Finding finding, boolean opened) {
    return switch (finding) {
      case Finding.Unchanged(String reason) ->
          new Done(note(step, Note.Result.UNCHANGED, begun, reason), null, null);
      case Finding.Reported(var report, String reason) ->
          new Done(note(step, Note.Result.UNCHANGED, begun, reason), report);
      case Finding.Changed(Message changed, String reason) ->
          new Done(note(step, Note.Result.CHANGED, begun, reason), changed, null);
      case Finding.Divided(var shares) ->
          new Done(
              shares.stream()
                  .map(each -> new Done.Portion(each, note(step, begun, each)))
                  .toList());
      case Finding.Held(var hold, var changed) ->
          new Done(note(step, Note.Result.HELD, begun, hold.reason()), changed, hold);
      case Finding.Quarantined(String reason, var changed) ->
          Done.quarantined(
              note(step, Note.Result.QUARANTINED, begun, reason), changed, null, reason);
      case Finding.Rerouted(Message now, var envelope, var quarantine, String reason) -> {
        var result = quarantine == null ? Note.Result.CHANGED : Note.Result.QUARANTINED;
        yield Done.rerouted(note(step, result, begun, reason), now, envelope, quarantine);
      }
      case Finding.Discarded(String reason) ->
          Done.discarded(note(step, Note.Result.DISCARDED, begun, reason));
      case Finding.Refused(var reply, String reason) -> {
        var note = note(step, opened ? Note.Result.HELD : Note.Result.REFUSED, begun, reason);
        yield opened
            ? Done.refusedOpened(step, note, reason)
            : new Done(note, new Done.Refusal(reply, step.describe() + ": " + reason));
      }
    };
  }

  /// What `on-error` says.
  @SuppressWarnings("ReferenceEquality") // What nobody changed is the same one.
  private Done failed(Step step, long begun, String reason, Message message, boolean opened) {
    String why = "on-error = " + step.rule().onError().word() + ": " + reason;
    var note = note(step, Note.Result.FAILED, begun, why);
    try {
      var kept = step.service().withoutClaims(message, facts.hostname());
      return Done.failed(step, note, reason, kept == message ? null : kept, opened);
    } catch (RuntimeException e) { // As it came it might be believed.
      LOG.error("Service {} has a fault, at the header of {}", step.describe(), facts.id(), e);
      return opened
          ? Done.refusedOpened(step, note, why + "; do not release it: it may claim in our name")
          : Done.refused(step, note, ContentReplies.NOT_EXAMINED_NOW);
    }
  }

  private Note note(Step step, long begun, Finding.Share share) {
    boolean same = share.changed() == null;
    var result = same ? Note.Result.UNCHANGED : Note.Result.CHANGED;
    return note(step, result, begun, share.reason());
  }

  private Note note(Step step, Note.Result result, long begun, String reason) {
    var took = Duration.ofNanos(time.nanos() - begun);
    return new Note(step.rule().name(), step.rule().origin().text(), result, took, reason);
  }
}
