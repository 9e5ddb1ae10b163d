package dev.poststation.content;

import dev.poststation.conditions.MailFacts;
import dev.poststation.conditions.UndecidedException;
import dev.poststation.config.ContentRule;
import dev.poststation.message.Recipient;
import dev.poststation.os.Time;
import dev.poststation.smtp.ContentReplies;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The way of one mail through the services. It becomes several mails only where a service changes
/// it for some of its recipients and not for others. Confined to one thread.
final class Round {
  private final Facts facts;
  private final Time time;
  private final ServiceWatch watch;
  private List<Part> parts = new ArrayList<>(1);
  private Treatment.@Nullable Refused refused;

  /// What some of the recipients get.
  private static final class Part {
    private Message message;
    private final List<Recipient> recipients;
    private final List<Note> notes;
    private @Nullable String hold;

    Part(Message message, List<Recipient> recipients, List<Note> notes, @Nullable String hold) {
      this.message = message;
      this.recipients = recipients;
      this.notes = notes;
      this.hold = hold;
    }
  }

  /// How a step went at a message.
  ///
  /// @param changed what it made of it; null: it is as it was
  private record Done(Note note, @Nullable Message changed, @Nullable String hold) {}

  Round(Facts facts, Time time, ServiceWatch watch) {
    this.facts = facts;
    this.time = time;
    this.watch = watch;
  }

  Treatment run(List<Step> steps, Message message) {
    parts.add(new Part(message, facts.recipients(), new ArrayList<>(2), null));
    for (Step step : steps) {
      step(step);
      var stop = refused;
      if (stop != null) {
        return stop;
      }
    }
    List<Variant> variants = new ArrayList<>(parts.size());
    for (Part part : parts) {
      variants.add(new Variant(part.message, part.recipients, part.hold, part.notes));
    }
    return new Treatment.Passed(variants);
  }

  private void step(Step step) {
    List<Part> next = new ArrayList<>(parts.size());
    for (Part part : parts) {
      List<Recipient> meant;
      try {
        meant = meant(step, part);
      } catch (UndecidedException e) {
        apply(failed(step, time.nanos(), e.reason()), part);
        if (refused != null) {
          return;
        }
        next.add(part);
        continue;
      }
      if (meant.isEmpty()) {
        next.add(part);
        continue;
      }
      var result = ask(step, part.message, meant);
      if (refused != null) {
        return;
      }
      if (result.changed == null || meant.size() == part.recipients.size()) {
        apply(result, part); // What only looks may look for all.
        next.add(part);
      } else {
        var others = new ArrayList<>(part.recipients);
        others.removeAll(meant);
        var split = new Part(part.message, meant, new ArrayList<>(part.notes), part.hold);
        apply(result, split);
        next.add(split);
        next.add(new Part(part.message, others, part.notes, part.hold));
      }
    }
    parts = next;
  }

  private List<Recipient> meant(Step step, Part part) throws UndecidedException {
    var message = part.message;
    var mail = MailFacts.arriving(facts.source(), facts.sender(), message.size(), message.header());
    List<Recipient> meant = new ArrayList<>(part.recipients.size());
    for (Recipient recipient : part.recipients) {
      if (step.means(mail, recipient)) {
        meant.add(recipient);
      }
    }
    return meant;
  }

  private static void apply(Done done, Part part) {
    part.notes.add(done.note);
    if (done.changed != null) {
      part.message = done.changed;
    }
    if (part.hold == null) {
      part.hold = done.hold;
    }
  }

  private Done ask(Step step, Message message, List<Recipient> meant) {
    long begun = time.nanos();
    var why = step.breaker().ask(begun);
    if (why != null) {
      return failed(step, begun, why + " (not asked again yet)");
    }
    try {
      var about = facts.to(meant);
      var finding = step.service().examine(message, about, step.rule().timeLimit());
      answered(step);
      return found(step, begun, finding);
    } catch (ServiceException e) {
      if (!e.isDown()) {
        answered(step);
      } else if (step.breaker().failed(e.reason(), time.nanos())) {
        watch.changed(step.rule().name(), false, e.reason());
      }
      return failed(step, begun, e.reason());
    }
  }

  private void answered(Step step) {
    if (step.breaker().answered()) {
      watch.changed(step.rule().name(), true, step.service().describe() + " answers again");
    }
  }

  private Done found(Step step, long begun, Finding finding) {
    return switch (finding) {
      case Finding.Unchanged(String reason) ->
          new Done(note(step, Note.Result.UNCHANGED, begun, reason), null, null);
      case Finding.Changed(Message changed, String reason) ->
          new Done(note(step, Note.Result.CHANGED, begun, reason), changed, null);
      case Finding.Held(String reason, var changed) ->
          new Done(note(step, Note.Result.HELD, begun, reason), changed, reason);
      case Finding.Refused(var reply, String reason) -> {
        var note = note(step, Note.Result.REFUSED, begun, reason);
        refused = new Treatment.Refused(reply, step.describe() + ": " + reason, notes(note));
        yield new Done(note, null, null);
      }
    };
  }

  /// What `on-error` says.
  private Done failed(Step step, long begun, String reason) {
    var rule = step.rule();
    var note =
        note(
            step, Note.Result.FAILED, begun, "on-error = " + rule.onError().word() + ": " + reason);
    switch (rule.onError()) {
      case PASS -> {}
      case HOLD -> {
        return new Done(note, null, "on-error = hold: " + rule.name() + ": " + reason);
      }
      case DEFER, REJECT ->
          refused =
              new Treatment.Refused(
                  rule.onError() == ContentRule.OnError.DEFER
                      ? ContentReplies.NOT_EXAMINED_NOW
                      : ContentReplies.NOT_EXAMINED,
                  step.describe() + ", " + note.reason(),
                  notes(note));
    }
    return new Done(note, null, null);
  }

  private List<Note> notes(Note last) {
    List<Note> notes = new ArrayList<>(parts.getFirst().notes);
    notes.add(last);
    return notes;
  }

  private Note note(Step step, Note.Result result, long begun, String reason) {
    var took = Duration.ofNanos(time.nanos() - begun);
    return new Note(step.rule().name(), step.rule().origin().text(), result, took, reason);
  }
}
