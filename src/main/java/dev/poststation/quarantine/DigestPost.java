package dev.poststation.quarantine;

import dev.poststation.config.Configuration;
import dev.poststation.config.DigestSettings;
import dev.poststation.log.Event;
import dev.poststation.log.Journal;
import dev.poststation.message.AddressPatterns;
import dev.poststation.message.Envelope;
import dev.poststation.message.Mail;
import dev.poststation.message.Priority;
import dev.poststation.message.QueueId;
import dev.poststation.os.Os;
import dev.poststation.queue.Incoming;
import dev.poststation.queue.Quarantine;
import dev.poststation.queue.Queue;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.ContentScanner;
import dev.poststation.smtp.TlsWish;
import dev.poststation.spool.Spool;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Composes digests and puts them into the queue. No service looks at them: one that finds spam in
/// what they tell would keep them, too. Safe for any thread.
record DigestPost(
    Os os,
    Queue queue,
    Spool spool,
    Journal journal,
    UnaryOperator<byte[]> signed,
    Supplier<Configuration> configuration,
    DigestKey key) {
  private static final Logger LOG = LoggerFactory.getLogger(DigestPost.class);

  /// Mails that one digest tells of; further ones come with the next.
  private static final int ENTRIES_MOST = 100;

  private static final int SUBJECT_MAX = 200;

  /// A digest that is not in the queue yet.
  ///
  /// @param kept what it tells of
  record Prepared(Mail mail, byte[] content, String messageId, List<Quarantine.Kept> kept) {
    Prepared {
      kept = List.copyOf(kept);
    }

    QueueId id() {
      return mail.id();
    }

    Address to() {
      return mail.recipients().getFirst().address();
    }

    String key() {
      return AddressPatterns.mailboxKey(to());
    }

    Set<QueueId> tells() {
      return kept.stream().map(each -> each.mail().id()).collect(Collectors.toSet());
    }
  }

  /// Composes one; empty when nothing of it is kept any more.
  ///
  /// @param to one of `recipients`
  /// @param ids what it is about, that first which is gone first; people see the latest first
  /// @throws IOException when the spool fails, or there is no key for links
  Optional<Prepared> prepare(DigestSettings settings, Address to, List<QueueId> ids, Instant now)
      throws IOException {
    List<Quarantine.Kept> kept = new ArrayList<>();
    List<DigestMail.Entry> entries = new ArrayList<>();
    for (var id : ids.subList(0, Math.min(ids.size(), ENTRIES_MOST))) {
      var found = queue.quarantine().find(id);
      var reason = found.flatMap(it -> Digests.shown(settings, it, to));
      if (reason.isPresent()) {
        kept.add(found.get());
        entries.add(entry(settings, to, found.get(), reason.get(), now));
      }
    }
    if (entries.isEmpty()) {
      return Optional.empty();
    }
    var id = spool.nextId();
    String hostname = configuration.get().hostname();
    var digest =
        new DigestMail(
            settings,
            id,
            now,
            to,
            entries.reversed(),
            Math.max(0, ids.size() - ENTRIES_MOST),
            hostname,
            "=_" + id + "_" + os.chance().hex(9));
    byte[] content = signed.apply(digest.content());
    return Optional.of(new Prepared(mail(id, to, content, now), content, digest.messageId(), kept));
  }

  private DigestMail.Entry entry(
      DigestSettings settings, Address to, Quarantine.Kept kept, Reason reason, Instant now)
      throws IOException {
    var letter = letter(kept);
    var envelope = kept.mail().envelope();
    String sender = envelope.sender().isNull() ? "<>" : envelope.sender().toString();
    String from = Plain.unlinked(letter.from(), SUBJECT_MAX);
    if (from.isEmpty() || !letter.from().contains(sender)) {
      from = (from + " (" + Plain.line(sender, SUBJECT_MAX) + ")").strip();
    }
    String subject = Plain.unlinked(letter.subject(), SUBJECT_MAX);
    var words = DigestWords.of(settings.language());
    return new DigestMail.Entry(
        kept.mail().id(),
        envelope.arrived(),
        kept.until(),
        from,
        subject.isEmpty() ? words.noSubject() : subject,
        reason.unexamined() ? words.notExamined() : reason.text(),
        reason.score(),
        links(settings, to, kept, reason, now));
  }

  /// A mail whose content cannot be read is told of all the same.
  private Letter letter(Quarantine.Kept kept) {
    try {
      return Letter.brief(spool, kept.mail());
    } catch (IOException e) {
      LOG.warn("The header of {} cannot be read: {}", kept.mail().id(), e.getMessage());
      return new Letter("", "", List.of(), "", List.of(), "it cannot be read");
    }
  }

  private SortedMap<DigestSettings.Action, String> links(
      DigestSettings settings, Address to, Quarantine.Kept kept, Reason reason, Instant now)
      throws IOException {
    SortedMap<DigestSettings.Action, String> links = new TreeMap<>();
    if (settings.hasLinks()) {
      var valid = now.plus(settings.valid());
      var until = valid.isBefore(kept.until()) ? valid : kept.until();
      for (var action : settings.actions()) {
        if (reason.allows(action)) {
          var link = new DigestLink(action, kept.mail().id(), to, until);
          links.put(action, settings.url() + "/" + link.text(key.secret(), os.chance()));
        }
      }
    }
    return links;
  }

  private static Mail mail(QueueId id, Address to, byte[] content, Instant now) {
    var traits = Envelope.Traits.of(ContentScanner.seen(content));
    var envelope =
        Envelope.own(
            id,
            now,
            Envelope.Source.SELF,
            traits,
            to.isInternational(),
            Priority.BULK,
            TlsWish.NONE);
    return Mail.own(envelope, to, now);
  }

  /// Makes it durable and hands it to the queue.
  void send(Prepared digest) throws IOException {
    var id = digest.id();
    try (var draft = spool.draft(id)) {
      draft.write(digest.content(), 0, digest.content().length);
      new Incoming(queue, journal).take(draft, digest.mail(), queued(digest));
    }
    for (var each : digest.kept()) {
      queue.quarantine().told(each, digest.to(), id);
    }
  }

  private static Event.Queued queued(Prepared digest) {
    int count = digest.kept().size();
    return Event.Queued.own(
        digest.mail(),
        digest.mail().envelope().arrived(),
        digest.messageId(),
        "digest of the quarantine with " + count + (count == 1 ? " mail" : " mails"));
  }
}
