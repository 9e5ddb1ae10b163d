package dev.poststation.content;

import dev.poststation.conditions.MailFacts;
import dev.poststation.conditions.UndecidedException;
import dev.poststation.message.Recipient;
import dev.poststation.os.Tasks;
import dev.poststation.os.Time;
import dev.poststation.os.Together;
import dev.poststation.smtp.ContentReplies;
import dev.poststation.smtp.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The way of one mail through the services. It becomes several mails only where a service changes
/// it for some of its recipients and not for others. Confined to one thread, but that it has
/// several asked at the same time.
final class Round {
  private final Facts facts;
  private final Tasks tasks;
  private final Time time;
  private final ServiceWatch watch;
  private List<Part> parts = new ArrayList<>(1);

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
  /// @param refusal nobody takes it; null: it goes on
  /// @param shares what each gets; empty: all the same
  private record Done(
      Note note,
      @Nullable Message changed,
      @Nullable String hold,
      @Nullable Refusal refusal,
      List<Portion> shares) {
    Done(Note note, @Nullable Message changed, @Nullable String hold) {
      this(note, changed, hold, null, List.of());
    }
  }

  /// What some get, with what is told of it.
  private record Portion(Finding.Share share, Note note) {}

  /// @param rule which entry of the configuration says so, and why
  private record Refusal(Reply reply, String rule) {}

  /// How a step went at a part.
  ///
  /// @param meant for whom it was asked
  private record Asked(Part part, List<Recipient> meant, Done done) {}

  Round(Facts facts, Tasks tasks, Time time, ServiceWatch watch) {
    this.facts = facts;
    this.tasks = tasks;
    this.time = time;
    this.watch = watch;
  }

  Treatment run(List<Step> steps, Message message) {
    parts.add(new Part(message, facts.recipients(), new ArrayList<>(2), null));
    for (int i = 0; i < steps.size(); ) {
      int end = i + 1;
      while (steps.get(i).onlyLooks() && end < steps.size() && steps.get(end).onlyLooks()) {
        end++;
      }
      var stop = together(steps.subList(i, end));
      if (stop != null) {
        return stop;
      }
      i = end;
    }
    List<Variant> variants = new ArrayList<>(parts.size());
    for (Part part : parts) {
      variants.add(new Variant(part.message, part.recipients, part.hold, part.notes));
    }
    return new Treatment.Passed(variants);
  }

  /// Steps that do not hinder each other: several that only look do so at the same time. What they
  /// found counts in their order, as if the one behind a refusal had not been asked.
  private Treatment.@Nullable Refused together(List<Step> steps) {
    List<Supplier<List<Asked>>> questions = new ArrayList<>(steps.size());
    for (Step step : steps) {
      questions.add(() -> ask(step));
    }
    for (var asked : Together.ask(tasks, "content", questions)) {
      var refused = settle(asked);
      if (refused != null) {
        return refused;
      }
    }
    return null;
  }

  /// Asks about all parts, until one is refused. Changes none of them.
  private List<Asked> ask(Step step) {
    List<Asked> all = new ArrayList<>(parts.size());
    for (Part part : parts) {
      Asked asked;
      try {
        var meant = meant(step, part);
        if (meant.isEmpty()) {
          continue;
        }
        asked = new Asked(part, meant, ask(step, part.message, meant));
      } catch (UndecidedException e) {
        asked = new Asked(part, part.recipients, failed(step, time.nanos(), e.reason()));
      }
      all.add(asked);
      if (asked.done.refusal != null) {
        break;
      }
    }
    return all;
  }

  private Treatment.@Nullable Refused settle(List<Asked> all) {
    List<Part> next = new ArrayList<>(parts);
    for (var asked : all) {
      var part = asked.part;
      var done = asked.done;
      if (done.refusal != null) {
        List<Note> notes = new ArrayList<>(parts.getFirst().notes);
        notes.add(done.note);
        return new Treatment.Refused(done.refusal.reply, done.refusal.rule, notes);
      }
      if (!done.shares.isEmpty()) {
        divide(part, done.shares, next);
        continue;
      }
      if (done.changed == null || asked.meant.size() == part.recipients.size()) {
        apply(done, part); // What only looks may look for all.
        continue;
      }
      var others = new ArrayList<>(part.recipients);
      others.removeAll(asked.meant);
      var split = new Part(part.message, asked.meant, new ArrayList<>(part.notes), part.hold);
      apply(done, split);
      int at = next.indexOf(part);
      next.set(at, split);
      next.add(at + 1, new Part(part.message, others, part.notes, part.hold));
    }
    parts = next;
    return null;
  }

  private static void divide(Part part, List<Portion> shares, List<Part> next) {
    var others = new ArrayList<>(part.recipients);
    List<Part> divided = new ArrayList<>(shares.size() + 1);
    for (var each : shares) {
      var share = each.share;
      others.removeAll(share.recipients());
      var fresh =
          new Part(part.message, share.recipients(), new ArrayList<>(part.notes), part.hold);
      apply(new Done(each.note, share.changed(), null), fresh);
      divided.add(fresh);
    }
    if (!others.isEmpty()) {
      divided.add(new Part(part.message, others, part.notes, part.hold));
    }
    int at = next.indexOf(part);
    next.remove(at);
    next.addAll(at, divided);
  }

  private List<Recipient> meant(Step step, Part part) throws UndecidedException {
    var message = part.message;
    var mail = MailFacts.arriving(facts.source(), facts.sender(), message.size(), message.header());
    List<Recipient> meant = new ArrayList<>(part.recipients.size());
    for (Recipient recipient : part.recipients) {
      if (step.when().means(mail, recipient.address())) {
        meant.add(recipient);
      }
    }
    return meant.isEmpty() || step.when().isOfType(message) ? meant : List.of();
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
      case Finding.Divided(var shares, String reason) -> {
        var note = note(step, Note.Result.CHANGED, begun, reason);
        yield new Done(
            note,
            null,
            null,
            null,
            shares.stream().map(each -> new Portion(each, note(step, begun, each))).toList());
      }
      case Finding.Held(String reason, var changed) ->
          new Done(note(step, Note.Result.HELD, begun, reason), changed, reason);
      case Finding.Refused(var reply, String reason) -> {
        var note = note(step, Note.Result.REFUSED, begun, reason);
        yield new Done(
            note, null, null, new Refusal(reply, step.describe() + ": " + reason), List.of());
      }
    };
  }

  /// What `on-error` says.
  private Done failed(Step step, long begun, String reason) {
    var rule = step.rule();
    var note =
        note(
            step, Note.Result.FAILED, begun, "on-error = " + rule.onError().word() + ": " + reason);
    return switch (rule.onError()) {
      case PASS -> new Done(note, null, null);
      case HOLD -> new Done(note, null, "on-error = hold: " + rule.name() + ": " + reason);
      case DEFER -> refused(step, note, ContentReplies.NOT_EXAMINED_NOW);
      case REJECT -> refused(step, note, ContentReplies.NOT_EXAMINED);
    };
  }

  private static Done refused(Step step, Note note, Reply reply) {
    return new Done(
        note, null, null, new Refusal(reply, step.describe() + ", " + note.reason()), List.of());
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
