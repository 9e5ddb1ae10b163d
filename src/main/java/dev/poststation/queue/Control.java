package dev.poststation.queue;

import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.message.RecipientState;
import dev.poststation.spool.Placement;
import dev.poststation.spool.Spool;
import dev.poststation.spool.SpoolException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The queue in the hands of an administrator: looks at mails and does something about them. Safe
/// for any thread; reads the spool, so it takes its time.
public final class Control {
  private static final Logger LOG = LoggerFactory.getLogger(Control.class);

  /// Begins the reason of what waits for the time that its client wants.
  private static final String ASLEEP = "waits for its time: ";

  private final Queue queue;
  private final Spool spool;

  /// What can be done about a mail.
  public enum Action {
    /// No attempt until it is released, and no end of its lifetime.
    HOLD,
    /// Ends a hold, or the wait for the time that its client wants; the mail is due now, and is
    /// tried before its age counts.
    RELEASE,
    /// Due now, and its destination is asked anew.
    RETRY,
    /// Returned to its sender.
    BOUNCE,
    /// Removed without a word.
    DELETE
  }

  /// A mail that is meant.
  ///
  /// @param recipients the numbers of those whom to bounce or delete; empty: all. The other actions
  ///   are about the whole mail
  public record Meant(QueueId id, Set<Integer> recipients) {
    public Meant {
      recipients = Set.copyOf(recipients);
    }

    /// All recipients of a mail.
    public static Meant whole(QueueId id) {
      return new Meant(id, Set.of());
    }
  }

  /// For one queue.
  public Control(Queue queue) {
    this.queue = queue;
    this.spool = queue.spool();
  }

  /// Shows every mail that is meant to `visitor`, until it returns false.
  public void visit(Selection selection, Predicate<QueueEntry> visitor) throws SpoolException {
    var now = queue.now();
    if (!selection.ids().isEmpty()) {
      for (var id : selection.ids()) {
        var entry = entry(id);
        if (entry.isPresent()
            && selection.matches(entry.get(), now)
            && !visitor.test(entry.get())) {
          return;
        }
      }
      return;
    }
    Predicate<QueueId> each =
        id -> {
          var entry = entryQuietly(id);
          return entry.isEmpty()
              || !selection.matches(entry.get(), now)
              || visitor.test(entry.get());
        };
    var indexes = new Indexes(spool);
    if ("quarantine".equalsIgnoreCase(selection.place())) {
      indexes.quarantined(each);
    } else if (indexes.incoming(each) && indexes.parked(each) && indexes.held(each)) {
      indexes.deferred(each);
    }
  }

  private Optional<QueueEntry> entryQuietly(QueueId id) {
    try {
      return entry(id);
    } catch (SpoolException e) {
      LOG.warn("{} cannot be read: {}", id, e.getMessage());
      return Optional.empty();
    }
  }

  /// One mail; empty when there is none of that name.
  public Optional<QueueEntry> entry(QueueId id) throws SpoolException {
    var active = queue.active(id);
    if (active != null) {
      return Optional.of(entry(active.mail(), active.states(), "active", null));
    }
    return spool
        .load(id)
        .map(
            stored ->
                entry(
                    stored.mail(),
                    stored.mail().states(),
                    place(stored.placement()),
                    stored.placement()));
  }

  private static String place(Placement placement) {
    return switch (placement) {
      case Placement.Incoming _ -> "incoming";
      case Placement.Deferred _ -> "deferred";
      case Placement.Parked _ -> "parked";
      case Placement.Held _ -> "held";
      case Placement.Quarantined _ -> "quarantine";
    };
  }

