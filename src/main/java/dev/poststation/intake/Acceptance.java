package dev.poststation.intake;

import dev.poststation.content.Companion;
import dev.poststation.content.Message;
import dev.poststation.content.Note;
import dev.poststation.content.Treatment;
import dev.poststation.content.Variant;
import dev.poststation.content.Visit;
import dev.poststation.log.Event;
import dev.poststation.message.Content;
import dev.poststation.message.Edit;
import dev.poststation.message.Envelope;
import dev.poststation.message.Hold;
import dev.poststation.message.Mail;
import dev.poststation.message.Octets;
import dev.poststation.message.QueueId;
import dev.poststation.message.Recipient;
import dev.poststation.message.RecipientState;
import dev.poststation.os.TlsFacts;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.ContentReplies;
import dev.poststation.smtp.ContentScanner;
import dev.poststation.smtp.DsnReturn;
import dev.poststation.smtp.Replies;
import dev.poststation.smtp.TlsWish;
import dev.poststation.spool.Draft;
import dev.poststation.spool.Placement;
import dev.poststation.spool.Settlement;
import dev.poststation.spool.SpoolException;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The last step of a mail that comes in: the services of `content` have it, it becomes durable,
/// and the queue has it. Confined to the session's thread.
final class Acceptance {
  private final Intake intake;
  private final QueueId id;
  private final Submission about;
  private final Judged judged;
  private final @Nullable Visit visit;

  /// What is known of a mail, now that all of it has come.
  ///
  /// @param trace the fields that go in front
  /// @param hold why it is to wait for an administrator, or null
  /// @param decisions for its trace
  record Judged(
      byte[] trace,
      Envelope.Traits traits,
      int priority,
      TlsWish tls,
      String messageId,
      @Nullable Hold hold,
      List<String> decisions) {}

  /// A mail that is to become durable; one of several where recipients get different content.
  ///
  /// @param place where it waits
  /// @param stay what is told of why it does not go on by itself; null: it does
  /// @param discarded why nobody gets it; null: it goes on
  /// @param report what it is, where it is no part of the mail but goes to somebody else; else null
  private record Part(
      Draft draft,
      Mail mail,
      Placement place,
      Instant at,
      @Nullable Event stay,
      List<Note> notes,
      @Nullable String discarded,
      @Nullable Companion report) {
    /// The same, told that there is no copy of it.
    Part without(Companion copy) {
      var told = Accompanying.without(notes, copy);
      return new Part(draft, mail, place, at, stay, told, discarded, report);
    }

    /// The same, to be thrown away as soon as it is stored.
    Part discarded(String rule) {
      return new Part(draft, mail, Placement.HELD, at, null, notes, rule, null);
    }
  }

  /// @param visit the milters that have heard of its envelope, or null
  Acceptance(Intake intake, QueueId id, Submission about, Judged judged, @Nullable Visit visit) {
    this.intake = intake;
    this.id = id;
    this.about = about;
    this.judged = judged;
    this.visit = visit;
  }

  /// Takes the mail, or says why not.
  ///
  /// @param draft its content as it came
  Admission take(Draft draft) {
    var services = intake.services();
    var facts = about.facts(id, visit, false, judged.hold() != null);
    if (about.hop() || !services.concerns(facts)) { // A hop of Exchange is left alone.
      return handOver(List.of(part(draft, id, judged.trace(), judged.traits(), everybody())));
    }
    try {
      var octets = Octets.of(draft.written(), draft.size());
      var message = Message.of(judged.trace(), octets, about.limits().headerSize());
      return switch (services.treat(message, facts)) {
        case Treatment.Refused(var reply, var rule, var notes) -> {
          notes.forEach(note -> intake.journal().tell(inspected(id, note, intake.time().now())));
          yield new Admission.Refused(reply, rule);
        }
        case Treatment.Discarded discarded -> discard(draft, discarded);
        case Treatment.Passed passed -> store(draft, message, passed);
      };
    } catch (SpoolException e) {
      return refused(e);
    } catch (IOException e) { // What was written cannot be read.
      return new Admission.Refused(ContentReplies.NOT_EXAMINED_NOW, "spool: " + e.getMessage());
    }
  }

