package dev.poststation.queue;

import dev.poststation.log.Event;
import dev.poststation.log.Journal;
import dev.poststation.message.Envelope;
import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.message.Recipient;
import dev.poststation.message.RecipientState;
import dev.poststation.smtp.Address;
import dev.poststation.spool.Placement;
import dev.poststation.spool.Settlement;
import dev.poststation.spool.Spool;
import dev.poststation.spool.SpoolException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Mail in quarantine, in the hands of an administrator or of its recipients. Safe for any thread;
/// reads the spool, so it takes its time.
///
/// What goes out to some of the recipients only, or to somebody else, becomes a mail of its own.
public final class Quarantine {
  private static final Logger LOG = LoggerFactory.getLogger(Quarantine.class);

  private final Queue queue;
  private final Spool spool;
  private final Journal journal;
  private final Copies copies;

  /// One order after another: nobody gets a copy of what is released or deleted meanwhile.
  private final ReentrantLock acting = new ReentrantLock();

  /// A mail in quarantine.
  ///
  /// @param until when it goes, if nobody decides before
  public record Kept(Mail mail, Instant until) {
    /// The numbers of those who might still get it.
    public List<Integer> waiting() {
      List<Integer> waiting = new ArrayList<>(mail.states().size());
      for (int i = 0; i < mail.states().size(); i++) {
        if (mail.states().get(i).waiting()) {
          waiting.add(i);
        }
      }
      return waiting;
    }

    /// Whether its sender wanted it back by now (RFC 2852): whoever let it go on would return it.
    public boolean overdue(Instant now) {
      return Deadlines.over(mail.envelope(), now);
    }

    /// Which service keeps it.
    public String service() {
      String said = said();
      int end = said.indexOf(": ");
      return end < 0 ? said : said.substring(0, end);
    }

    /// Why.
    public String reason() {
      String said = said();
      int end = said.indexOf(": ");
      return end < 0 ? "" : said.substring(end + 2);
    }

    private String said() {
      for (var state : mail.states()) {
        if (state.waiting() && state.reason().startsWith(RecipientState.QUARANTINED)) {
          return state.reason().substring(RecipientState.QUARANTINED.length());
        }
      }
      return "";
    }
  }

  Quarantine(Queue queue, Journal journal) {
    this.queue = queue;
    this.spool = queue.spool();
    this.journal = journal;
    this.copies = new Copies(queue, journal);
  }

  // --- Looking
  // -----------------------------------------------------------------------------------

  /// Shows every mail that is kept to `visitor`, the latest first, until it returns false.
  public void visit(Predicate<Kept> visitor) throws SpoolException {
    List<QueueId> ids = new ArrayList<>();
    new Indexes(spool).quarantined(ids::add);
    for (var id : ids.reversed()) {
      var kept = quietly(id);
      if (kept.isPresent() && !visitor.test(kept.get())) {
        return;
      }
    }
  }

  private Optional<Kept> quietly(QueueId id) {
    try {
      return find(id);
    } catch (SpoolException e) {
      LOG.warn("{} cannot be read: {}", id, e.getMessage());
      return Optional.empty();
    }
  }

  /// A mail of this name; empty: it is not in quarantine.
  public Optional<Kept> find(QueueId id) throws SpoolException {
    var stored = spool.load(id);
    return stored.isPresent()
            && stored.get().placement() instanceof Placement.Quarantined(Instant until)
        ? Optional.of(new Kept(stored.get().mail(), until))
        : Optional.empty();
  }

  /// When the next one goes; empty: there is none.
  public Optional<Instant> soonest() throws SpoolException {
    return spool.quarantined(Spool.Due.FIRST, Claims.NEVER, 1).stream()
        .map(Spool.Due::time)
        .findFirst();
  }

  // --- Acting
  // ------------------------------------------------------------------------------------

  /// Lets a mail go on to its recipients, or to some of them. It is durable when this returns.
  ///
  /// @param recipients their numbers; empty: all
  /// @param by who wants it
  /// @param text why; may be empty
  /// @return under which name it goes on; empty: there is no such mail in quarantine, none of these
  ///   recipients waits for it, or it is overdue
  public Optional<QueueId> release(QueueId id, Set<Integer> recipients, String by, String text)
      throws SpoolException, InterruptedException {
    acting.lock();
    try {
      var kept = find(id).filter(it -> !it.overdue(queue.now()));
      if (kept.isEmpty()) {
        return Optional.empty();
      }
      var waiting = kept.get().waiting();
      var meant = waiting.stream().filter(it -> recipients.isEmpty() || recipients.contains(it));
      var numbers = meant.toList();
      if (numbers.size() < waiting.size()) {
        return numbers.isEmpty() ? Optional.empty() : copied(kept.get(), numbers, null, by, text);
      }
      var custody = new Orders.Custody("release", by);
      var done =
          new Orders(queue, Control.Action.RELEASE, text, custody)
              .give(List.of(Control.Meant.whole(id)));
      return done.stream().findFirst();
    } finally {
      acting.unlock();
    }
  }

