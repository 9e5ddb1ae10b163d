package dev.poststation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poststation.bounce.StatusReport;
import dev.poststation.intake.Handover;
import dev.poststation.message.AddressPatterns;
import dev.poststation.message.Content;
import dev.poststation.message.Envelope;
import dev.poststation.message.HeaderFields;
import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.os.Tasks;
import dev.poststation.policy.ClientMemory;
import dev.poststation.policy.LateBounce;
import dev.poststation.policy.Outbreaks;
import dev.poststation.policy.Suppression;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.AddressParser;
import dev.poststation.spool.Placement;
import dev.poststation.spool.Spool;
import dev.poststation.spool.SpoolException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads bounces that come in (RFC 3464), and tells the suppression list and [Outbreaks] of
/// recipients that next hops took first. Anybody can write a bounce: only what is about a mail that
/// its trace says was sent to that very recipient counts. Safe for any thread; what has no sender
/// is read on a thread of its own, so that who hands it over does not wait.
final class BounceWatch implements Handover {
  private static final Logger LOG = LoggerFactory.getLogger(BounceWatch.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  /// So much of a bounce is read: what is said stands in front.
  private static final int OCTETS_MAX = 4 * Content.CHUNK_OCTETS;

  /// More at the same time are not read: it is a flood.
  private static final int AT_A_TIME = 50;

  private final Handover next;
  private final Tasks tasks;
  private final Spool spool;
  private final Suppression suppression;
  private final Outbreaks outbreaks;
  private final AtomicInteger reading = new AtomicInteger();

  /// What a trace says of a mail.
  ///
  /// @param queued when it was taken
  /// @param source who sent it
  /// @param sent to whom, as mailboxes are compared, with the destination that took it
  private record Sent(
      Instant queued, Envelope.Source source, Address sender, Map<String, String> sent) {}

  private BounceWatch(
      Handover next, Tasks tasks, Spool spool, Suppression suppression, Outbreaks outbreaks) {
    this.next = next;
    this.tasks = tasks;
    this.spool = spool;
    this.suppression = suppression;
    this.outbreaks = outbreaks;
  }

  /// Bounces are read where somebody learns from them.
  static Handover before(Handover next, Tasks tasks, Spool spool, ClientMemory memory) {
    var list = memory.suppression();
    var outbreaks = memory.outbreaks();
    return list.isPresent() && outbreaks.isPresent()
        ? new BounceWatch(next, tasks, spool, list.get(), outbreaks.get())
        : next;
  }

  @Override
  public void announced(QueueId id) {
    next.announced(id);
  }

  @Override
  public void abandoned(QueueId id) {
    next.abandoned(id);
  }

  @Override
  public void held(QueueId id, Placement place) {
    next.held(id, place);
  }

  @Override
  public void accepted(Mail mail, Content content, long intakeNanos) {
    var envelope = mail.envelope();
    if (envelope.sender().isNull() && !envelope.source().isOurs()) {
      begin(mail.id(), content);
    }
    next.accepted(mail, content, intakeNanos);
  }

  private void begin(QueueId id, Content content) {
    if (reading.incrementAndGet() <= AT_A_TIME) {
      tasks.virtual("bounce-" + id, () -> read(id, content));
    } else {
      reading.decrementAndGet();
    }
  }

  private void read(QueueId id, Content content) {
    try {
      Optional<StatusReport> report =
          isReport(content) ? StatusReport.read(beginning(content)) : Optional.empty();
      if (report.isPresent()) {
        for (var its : report.get().ids()) {
          var sent = sent(its);
          if (!sent.sent.isEmpty()) {
            report.get().failures().forEach(failure -> learn(id, its, sent, failure));
          }
        }
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("The bounce {} could not be read, and teaches nothing", id, e);
    } finally {
      reading.decrementAndGet();
    }
  }

  /// RFC 3464 2: as most mail without a sender is not.
  private static boolean isReport(Content content) throws IOException {
    byte[] octets = content.chunks() == 0 ? new byte[0] : content.chunk(0);
    return HeaderFields.of(octets, true).fields().stream()
        .filter(each -> each.name().equals("content-type"))
        .map(each -> each.raw(octets))
        .anyMatch(each -> each.toLowerCase(Locale.ROOT).contains("multipart/report"));
  }

  private static byte[] beginning(Content content) throws IOException {
    var octets = new ByteArrayOutputStream();
    for (int i = 0; i < content.chunks() && octets.size() < OCTETS_MAX; i++) {
      octets.writeBytes(content.chunk(i));
    }
    return octets.toByteArray();
  }

  private void learn(QueueId bounce, QueueId mail, Sent sent, StatusReport.Failure failure) {
    for (Address recipient : failure.recipients()) {
      String destination = sent.sent.get(AddressPatterns.mailboxKey(recipient));
      if (destination != null) {
        outbreaks.returned(
            new LateBounce(
                mail,
                sent.queued,
                sent.source,
                sent.sender,
                recipient,
                destination,
                failure.status()));
        suppression.returned(
            sent.source.client(), recipient, failure.status(), failure.diagnostic(), bounce);
        return;
      }
    }
  }

  private Sent sent(QueueId id) throws SpoolException, IOException {
    var queued = Instant.EPOCH;
    var source = Envelope.Source.SELF;
    var sender = Address.NULL;
    Map<String, String> sent = new HashMap<>();
    for (byte[] entry : spool.trace(id)) {
      JsonNode event = JSON.readTree(entry);
      switch (event.path("event").asText()) {
        case "queued" -> {
          queued = Instant.parse(event.path("time").asText());
          source = source(event);
          sender = address(event.path("from").asText()).orElse(Address.NULL);
        }
        case "attempt" -> {
          if (event.path("status").asText().equals("sent")) {
            String destination = event.path("destination").asText();
            address(event.path("to").asText())
                .ifPresent(to -> sent.put(AddressPatterns.mailboxKey(to), destination));
          }
        }
        default -> {}
      }
    }
    return new Sent(queued, source, sender, source.isOurs() ? Map.of() : sent);
  }

  private static Envelope.Source source(JsonNode queued) {
    return new Envelope.Source(
        queued.path("client").asText(),
        "",
        queued.path("address").asText(),
        "",
        queued.path("protocol").asText(),
        queued.path("user").asText());
  }

  private static Optional<Address> address(String text) {
    return AddressParser.parse(AddressParser.withoutBrackets(text));
  }
}