  private static Admission refused(SpoolException e) {
    return new Admission.Refused(
        e.full() ? Replies.NO_SPACE : Replies.NOT_STORED, "spool: " + e.getMessage());
  }

  private Variant everybody() {
    return new Variant(NOTHING, null, about.recipients(), null, null, List.of());
  }

  static final Message NOTHING = new Message(new byte[0], new byte[0], Octets.of(new byte[0]));

  // --- What services made of it
  // --------------------------------------------------------------------

  private Admission store(Draft draft, Message came, Treatment.Passed passed) throws IOException {
    var variants = passed.variants();
    List<Part> parts = new ArrayList<>(variants.size());
    List<Draft> drafts = new ArrayList<>(variants.size());
    try {
      for (var variant : variants) {
        byte[] front = front(came, variant.message());
        if (front != null && variants.size() == 1) {
          var traits = Edit.longLines(front) ? withLongLines(judged.traits()) : judged.traits();
          parts.add(part(draft, id, front, traits, variant));
        } else {
          // What lies in the spool under this name already is the content as it came.
          boolean free = parts.isEmpty() && draft.size() <= Content.CHUNK_OCTETS;
          var name = free ? id : intake.spool().nextId();
          var written = intake.spool().draft(name);
          drafts.add(written);
          parts.add(rewritten(written, name, variant));
        }
      }
      for (var dropped : passed.dropped()) {
        var name = intake.spool().nextId();
        var written = intake.spool().draft(name);
        drafts.add(written);
        parts.add(
            rewritten(written, name, toBeDiscarded(dropped.rule(), dropped.variant()))
                .discarded(dropped.rule()));
      }
      return handOver(parts, passed.reports());
    } finally {
      drafts.forEach(Draft::close);
    }
  }

  private static Envelope.Traits withLongLines(Envelope.Traits traits) {
    return new Envelope.Traits(
        traits.size(),
        traits.eightBit(),
        traits.dotLines(),
        true,
        traits.bareNewlines(),
        traits.endsWithNewline());
  }

  /// What stands in front of the content as it came, where that did not change; else null.
  @SuppressWarnings("ReferenceEquality") // A body that nobody changed is the same one.
  private byte @Nullable [] front(Message came, Message now) {
    int own = came.header().length - judgedFields();
    byte[] header = now.header();
    int front = header.length - own;
    boolean same =
        now.body() == came.body()
            && Arrays.equals(now.gap(), came.gap())
            && front >= 0
            && Arrays.equals(
                header, front, header.length, came.header(), judgedFields(), came.header().length);
    if (!same) {
      return null;
    }
    byte[] fields = Arrays.copyOf(header, front);
    // A content without a header is behind our fields and an empty line.
    return judgedFields() == judged.trace().length ? fields : withEmptyLine(fields);
  }

  /// Octets of our fields, without an empty line behind them.
  private int judgedFields() {
    return Message.endsWithEmptyLine(judged.trace())
        ? judged.trace().length - 2
        : judged.trace().length;
  }

  private static byte[] withEmptyLine(byte[] fields) {
    byte[] more = Arrays.copyOf(fields, fields.length + 2);
    more[fields.length] = '\r';
    more[fields.length + 1] = '\n';
    return more;
  }

  private Part rewritten(Draft draft, QueueId name, Variant variant) throws IOException {
    var message = variant.message();
    int front = frontLength(message);
    var scanner = new ContentScanner(draft::write);
    scanner.accept(message.header(), front, message.header().length - front);
    scanner.accept(message.gap(), 0, message.gap().length);
    write(message.body(), scanner);
    byte[] trace = Arrays.copyOf(message.header(), front);
    return part(draft, name, trace, Envelope.Traits.of(scanner.traits()), variant);
  }

  static void write(Octets octets, ContentScanner into) throws IOException {
    byte[] window = new byte[Content.CHUNK_OCTETS];
    for (long at = 0; at < octets.size(); ) {
      int count = octets.read(at, window, 0, window.length);
      into.accept(window, 0, count);
      at += count;
    }
  }

  /// Up to our Received field, and with it.
  private static int frontLength(Message message) {
    for (var field : message.fields().fields()) {
      if (field.name().equals("received")) {
        return field.end();
      }
    }
    return 0;
  }

  // --- What becomes durable

