package dev.poststation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poststation.bounce.StatusReport;
import dev.poststation.intake.Handover;
import dev.poststation.message.AddressPatterns;
import dev.poststation.message.Content;
import dev.poststation.message.HeaderFields;
import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.os.Tasks;
import dev.poststation.policy.Suppression;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.AddressParser;
import dev.poststation.spool.Placement;
import dev.poststation.spool.Spool;
import dev.poststation.spool.SpoolException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads bounces that come in (RFC 3464), and tells the suppression list of recipients that they
/// say are no more. Anybody can write a bounce: only what is about a mail that its trace says was
/// sent to that very recipient counts. Safe for any thread; what has no sender is read on a thread
/// of its own, so that who hands it over does not wait.
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
  private final AtomicInteger reading = new AtomicInteger();

  /// What a trace says of a mail.
  ///
  /// @param client who sent it
  /// @param sent to whom, as mailboxes are compared
  private record Sent(String client, Set<String> sent) {}

  BounceWatch(Handover next, Tasks tasks, Spool spool, Suppression suppression) {
    this.next = next;
    this.tasks = tasks;
    this.spool = spool;
    this.suppression = suppression;
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
    if (envelope.sender().isNull() && !envelope.source().isOurs() && suppression.learns()) {
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
            report.get().failures().forEach(failure -> learn(id, sent, failure));
          }
        }
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("The bounce {} could not be read for the suppression list", id, e);
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

  private void learn(QueueId bounce, Sent sent, StatusReport.Failure failure) {
    for (Address recipient : failure.recipients()) {
      if (sent.sent.contains(AddressPatterns.mailboxKey(recipient))) {
        suppression.returned(
            sent.client, recipient, failure.status(), failure.diagnostic(), bounce);
        return;
      }
    }
  }

  private Sent sent(QueueId id) throws SpoolException, IOException {
    String client = "";
    Set<String> sent = new HashSet<>();
    for (byte[] entry : spool.trace(id)) {
      JsonNode event = JSON.readTree(entry);
      switch (event.path("event").asText()) {
        case "queued" -> client = event.path("client").asText();
        case "attempt" -> {
          if (event.path("status").asText().equals("sent")) {
            address(event.path("to").asText())
                .ifPresent(to -> sent.add(AddressPatterns.mailboxKey(to)));
          }
        }
        default -> {}
      }
    }
    return new Sent(client, client.isEmpty() ? Set.of() : sent);
  }

  private static Optional<Address> address(String text) {
    return AddressParser.parse(AddressParser.withoutBrackets(text));
  }
}
