package dev.poststation.intake;

import dev.poststation.content.Companion;
import dev.poststation.content.JournalReport;
import dev.poststation.content.MirrorCopy;
import dev.poststation.content.Note;
import dev.poststation.log.Event;
import dev.poststation.message.Envelope;
import dev.poststation.message.Mail;
import dev.poststation.message.Priority;
import dev.poststation.message.QueueId;
import dev.poststation.smtp.ContentScanner;
import dev.poststation.smtp.TlsWish;
import dev.poststation.spool.Draft;
import dev.poststation.spool.SpoolException;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The mail that a journal report becomes, or a copy for a filter. Pure functions, but for what
/// they write.
final class Accompanying {
  private static final Logger LOG = LoggerFactory.getLogger(Accompanying.class);

  private Accompanying() {}

  /// Writes it. Nobody is told what becomes of it: its sender is the null one, as that of Exchange
  /// is.
  ///
  /// @param draft of its content, on its way into the spool
  /// @param smtputf8 whether the client declared SMTPUTF8 for the mail that it is about
  /// @param tls what is wished for that mail: what tells of a mail is protected as it was (RFC 8689
  ///   5)
  /// @return empty: there is no room for a copy, of which nothing is lost but that
  /// @throws IOException when a report cannot be written: there must be one
  static Optional<Mail> mail(
      QueueId id, Companion what, Draft draft, boolean smtputf8, TlsWish tls, Instant now)
      throws IOException {
    return switch (what) {
      // The mail is in a part of its own there, whose type says what it is.
      case JournalReport report ->
          Optional.of(mail(id, report, Envelope.Source.JOURNAL, draft, false, tls, now));
      case MirrorCopy copy -> {
        try {
          yield Optional.of(mail(id, copy, Envelope.Source.MIRROR, draft, smtputf8, tls, now));
        } catch (SpoolException e) {
          LOG.warn("No copy {} is written for {}: {}", id, copy.to(), e.getMessage());
          yield Optional.empty();
        }
      }
    };
  }

  private static Mail mail(
      QueueId id,
      Companion what,
      Envelope.Source source,
      Draft draft,
      boolean smtputf8,
      TlsWish tls,
      Instant now)
      throws IOException {
    var scanner = new ContentScanner(draft::write);
    Acceptance.write(what.content(), scanner);
    var envelope =
        Envelope.own(
            id,
            now,
            source,
            Envelope.Traits.of(scanner.traits()),
            smtputf8,
            Priority.BULK, // Mail for people goes first.
            tls == TlsWish.REQUIRED ? tls : TlsWish.NONE);
    return Mail.own(envelope, what.to(), now);
  }

  /// What is told of a mail whose copy could not be written, instead of where the copy goes.
  static List<Note> without(List<Note> notes, Companion copy) {
    return notes.stream()
        .map(
            note ->
                note.service().equals(copy.service())
                    ? new Note(
                        note.service(),
                        note.origin(),
                        Note.Result.FAILED,
                        note.took(),
                        "no copy goes to " + copy.to() + ": the spool could not take it")
                    : note)
        .toList();
  }

  /// That there is none, for log and metric.
  static Event.Noticed lost(QueueId about, Companion copy, Instant now) {
    String why = "the copy is lost: the spool could not take it";
    return new Event.Noticed(about, now, "mirror", null, copy.to(), why);
  }

  /// @param about the mail that it is about
  static Event.Queued queued(Mail mail, Companion what, QueueId about) {
    String is =
        switch (what) {
          case JournalReport _ -> "journal report of ";
          case MirrorCopy _ -> "copy of ";
        };
    return Event.Queued.own(
        mail, mail.envelope().arrived(), what.messageId(), is + about + ", by " + what.service());
  }
}
