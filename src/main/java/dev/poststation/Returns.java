package dev.poststation;

import dev.poststation.intake.Handover;
import dev.poststation.message.Content;
import dev.poststation.message.HeaderFields;
import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.os.Time;
import dev.poststation.spool.Placement;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Recognises the mails with which connectors are tried when they come back through this relay, by
/// a mark in their header, so that one sees what became of their senders. Every other mail passes.
/// Safe for any thread; while nobody waits for a mail it costs nothing.
public final class Returns implements Handover {
  private static final Logger LOG = LoggerFactory.getLogger(Returns.class);

  /// More at the same time than administrators have terminals.
  private static final int WAITING_MAX = 50;

  /// What is not back by then is not waited for.
  private static final Duration LONGEST = Duration.ofHours(1);

  private final Handover next;
  private final Time time;

  /// By their marks, the oldest first; empty: not yet. Guarded by this.
  private final Map<String, Waiting> waiting = new LinkedHashMap<>();

  private volatile boolean expecting;

  /// A mail that came back.
  ///
  /// @param at when
  /// @param sender in the envelope
  /// @param from the field From, without its name
  /// @param others fields that may tell of an author before: their names and values
  /// @param client which entry of `clients` let it in
  public record Return(
      Instant at, QueueId id, String sender, String from, List<String> others, String client) {
    public Return {
      others = List.copyOf(others);
    }
  }

  private record Waiting(Instant until, Optional<Return> found) {}

  Returns(Handover next, Time time) {
    this.next = next;
    this.time = time;
  }

  /// From now on a mail with this mark is looked for.
  public synchronized void expect(String mark) {
    if (waiting.size() >= WAITING_MAX) {
      waiting.remove(waiting.keySet().iterator().next());
    }
    waiting.put(mark, new Waiting(time.now().plus(LONGEST), Optional.empty()));
    expecting = true;
  }

  /// What came back with that mark; empty: nothing yet.
  public synchronized Optional<Return> seen(String mark) {
    return Optional.ofNullable(waiting.get(mark)).flatMap(Waiting::found);
  }

  private synchronized void forgetOld() {
    var now = time.now();
    waiting.values().removeIf(each -> each.until.isBefore(now));
    expecting = !waiting.isEmpty();
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
    if (expecting) {
      forgetOld();
      look(mail, content);
    }
    next.accepted(mail, content, intakeNanos);
  }

  private void look(Mail mail, Content content) {
    try {
      byte[] octets = content.chunks() == 0 ? new byte[0] : content.chunk(0);
      String from = "";
      String mark = "";
      List<String> others = new ArrayList<>();
      for (var field : HeaderFields.of(octets, true).fields()) {
        String value =
            new String(octets, field.value(), field.end() - field.value(), StandardCharsets.UTF_8)
                .replaceAll("\\s+", " ")
                .strip();
        switch (field.name()) {
          case "from" -> from = value;
          case "message-id", "subject", TestMail.FIELD -> mark = mark.isEmpty() ? in(value) : mark;
          case "reply-to", "sender", "x-original-from", "x-google-original-from" ->
              others.add(field.name() + ": " + value);
          default -> {}
        }
      }
      if (!mark.isEmpty()) {
        var envelope = mail.envelope();
        note(
            mark,
            new Return(
                time.now(),
                mail.id(),
                envelope.sender().toString(),
                from,
                others,
                envelope.source().client()));
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("A mail could not be looked at for the mark of a test", e);
    }
  }

  private synchronized String in(String value) {
    for (var mark : waiting.keySet()) {
      if (value.contains(mark)) {
        return mark;
      }
    }
    return "";
  }

  private synchronized void note(String mark, Return found) {
    waiting.computeIfPresent(
        mark,
        (_, before) ->
            before.found.isPresent() ? before : new Waiting(before.until, Optional.of(found)));
  }
}
