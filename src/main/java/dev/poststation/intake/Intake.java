package dev.poststation.intake;

import dev.poststation.content.Pipeline;
import dev.poststation.content.Visit;
import dev.poststation.log.Journal;
import dev.poststation.message.QueueId;
import dev.poststation.os.Time;
import dev.poststation.spool.Spool;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The one way in for mail from outside: gives each mail its name, and an [Arrival] that takes its
/// content. Safe for any thread.
public final class Intake {
  private final Spool spool;
  private final Journal journal;
  private final Handover handover;
  private final Time time;
  private final Supplier<Pipeline> services;
  private final TraceHeader traceHeader = new TraceHeader();
  private final RecipientCount recipients = new RecipientCount();

  /// Without services.
  public Intake(Spool spool, Journal journal, Handover handover, Time time) {
    this(spool, journal, handover, time, () -> Pipeline.none(time));
  }

  /// @param handover gets each mail once it is durable
  /// @param services those of the configuration in force
  public Intake(
      Spool spool, Journal journal, Handover handover, Time time, Supplier<Pipeline> services) {
    this.spool = spool;
    this.services = services;
    this.journal = journal;
    this.handover = handover;
    this.time = time;
  }

  /// Begins to take in a mail. The caller must close what it gets.
  public Arrival begin(Submission submission) {
    return begin(submission, null);
  }

  /// The same.
  ///
  /// @param visit the milters that have heard of its envelope, or null
  public Arrival begin(Submission submission, @Nullable Visit visit) {
    QueueId id = spool.nextId();
    return new Arrival(
        traceHeader,
        id,
        submission,
        spool.draft(id),
        (name, about, judged, draft) ->
            new Acceptance(this, name, about, judged, visit).take(draft));
  }

  Spool spool() {
    return spool;
  }

  /// What looks at mail and changes it now.
  public Pipeline services() {
    return services.get();
  }

  /// The recipients of all mails that are coming in.
  public RecipientCount recipients() {
    return recipients;
  }

  Journal journal() {
    return journal;
  }

  Handover handover() {
    return handover;
  }

  Time time() {
    return time;
  }
}
