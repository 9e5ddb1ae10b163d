package dev.poststation.reporting;

import dev.poststation.config.ClientRule;
import dev.poststation.config.Configuration;
import dev.poststation.config.Origin;
import dev.poststation.intake.Admission;
import dev.poststation.intake.Intake;
import dev.poststation.intake.Submission;
import dev.poststation.message.Envelope;
import dev.poststation.message.Priority;
import dev.poststation.message.QueueId;
import dev.poststation.message.Recipient;
import dev.poststation.os.Time;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.BodyType;
import dev.poststation.smtp.Command;
import dev.poststation.smtp.ContentScanner;
import dev.poststation.smtp.DsnNotify;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/// Puts mails of our own into the queue, on the way that all mail comes in. Safe for any thread.
public final class Outbox {
  private static final ClientRule OURSELVES =
      new ClientRule(
          Envelope.Source.SELF.client(),
          List.of(),
          ClientRule.BareNewlines.REFUSE,
          false,
          true,
          false,
          false,
          Origin.DEFAULT);

  private final Intake intake;
  private final Supplier<Configuration> configuration;
  private final Time time;

  /// @param configuration that in force
  public Outbox(Intake intake, Supplier<Configuration> configuration, Time time) {
    this.intake = intake;
    this.configuration = configuration;
    this.time = time;
  }

  /// Makes a mail durable and hands it to the queue. Its sender is the null one, and nobody is told
  /// what becomes of it.
  ///
  /// @param to ASCII, as the content
  /// @param content with CRLF
  /// @param why for the trace
  /// @throws IOException when it could not be stored; the message is one clause
  QueueId put(List<Address> to, byte[] content, String why) throws IOException {
    var now = configuration.get();
    List<Recipient> recipients = new ArrayList<>(to.size());
    to.forEach(
        each ->
            recipients.add(new Recipient(recipients.size(), each, Set.of(DsnNotify.NEVER), null)));
    var mail =
        new Command.Mail(
            Address.NULL, content.length, BodyType.SEVEN_BIT, false, null, null, false);
    var about =
        new Submission(
            "-",
            time.now(),
            time.nanos(),
            Envelope.Source.SELF,
            null,
            null,
            OURSELVES,
            "",
            mail,
            null,
            recipients,
            null,
            null,
            null,
            Priority.BULK,
            null,
            null,
            null,
            Submission.Exchange.NONE,
            Long.MAX_VALUE,
            "",
            List.of(why),
            now.hostname(),
            now.limits());
    try (var arrival = intake.begin(about)) {
      var scanner = new ContentScanner(arrival);
      scanner.accept(content, 0, content.length);
      return switch (arrival.commit(scanner.traits())) {
        case Admission.Queued(var id) -> id;
        case Admission.Refused(var reply, var rule) -> throw new IOException(reply + " " + rule);
      };
    }
  }
}
