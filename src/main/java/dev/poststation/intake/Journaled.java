package dev.poststation.intake;

import dev.poststation.content.JournalReport;
import dev.poststation.log.Event;
import dev.poststation.message.Envelope;
import dev.poststation.message.Mail;
import dev.poststation.message.Priority;
import dev.poststation.message.QueueId;
import dev.poststation.smtp.ContentScanner;
import dev.poststation.smtp.TlsWish;
import dev.poststation.spool.Draft;
import java.io.IOException;
import java.time.Instant;

/// The mail that a journal report becomes. Pure functions.
final class Journaled {
  private Journaled() {}

  /// Its content, on its way into the spool.
  static Envelope.Traits write(JournalReport report, Draft draft) throws IOException {
    var scanner = new ContentScanner(draft::write);
    Acceptance.write(report.content(), scanner);
    return Envelope.Traits.of(scanner.traits());
  }

  /// Nobody is told what becomes of it: its sender is the null one, as that of Exchange is.
  ///
  /// @param traits of the report
  /// @param tls what is wished for the mail that it is about: what tells of a mail is protected as
  ///   it was (RFC 8689 5)
  static Mail mail(
      QueueId id, JournalReport report, Envelope.Traits traits, TlsWish tls, Instant now) {
    var envelope =
        Envelope.own(
            id,
            now,
            Envelope.Source.JOURNAL,
            traits,
            false,
            Priority.BULK, // Mail for people goes first.
            tls == TlsWish.REQUIRED ? tls : TlsWish.NONE);
    return Mail.own(envelope, report.to(), now);
  }

  /// @param about the mail that it is about
  static Event.Queued queued(Mail mail, JournalReport report, QueueId about) {
    return Event.Queued.own(
        mail,
        mail.envelope().arrived(),
        report.messageId(),
        "journal report of " + about + ", by " + report.service());
  }
}
