package dev.poststation.intake;

import dev.poststation.content.Message;
import dev.poststation.content.Pipeline;
import dev.poststation.content.Treatment;
import dev.poststation.content.Variant;
import dev.poststation.message.Content;
import dev.poststation.message.Mail;
import dev.poststation.message.Octets;
import dev.poststation.message.QueueId;
import dev.poststation.smtp.ContentReplies;
import dev.poststation.smtp.ContentScanner;
import dev.poststation.smtp.Reply;
import dev.poststation.spool.Draft;
import dev.poststation.spool.Placement;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What would become of a mail that nobody takes, for `explain`: all that happens to one that comes
/// in, up to the moment at which it would become durable. The services are really asked. Confined
/// to one thread.
public final class Rehearsal {
  /// A queue id that no mail ever gets.
  private static final QueueId NOBODY = QueueId.FIRST;

  private final Pipeline services;
  private @Nullable Result result;

  /// How it went.
  ///
  /// @param came as it would come to the services; empty where it does not come so far
  /// @param treatment what would become of it
  public record Result(Message came, Treatment treatment) {}

  private Rehearsal(Pipeline services) {
    this.services = services;
  }

  /// Has a mail come in, but not further.
  ///
  /// @param content with CRLF at the end of each line
  public static Result play(Pipeline services, Submission about, byte[] content) {
    var rehearsal = new Rehearsal(services);
    try (var arrival =
        new Arrival(new TraceHeader(), NOBODY, about, new InMemory(), rehearsal::end)) {
      var scanner = new ContentScanner(arrival);
      scanner.accept(content, 0, content.length);
      var admission = arrival.commit(scanner.traits());
      var result = rehearsal.result;
      if (result != null) {
        return result;
      }
      return admission instanceof Admission.Refused(var reply, var rule)
          ? refused(reply, rule)
          : unread("it was not examined");
    } catch (IOException e) {
      return unread("mail: " + e.getMessage());
    }
  }

  private Admission end(QueueId id, Submission about, Acceptance.Judged judged, Draft draft) {
    var facts = about.facts(id, null, true, judged.hold() != null);
    try {
      var octets = Octets.of(draft.written(), draft.size());
      var message = Message.of(judged.trace(), octets, about.limits().headerSize());
      result =
          new Result(
              message, about.hop() ? asItIs(message, about) : services.treat(message, facts));
    } catch (IOException e) {
      result = unread("mail: " + e.getMessage());
    }
    return new Admission.Queued(id);
  }

  private static Result unread(String why) {
    return refused(ContentReplies.NOT_EXAMINED_NOW, why);
  }

  private static Result refused(Reply reply, String why) {
    return new Result(Acceptance.NOTHING, new Treatment.Refused(reply, why, List.of()));
  }

  private static Treatment asItIs(Message message, Submission about) {
    var all = new Variant(message, null, about.recipients(), null, null, List.of());
    return new Treatment.Passed(List.of(all), List.of(), List.of());
  }

  /// The content of a mail that never becomes durable.
  private static final class InMemory implements Draft, Content {
    private final ByteArrayOutputStream octets = new ByteArrayOutputStream();
    private byte @Nullable [] whole;

    @Override
    public void write(byte[] from, int offset, int length) {
      octets.write(from, offset, length);
    }

    @Override
    public long size() {
      return octets.size();
    }

    @Override
    public int chunks() {
      return Math.ceilDiv(octets.size(), CHUNK_OCTETS);
    }

    @Override
    public byte[] chunk(int number) {
      var all = whole;
      if (all == null) {
        all = octets.toByteArray();
        whole = all;
      }
      int from = number * CHUNK_OCTETS;
      return Arrays.copyOfRange(all, from, Math.min(all.length, from + CHUNK_OCTETS));
    }

    @Override
    public Content commit(Mail mail, Placement place, List<byte[]> trace) {
      throw new IllegalStateException("a rehearsal has no end");
    }

    @Override
    public Content written() {
      return this;
    }

    @Override
    public void close() {}
  }
}
