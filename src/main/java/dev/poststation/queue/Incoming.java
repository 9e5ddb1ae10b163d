package dev.poststation.queue;

import dev.poststation.log.Event;
import dev.poststation.log.Journal;
import dev.poststation.message.Content;
import dev.poststation.message.Mail;
import dev.poststation.spool.Draft;
import dev.poststation.spool.SpoolException;
import java.util.List;

/// The way into the queue of mail that no session brings and no service looks at. Safe for any
/// thread, which waits for the disk.
public record Incoming(Queue queue, Journal journal) {
  /// Makes a mail durable, and hands it over to the queue.
  ///
  /// @param draft with all of its content
  /// @param in what is told of it
  public void take(Draft draft, Mail mail, Event.Queued in) throws SpoolException {
    queue.announced(mail.id());
    Content stored = null;
    try {
      stored = draft.commit(mail, List.of(journal.entry(in)));
      journal.tell(in);
    } finally { // Whatever happens: the queue waits for it.
      if (stored == null) {
        queue.abandoned(mail.id());
      } else {
        queue.accepted(mail, stored, 0);
      }
    }
  }
}