  private Part part(
      Draft draft, QueueId name, byte[] trace, Envelope.Traits traits, Variant variant) {
    var said = about.mail();
    var hold = Hold.of(judged.hold(), variant.hold());
    var sender = variant.sender();
    var ret = sender == null || sender.ret() == null ? said.ret() : sender.ret();
    var envelope =
        new Envelope(
            name,
            about.arrived(),
            sender == null ? said.from() : sender.address(),
            said.body(),
            said.smtputf8(),
            said.requireTls() || variant.headersOnly() ? DsnReturn.HDRS : ret, // RFC 8689 5.
            sender == null || sender.envid() == null ? said.envid() : sender.envid(),
            about.source(),
            traits,
            about.release(),
            judged.priority(),
            judged.tls(),
            about.deadline(),
            about.hop());
    var recipients = numbered(variant.recipients());
    var kept = variant.quarantine();
    var now = intake.time().now();
    String reason = "";
    Placement place = Placement.INCOMING;
    Event stay = null;
    if (kept != null && hold != null && hold.unencrypted()) {
      // Not even the recipient himself may have this one from the quarantine.
      hold = hold.also(Quarantined.reason(kept.service(), kept.reason()));
      kept = null;
    }
    if (kept != null) {
      // Whoever lets it go on answers for both.
      String also = hold == null ? "" : "; also " + RecipientState.HELD + hold.reason();
      reason = Quarantined.reason(kept.service(), kept.reason() + also);
      place = new Placement.Quarantined(now.plus(kept.keep()));
      stay = Quarantined.event(name, now, kept, also);
    } else if (hold != null) {
      reason = RecipientState.HELD + hold.reason();
      place = Placement.HELD;
      stay = Event.Administered.heldOnArrival(name, now, hold);
    }
    var states = Collections.nCopies(recipients.size(), fresh(envelope, reason));
    var mail = new Mail(envelope, trace, draft.chunks(), recipients, states);
    return new Part(draft, mail, place, now, stay, variant.notes(), null, null);
  }

  /// Each at its place.
  private List<Recipient> numbered(List<Recipient> recipients) {
    if (recipients.equals(about.recipients())) {
      return recipients;
    }
    List<Recipient> numbered = new ArrayList<>(recipients.size());
    for (var each : recipients) {
      numbered.add(new Recipient(numbered.size(), each.address(), each.notifyOn(), each.orcpt()));
    }
    return numbered;
  }

  private static RecipientState fresh(Envelope envelope, String reason) {
    var fresh = RecipientState.fresh(envelope.begins());
    return reason.isEmpty()
        ? fresh
        : new RecipientState(fresh.phase(), 0, fresh.due(), false, "", reason);
  }

  /// With the reports of it: all of them become durable, or none, nor the mail.
  private Admission handOver(List<Part> parts, List<Companion> reports) throws IOException {
    if (reports.isEmpty()) {
      return handOver(parts);
    }
    List<Part> all = new ArrayList<>(parts);
    List<Draft> drafts = new ArrayList<>(reports.size());
    List<Event> lost = new ArrayList<>(0);
    try {
      for (var report : reports) {
        var name = intake.spool().nextId();
        var draft = intake.spool().draft(name);
        drafts.add(draft);
        var now = intake.time().now();
        Accompanying.mail(name, report, draft, about.mail().smtputf8(), judged.tls(), now)
            .map(it -> new Part(draft, it, Placement.INCOMING, now, null, List.of(), null, report))
            .ifPresentOrElse(
                all::add,
                () -> {
                  all.replaceAll(part -> part.without(report));
                  lost.add(Accompanying.lost(id, report, now));
                });
      }
      var admission = handOver(all);
      if (admission instanceof Admission.Queued) {
        lost.forEach(intake.journal()::tell);
      }
      return admission;
    } finally {
      drafts.forEach(Draft::close);
    }
  }

