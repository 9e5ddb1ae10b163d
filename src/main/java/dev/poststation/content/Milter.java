package dev.poststation.content;

import dev.poststation.config.ContentService;
import dev.poststation.config.MilterService;
import dev.poststation.dns.Resolver;
import dev.poststation.message.Envelope;
import dev.poststation.milter.Answer;
import dev.poststation.milter.Conversation;
import dev.poststation.os.Connection;
import dev.poststation.os.Os;
import java.io.IOException;
import java.net.ProtocolException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Asks a milter. Safe for any thread.
final class Milter implements Service {
  private final MilterService settings;
  private final Call call;
  private final ClientName names;
  private final Os os;

  Milter(MilterService settings, Resolver resolver, Os os) {
    this.settings = settings;
    this.call = new Call(settings.at(), resolver, os, _ -> Conversation.offer());
    this.names = new ClientName(resolver, os);
    this.os = os;
  }

  @Override
  public String describe() {
    return "milter at " + call.places();
  }

  /// What it has said of the whole mail when it had heard of the envelope.
  @Override
  public Optional<Finding> unasked(Message message, Facts facts) {
    var visit = facts.visit();
    var hearing = visit == null ? null : visit.look(this);
    return hearing != null && hearing.isOf(facts.sender(), facts.recipients())
        ? hearing.early()
        : Optional.empty();
  }

  /// What it was told of the envelope while that came it is not told again, unless the envelope has
  /// become another since.
  @Override
  public Finding examine(Message message, Facts facts, Duration atMost) throws ServiceException {
    var visit = facts.visit();
    var hearing = visit == null ? null : visit.take(this);
    var left = atMost;
    if (hearing != null) {
      long begun = os.time().nanos();
      try (hearing) {
        if (hearing.isOf(facts.sender(), facts.recipients())) {
          hearing.allow(call.talking(atMost));
          return hearing.content(message, facts);
        }
      } catch (ProtocolException e) {
        throw fault(e);
      } catch (IOException _) {
        // It has gone in the meantime: it, or another place, is told all from the beginning. Where
        // it only is too slow, no time is left for that.
      }
      left = left(atMost, begun);
    }
    return fromTheBeginning(message, facts, left);
  }

  private Duration left(Duration atMost, long begun) {
    return atMost.minusNanos(os.time().nanos() - begun);
  }

  private Finding fromTheBeginning(Message message, Facts facts, Duration atMost)
      throws ServiceException {
    long begun = os.time().nanos();
    String name = names.of(facts.source(), atMost); // Nobody waits for the DNS with us.
    return call.make(
        left(atMost, begun),
        (connection, share) -> {
          try (var hearing = begin(connection, share)) {
            return whole(hearing, message, facts, name);
          }
        });
  }

  /// Says something to one that has rested.
  ///
  /// @return null: it has gone in the meantime, as it may
  @Nullable Answer awake(Hearing hearing, Duration atMost, Saying saying) throws ServiceException {
    try {
      hearing.allow(call.talking(atMost)); // The rest tells whether it lives.
      var answer = saying.to(hearing);
      hearing.rest();
      return answer;
    } catch (ProtocolException e) {
      throw fault(e);
    } catch (IOException _) {
      return null;
    }
  }

  /// What is said to it in one stage.
  @FunctionalInterface
  interface Saying {
    Answer to(Hearing hearing) throws IOException;
  }

  /// It is to hear of a mail while its envelope comes.
  Hearing hear(Duration atMost) throws ServiceException {
    return call.open(atMost, this::begin);
  }

  /// Says something to one that has heard nothing yet, and lets it rest.
  Answer live(Hearing hearing, Saying saying) throws ServiceException {
    try {
      var answer = saying.to(hearing);
      hearing.rest();
      return answer;
    } catch (ProtocolException e) {
      throw fault(e);
    } catch (IOException e) {
      throw call.fault(e);
    }
  }

  /// The name of a client by the DNS; empty: it has none.
  String nameOf(Envelope.Source source, Duration atMost) {
    return names.of(source, atMost);
  }

  private Hearing begin(Connection connection, Duration share) throws IOException {
    long begun = os.time().nanos();
    boolean changes = settings.effect() != ContentService.Effect.LOOKS;
    var hearing = new Hearing(Conversation.begin(connection, os.time(), changes));
    hearing.allow(left(share, begun));
    return hearing;
  }

  /// What it says against the protocol it may say of one mail alone.
  private static ServiceException fault(ProtocolException e) {
    return ServiceException.atThisMail(String.valueOf(e.getMessage()));
  }

  private Finding whole(Hearing hearing, Message message, Facts facts, String name)
      throws IOException, ServiceException {
    try {
      return asked(hearing, message, facts, name);
    } catch (ProtocolException e) {
      throw fault(e);
    }
  }

  private Finding asked(Hearing hearing, Message message, Facts facts, String name)
      throws IOException, ServiceException {
    var visit = facts.visit();
    var caller = visit == null ? Caller.of(facts) : visit.caller();
    var answer = hearing.caller(caller, name);
    if (answer instanceof Answer.Refused) {
      return Hearing.said(answer);
    }
    answer = hearing.mail(facts.sender(), List.of("SIZE=" + message.size()));
    if (answer instanceof Answer.Refused) {
      return Hearing.said(answer);
    }
    for (var recipient : facts.recipients()) {
      answer = hearing.rcpt(recipient.address(), Hearing.parameters(recipient));
      if (answer instanceof Answer.Refused(var reply, _)) {
        // The mail has one answer for all of them.
        return new Finding.Refused(
            reply, "the milter says of <" + recipient.address() + ">: " + reply);
      }
    }
    return hearing.content(message, facts);
  }
}