  /// Sends a mail to somebody else; for its recipients it stays in quarantine. It is durable when
  /// this returns.
  ///
  /// @return under which name it goes; empty: there is no such mail in quarantine
  public Optional<QueueId> send(QueueId id, Address to, String by, String text)
      throws SpoolException, InterruptedException {
    acting.lock();
    try {
      var kept = find(id);
      return kept.isEmpty() ? Optional.empty() : copied(kept.get(), List.of(), to, by, text);
    } finally {
      acting.unlock();
    }
  }

  /// Throws a mail away, for all of its recipients or for some; nobody is told. It is durable when
  /// this returns.
  ///
  /// @param recipients their numbers; empty: all
  /// @return whether it did; false: there is no such mail in quarantine, or none of these
  ///   recipients waits for it
  public boolean delete(QueueId id, Set<Integer> recipients, String by, String text)
      throws SpoolException, InterruptedException {
    acting.lock();
    try {
      var custody = new Orders.Custody("delete", by);
      return !new Orders(queue, Control.Action.DELETE, text, custody)
          .give(List.of(new Control.Meant(id, recipients)))
          .isEmpty();
    } finally {
      acting.unlock();
    }
  }

  /// Takes note in log and trace of what else was done about a mail.
  public void note(Kept kept, String action, String by, String text) throws SpoolException {
    settle(
        kept,
        List.of(),
        new Event.Quarantined(kept.mail().id(), queue.now(), action, by, List.of(), null, text));
  }

  /// Takes note that a recipient was told of a mail, by a digest. Durable a moment later.
  public void told(Kept kept, Address to, QueueId digest) throws SpoolException {
    written(
        kept,
        List.of(),
        new Event.Quarantined(
            kept.mail().id(),
            queue.now(),
            "digest",
            "quarantine.digest",
            List.of(to),
            null,
            "told by mail " + digest));
  }

  /// The state of a recipient whose mail leaves a place in which it waited for somebody.
  static RecipientState released(
      RecipientState state, Mail mail, Placement place, Instant due, Instant now) {
    return place instanceof Placement.Quarantined
        ? letOut(state, mail.envelope(), due, now)
        : state.released(due);
  }

  /// The state of a recipient whose mail leaves the quarantine.
  static RecipientState letOut(RecipientState state, Envelope envelope, Instant due, Instant now) {
    var stood = Duration.between(envelope.begins(), now);
    return state.letOut(due, stood.isNegative() ? Duration.ZERO : stood);
  }

  /// The copy is real before the mail is settled: a crash between leaves both, and loses nothing.
  ///
  /// @param numbers whom of its recipients; none of them where it goes to somebody else
  private Optional<QueueId> copied(
      Kept kept, List<Integer> numbers, @Nullable Address other, String by, String text)
      throws SpoolException {
    var copy = copies.stored(kept.mail(), numbers, other);
    var to = copy.recipients().stream().map(Recipient::address).toList();
    var now = queue.now();
    var out = new Event.Quarantined(kept.mail().id(), now, "release", by, to, copy.id(), text);
    List<Settlement.Change> changes = new ArrayList<>(numbers.size());
    for (int number : numbers) {
      var state = kept.mail().states().get(number);
      String why = "released as " + copy.id() + ", by " + by;
      changes.add(new Settlement.Change(number, state.now(RecipientState.Phase.DELETED, now, why)));
    }
    settle(kept, changes, out);
    return Optional.of(copy.id());
  }

  /// Writes down what was done about a mail; durable when it returns. Where it has left the
  /// quarantine meanwhile, only the log knows.
  private void settle(Kept kept, List<Settlement.Change> changes, Event event)
      throws SpoolException {
    written(kept, changes, event);
    spool.sync();
  }

  private void written(Kept kept, List<Settlement.Change> changes, Event event)
      throws SpoolException {
    var place = new Placement.Quarantined(kept.until);
    inTurn(
        () -> {
          if (quietly(kept.mail().id()).isPresent()) {
            var entry = List.of(journal.entry(event));
            spool.settle(new Settlement(kept.mail(), place, place, changes, List.of(), entry));
          }
        });
    journal.tell(event);
  }

  /// Runs it where nobody else changes mail in quarantine meanwhile.
  private void inTurn(Runnable body) {
    var finished = new CountDownLatch(1);
    queue
        .claims()
        .order(
            () -> {
              try {
                body.run();
              } finally {
                finished.countDown();
              }
            });
    boolean interrupted = false;
    while (true) {
      try {
        finished.await();
        break;
      } catch (InterruptedException _) {
        interrupted = true; // What was ordered happens all the same.
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
