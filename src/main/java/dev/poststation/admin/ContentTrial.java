package dev.poststation.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.conditions.MailFacts;
import dev.poststation.config.Configuration;
import dev.poststation.config.Units;
import dev.poststation.config.Zones;
import dev.poststation.content.Facts;
import dev.poststation.content.Message;
import dev.poststation.content.Note;
import dev.poststation.content.Pipeline;
import dev.poststation.content.Treatment;
import dev.poststation.content.Variant;
import dev.poststation.intake.HeaderFirewall;
import dev.poststation.intake.Rehearsal;
import dev.poststation.intake.Submission;
import dev.poststation.message.Envelope;
import dev.poststation.message.Priority;
import dev.poststation.message.QueueId;
import dev.poststation.message.Recipient;
import dev.poststation.os.Time;
import dev.poststation.policy.Permit;
import dev.poststation.rewrite.Rewriter;
import dev.poststation.server.AuthorJudge;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.BodyType;
import dev.poststation.smtp.Command;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/// Has the services of `content` look at the mail of a [Question], for [Explanation]. Whatever they
/// ask is really asked; the mail goes nowhere. Immutable; safe for any thread.
final class ContentTrial {
  private final Configuration configuration;
  private final Pipeline services;
  private final Time time;

  /// Who brings the mail, and with which addresses it goes on.
  ///
  /// @param known of the client
  /// @param hop whether it only goes between servers of Exchange
  record Taken(
      Permit permit,
      dev.poststation.policy.Facts known,
      Envelope.Source source,
      Address sender,
      Address recipient,
      boolean hop) {}

  ContentTrial(Configuration configuration, Pipeline services, Time time) {
    this.configuration = configuration;
    this.services = services;
    this.time = time;
  }

  /// Whether a service would want to see such a mail.
  boolean concerns(Taken taken) {
    var facts =
        new Facts(
            QueueId.FIRST,
            taken.source,
            taken.sender,
            recipients(taken),
            configuration.hostname(),
            null,
            true);
    return !taken.hop && services.concerns(facts);
  }

  /// Plays it through.
  ///
  /// @param content with CRLF at the end of each line
  Rehearsal.Result play(Taken taken, byte[] content) {
    return Rehearsal.play(services, submission(taken, content.length), content);
  }

  /// What routes ask of a mail that has been through the services.
  static MailFacts after(Taken taken, Treatment.Passed passed) {
    var first = passed.variants().getFirst();
    var message = first.message();
    var sender = first.sender() == null ? taken.sender : first.sender().address();
    String header = new String(message.header(), UTF_8);
    return MailFacts.of(taken.source, sender, message.size(), header);
  }

  private Submission submission(Taken taken, long size) {
    var permit = taken.permit;
    boolean exchange =
        configuration.clients().stream().anyMatch(rule -> !rule.exchange().isEmpty());
    boolean foreign = exchange && permit.rule().exchange().isEmpty();
    Function<byte[], Rewriter.HeaderChange> rewriting =
        permit.rewritesHeaders() && !taken.hop ? permit::rewritten : null;
    return new Submission(
        "-",
        time.now(),
        time.nanos(),
        taken.source,
        null,
        null,
        permit.rule(),
        Zones.of(permit.rule(), taken.known.zone()),
        new Command.Mail(taken.sender, size, BodyType.EIGHT_BIT_MIME, false, null, null, false),
        null,
        recipients(taken),
        null,
        null,
        null,
        Priority.NORMAL,
        permit.looksAtHeader() ? new AuthorJudge(permit, taken::known) : null,
        foreign ? new HeaderFirewall(permit.rule().name(), rewriting) : rewriting,
        null,
        taken.hop
            ? Submission.Exchange.HOP
            : foreign ? Submission.Exchange.FOREIGN : Submission.Exchange.NONE,
        permit.messageSize(configuration.limits()),
        permit.messageSizeRule(configuration.limits()),
        List.of(),
        configuration.hostname(),
        configuration.limits());
  }

  private static List<Recipient> recipients(Taken taken) {
    return List.of(new Recipient(0, taken.recipient, Set.of(), null));
  }

  // --- As JSON
  // ----------------------------------------------------------------------------------

  /// What each service found, of a mail that would not go on.
  static void tell(List<Note> found, ObjectNode answer) {
    if (!found.isEmpty()) {
      notes(found, answer.putArray("services"));
    }
  }

  /// What each service found, and what is different then: one entry of `mails` for those recipients
  /// who get the same, or would have got it.
  void tell(Taken taken, Message came, Treatment.Passed passed, ObjectNode answer) {
    if (passed.dropped().isEmpty()
        && passed.variants().stream().allMatch(variant -> variant.notes().isEmpty())) {
      return; // No service was meant.
    }
    var mails = answer.putArray("mails");
    for (Variant variant : passed.variants()) {
      var mail = mail(variant, mails);
      var hold = variant.hold();
      if (hold != null) {
        mail.put("held", hold.reason());
        answer.put("held", hold.reason());
      }
      var kept = variant.quarantine();
      if (kept != null) {
        String text =
            "by %s, for %s: %s".formatted(kept.service(), Units.show(kept.keep()), kept.reason());
        mail.put("quarantined", text);
        answer.put("quarantined", text);
      }
      changes(came, variant.message(), mail);
    }
    for (var dropped : passed.dropped()) {
      mail(dropped.variant(), mails).put("discarded", dropped.rule());
      var whose = dropped.variant().recipients().stream().map(Recipient::address);
      if (whose.anyMatch(taken.recipient::equals)) {
        answer.put("discarded", dropped.rule());
      }
    }
  }

  private static ObjectNode mail(Variant variant, ArrayNode mails) {
    var mail = mails.addObject();
    var to = variant.recipients().stream().map(each -> each.address().toString()).toList();
    mail.set("to", Json.texts(to));
    notes(variant.notes(), mail.putArray("services"));
    return mail;
  }

  private void changes(Message came, Message now, ObjectNode mail) {
    var changes = ContentChanges.between(came, now, configuration.limits().mime());
    mail.set("header", Json.texts(changes.header()));
    mail.set("body", Json.texts(changes.body()));
  }

  private static void notes(List<Note> notes, ArrayNode in) {
    for (Note note : notes) {
      var entry = in.addObject();
      entry.put("service", note.service());
      entry.put("origin", note.origin());
      entry.put("result", Json.word(note.result()));
      entry.put("seconds", note.took().toMillis() / 1000.0);
      entry.put("text", note.reason());
    }
  }
}