  /// From here on the queue is told, whatever happens: a mail that it waits for in vain would wait
  /// for ever.
  private Admission handOver(List<Part> parts) {
    List<List<Event>> events = new ArrayList<>(parts.size());
    List<Draft.Ready> together = new ArrayList<>(parts.size());
    for (var part : parts) {
      var told = events(part);
      events.add(told);
      List<byte[]> trace = new ArrayList<>(told.size());
      for (var event : told) {
        trace.add(intake.journal().entry(event));
      }
      together.add(new Draft.Ready(part.draft, part.mail, part.place, trace));
    }
    var handover = intake.handover();
    parts.forEach(part -> handover.announced(part.mail.id()));
    List<Content> contents = List.of();
    try {
      contents = commit(together);
      // Before what the queue says of it.
      for (var told : events) {
        for (var event : told) {
          intake.journal().tell(event);
        }
      }
      return new Admission.Queued(parts.getFirst().mail.id());
    } catch (SpoolException e) {
      return refused(e);
    } finally {
      for (int i = 0; i < parts.size(); i++) {
        var part = parts.get(i);
        if (contents.isEmpty()) {
          handover.abandoned(part.mail.id());
        } else if (part.discarded != null) {
          settleDiscarded(part, part.discarded);
        } else if (Placement.waitsForSomebody(part.place)) {
          handover.held(part.mail.id(), part.place);
        } else {
          long took = intake.time().nanos() - about.startedNanos();
          handover.accepted(part.mail, contents.get(i), took);
        }
      }
    }
  }

  /// Takes a mail and throws it away. It is stored for that, to be settled like any other: so its
  /// trace is kept, and there is no moment in which nobody knows of it.
  private Admission discard(Draft draft, Treatment.Discarded what) throws IOException {
    String rule = what.rule();
    var all = new Variant(NOTHING, null, about.recipients(), null, null, what.notes());
    var nobody = toBeDiscarded(rule, all);
    return handOver(
        List.of(part(draft, id, judged.trace(), judged.traits(), nobody).discarded(rule)),
        what.reports());
  }

  private static Variant toBeDiscarded(String rule, Variant what) {
    String why = "to be discarded: " + rule;
    var hold = new Hold("content", why, why);
    return new Variant(what.message(), what.sender(), what.recipients(), hold, null, what.notes());
  }

  private void settleDiscarded(Part part, String rule) {
    var name = part.mail.id();
    var now = intake.time().now();
    List<Event> end =
        List.of(Event.Administered.discarded(name, now, rule), new Event.Removed(name, now));
    try {
      var last = end.stream().map(intake.journal()::entry).toList();
      intake
          .spool()
          .settle(new Settlement(part.mail, Placement.HELD, null, List.of(), List.of(), last));
      end.forEach(intake.journal()::tell);
    } finally {
      intake.handover().abandoned(name);
    }
  }

  private List<Content> commit(List<Draft.Ready> together) throws SpoolException {
    if (together.size() > 1) {
      return intake.spool().commit(together);
    }
    var one = together.getFirst();
    return List.of(one.draft().commit(one.mail(), one.place(), one.trace()));
  }

  // --- What is told of it

  private List<Event> events(Part part) {
    if (part.report != null) {
      return List.of(Accompanying.queued(part.mail, part.report, id));
    }
    List<Event> events = new ArrayList<>(2 + part.notes.size());
    events.add(queued(part.mail, part.at)); // All at the same time, in this order.
    part.notes.forEach(note -> events.add(inspected(part.mail.id(), note, part.at)));
    if (part.stay != null) {
      events.add(part.stay);
    }
    return events;
  }

  private Event.Inspected inspected(QueueId name, Note note, Instant when) {
    return new Event.Inspected(
        name,
        about.session(),
        when,
        note.service(),
        note.result().name().toLowerCase(Locale.ROOT),
        note.took(),
        note.reason());
  }

  private Event.Queued queued(Mail mail, Instant when) {
    var source = about.source();
    List<Address> to = new ArrayList<>(mail.recipients().size());
    for (Recipient recipient : mail.recipients()) {
      to.add(recipient.address());
    }
    return new Event.Queued(
        mail.id(),
        about.session(),
        when,
        source.client(),
        about.zone(),
        source.address(),
        source.hello(),
        source.protocol(),
        tls(about.tls()),
        about.login(),
        mail.envelope().sender(),
        about.replaced(),
        to,
        mail.size(),
        judged.messageId(),
        about.hop() ? "exchange" : "",
        Renamed.decisions(judged.decisions(), id, mail.id()));
  }

  private static @Nullable String tls(@Nullable TlsFacts facts) {
    return facts == null ? null : facts.protocol() + ":" + facts.cipher();
  }
}
