package dev.poststation.queue;

import dev.poststation.log.Event;
import dev.poststation.log.Journal;
import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.message.Recipient;
import dev.poststation.message.RecipientState;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.DsnNotify;
import dev.poststation.spool.SpoolException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Makes mails of their own of what leaves the quarantine for some of its recipients, or for
/// somebody else. Safe for any thread, which waits for the disk.
record Copies(Queue queue, Journal journal) {
  /// Makes a copy durable, and hands it over to the queue.
  ///
  /// @param numbers for whom of its recipients; none of them where it goes to somebody else
  Mail stored(Mail mail, List<Integer> numbers, @Nullable Address other) throws SpoolException {
    var spool = queue.spool();
    var id = spool.nextId();
    try (var draft = spool.draft(id)) {
      var content = spool.content(mail);
      for (int chunk = 0; chunk < content.chunks(); chunk++) {
        byte[] octets = content.chunk(chunk);
        draft.write(octets, 0, octets.length);
      }
      var copy = copy(mail, id, draft.chunks(), numbers, other);
      String why = "released from quarantine as a copy of " + mail.id();
      var in = Event.Queued.own(copy, queue.now(), "", why);
      new Incoming(queue, journal).take(draft, copy, in);
      return copy;
    } catch (SpoolException e) {
      throw e;
    } catch (IOException e) {
      throw new SpoolException("The content of " + mail.id() + " cannot be read: " + e, false, e);
    }
  }

  /// Whoever gets a copy that was not meant for him is no business of the sender, whose times are
  /// not about him.
  private Mail copy(
      Mail mail, QueueId id, int chunks, List<Integer> numbers, @Nullable Address other) {
    var named = mail.envelope().named(id);
    var envelope = other == null ? named : named.timeless();
    List<Recipient> recipients = new ArrayList<>(numbers.size());
    for (int number : numbers) {
      var each = mail.recipients().get(number);
      recipients.add(
          new Recipient(recipients.size(), each.address(), each.notifyOn(), each.orcpt()));
    }
    if (other != null) {
      recipients.add(new Recipient(0, other, Set.of(DsnNotify.NEVER), null));
    }
    var now = queue.now();
    var begins = envelope.begins();
    var due = begins.isAfter(now) ? begins : now;
    var state = Quarantine.letOut(RecipientState.fresh(begins), envelope, due, now);
    return new Mail(
        envelope, mail.trace(), chunks, recipients, recipients.stream().map(_ -> state).toList());
  }
}