  private QueueEntry entry(
      Mail mail, List<RecipientState> states, String place, @Nullable Placement placement) {
    var envelope = mail.envelope();
    List<QueueEntry.Line> lines = new ArrayList<>(states.size());
    for (int i = 0; i < states.size(); i++) {
      var state = states.get(i);
      lines.add(
          new QueueEntry.Line(
              mail.recipients().get(i).address(),
              state.ended() ? state.phase().name().toLowerCase(Locale.ROOT) : "waiting",
              state.attempts(),
              state.waiting() ? next(state, placement) : null,
              state.destination(),
              ActiveMail.asleep(mail, state, queue.now())
                  ? ASLEEP + Objects.requireNonNull(envelope.release()).words()
                  : reason(state, placement)));
    }
    return new QueueEntry(
        envelope.id(),
        place,
        envelope.arrived(),
        envelope.sender(),
        envelope.source().client(),
        mail.size(),
        lines);
  }

  private static String reason(RecipientState state, @Nullable Placement placement) {
    if (state.ended()) {
      return state.reason();
    }
    if (state.returning()) {
      return "is being returned to the sender: " + state.reason();
    }
    String reason = state.reason().isEmpty() ? "not tried yet" : state.reason();
    // Mail that was held when it came says so itself.
    boolean byHand = placement instanceof Placement.Held && !reason.startsWith(RecipientState.HELD);
    return byHand ? "held by an administrator; " + reason : reason;
  }

  private @Nullable Instant next(RecipientState state, @Nullable Placement placement) {
    return switch (placement) {
      case null -> state.due();
      case Placement.Held _, Placement.Quarantined _ -> null;
      case Placement.Parked parked -> {
        var until = queue.ready().setAsideUntil(parked.destination());
        yield until == null ? queue.now() : until;
      }
      case Placement.Incoming _, Placement.Deferred _ -> state.due();
    };
  }

  /// Whether something would be done about a mail, as it is now: whatever is held only a release
  /// ends, and nothing else is to be released.
  public boolean wouldAct(Action action, QueueEntry entry) {
    var active = queue.active(entry.id());
    boolean held = active == null ? entry.place().equals("held") : active.held();
    if (entry.place().equals("quarantine")) {
      return false; // That is what `quarantine` is for.
    }
    return switch (action) {
      case HOLD -> !held;
      case RETRY -> !held && !entry.recipients().stream().allMatch(Control::asleep);
      case RELEASE ->
          held
              || entry.recipients().stream()
                  .anyMatch(line -> heldByConnector(line) || asleep(line));
      case BOUNCE, DELETE -> true;
    };
  }

  /// Whether a mail is held that should have been encrypted, and is not.
  public boolean isHeldUnencrypted(QueueEntry entry) {
    return wouldAct(Action.RELEASE, entry)
        && entry.recipients().stream()
            .anyMatch(line -> heldByConnector(line) && RecipientState.unencrypted(line.reason()));
  }

  private static boolean asleep(QueueEntry.Line line) {
    return line.phase().equals("waiting") && line.reason().startsWith(ASLEEP);
  }

  private static boolean heldByConnector(QueueEntry.Line line) {
    return line.phase().equals("waiting") && line.reason().startsWith(RecipientState.HELD);
  }

  /// Destinations whose names match are tried as if for the first time, and all of their hosts,
  /// whether mail waits for them or not.
  ///
  /// @param selection one with a destination, else nothing happens
  public void askAnew(Selection selection) {
    if (selection.destination() != null) {
      queue.ready().forgetFailuresOf(queue -> selection.leadsTo(queue.destination().name()));
      queue.claims().wake();
    }
  }

  /// Does something about these mails. It is durable when this returns; an attempt that is in
  /// flight goes on all the same, and what it delivers is delivered. For a mail that is being
  /// handed over just now, this is waited for.
  ///
  /// @param text why, for trace and bounce; may be empty
  /// @return those about which something was, or will be, done
  /// @throws SpoolException when it is not durable yet: the spool keeps what was ordered, and tries
  ///   again to write it
  public List<QueueId> act(Action action, List<Meant> mails, String text)
      throws InterruptedException, SpoolException {
    return new Orders(queue, action, text).give(mails);
  }
}
