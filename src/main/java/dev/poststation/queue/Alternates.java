package dev.poststation.queue;

import dev.poststation.log.Event;
import dev.poststation.log.Journal;
import dev.poststation.message.Content;
import dev.poststation.message.Envelope;
import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.message.Recipient;
import dev.poststation.message.RecipientState;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.Xtext;
import dev.poststation.spool.Settlement;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;

/// Where journal reports go that their mailbox does not take: to another one, or nowhere; then they
/// are held, for they must not be lost, and nobody can be told. Safe for any thread.
public final class Alternates {
  /// A larger one is not copied in memory, but held.
  private static final long SIZE_MAX = 64L * 1024 * 1024;

  private final Function<Address, Optional<Address>> others;
  private final Journal journal;
  private final Supplier<QueueId> ids;

  /// One copy at a time is in memory.
  private final ReentrantLock copying = new ReentrantLock();

  /// @param others who gets what a mailbox does not take
  /// @param ids gives queue ids to copies
  public Alternates(
      Function<Address, Optional<Address>> others, Journal journal, Supplier<QueueId> ids) {
    this.others = others;
    this.journal = journal;
    this.ids = ids;
  }

  /// Whether a mail is a journal report.
  static boolean concern(Envelope envelope) {
    return envelope.source().equals(Envelope.Source.JOURNAL);
  }

  /// Whether what a recipient does not take is to be held.
  boolean holds(Mail mail, Recipient recipient) {
    return concern(mail.envelope()) && (mail.size() > SIZE_MAX || other(recipient).isEmpty());
  }

  /// Nobody for a report that has gone to another one already: it would go round for ever.
  private Optional<Address> other(Recipient recipient) {
    return recipient.orcpt() == null ? others.apply(recipient.address()) : Optional.empty();
  }

  /// Runs what copies a mail, and keeps the copy until it is durable.
  void run(Mail mail, Runnable body) {
    if (!concern(mail.envelope())) {
      body.run();
      return;
    }
    copying.lock();
    try {
      body.run();
    } finally {
      copying.unlock();
    }
  }

  /// The same report for the other mailbox; empty: there is none.
  ///
  /// @throws IOException when the spool cannot read it
  Optional<Settlement.Notice> copy(Mail mail, Content content, Recipient recipient, Instant now)
      throws IOException {
    var other = other(recipient);
    if (other.isEmpty()) {
      return Optional.empty();
    }
    var octets = new ByteArrayOutputStream((int) mail.envelope().traits().size());
    for (int i = 0; i < content.chunks(); i++) {
      octets.writeBytes(content.chunk(i));
    }
    // It is as old as it is at this mailbox: it has all of `queue.lifetime` there.
    var envelope = mail.envelope().named(ids.get()).arrivedAt(now);
    String orcpt = "rfc822;" + Xtext.encode(recipient.address().toString());
    var to = new Recipient(0, other.get(), recipient.notifyOn(), orcpt);
    var copy =
        new Mail(
            envelope,
            mail.trace(),
            Math.ceilDiv(octets.size(), Content.CHUNK_OCTETS),
            List.of(to),
            List.of(RecipientState.fresh(now)));
    String why =
        "journal report " + mail.id() + ", which " + recipient.address() + " does not take";
    var in = Event.Queued.own(copy, now, "", why);
    return Optional.of(
        new Settlement.Notice(
            copy, octets.toByteArray(), List.of(journal.report(in)), new byte[0]));
  }
}
