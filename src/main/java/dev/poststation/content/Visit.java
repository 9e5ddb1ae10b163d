package dev.poststation.content;

import dev.poststation.config.ContentRule;
import dev.poststation.message.Recipient;
import dev.poststation.milter.Answer;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.BodyType;
import dev.poststation.smtp.Command;
import dev.poststation.smtp.ContentReplies;
import dev.poststation.smtp.Reply;
import java.io.Closeable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A mail whose envelope is coming in, with the milters that hear of it meanwhile. What they have
/// heard they need not be told again when the content is there. Confined to the session's thread.
public final class Visit implements Closeable {
  private final List<Told> milters;
  private final Asking asking;
  private final Caller caller;
  private final IdentityHashMap<Milter, Hearing> hearings = new IdentityHashMap<>(2);
  private final Handed handed;
  private @Nullable Milter refuser;

  /// What a command is refused with.
  ///
  /// @param rule which entry of the configuration says so, and why
  /// @param closes whether the session ends
  public record Refusal(Reply reply, String rule, boolean closes) {}

  /// A milter that hears of it, and its entry.
  record Told(Step step, Milter milter) {}

  /// @param milters in their order
  Visit(List<Told> milters, Asking asking, Caller caller, Address sender) {
    this.milters = List.copyOf(milters);
    this.asking = asking;
    this.caller = caller;
    this.handed = Handed.of(new Object(), caller.source(), sender);
  }

  Caller caller() {
    return caller;
  }

  /// What tells this mail from others.
  Handed handed() {
    return handed;
  }

  /// What a milter has heard, to be gone on with, once; null: nothing, or it is out of step.
  @Nullable Hearing take(Milter milter) {
    return hearings.remove(milter);
  }

  /// The same, which stays there.
  @Nullable Hearing look(Milter milter) {
    return hearings.get(milter);
  }

  /// The client, how it has greeted, and MAIL.
  ///
  /// @param from the sender as it goes on
  /// @return null: nobody has anything against it
  public @Nullable Refusal mail(Address from, Command.Mail said) {
    for (var each : milters) {
      var refusal = asked(each, () -> mail(each, from, parameters(said)));
      if (refusal != null) {
        return refusal;
      }
    }
    return null;
  }

  private Answer mail(Told told, Address from, List<String> parameters) throws ServiceException {
    var milter = told.milter;
    var limit = told.step.rule().timeLimit();
    long start = asking.time().nanos();
    String name =
        milter.nameOf(caller.source(), limit); // Before it is reached: the DNS may be slow.
    var begun = milter.hear(left(limit, start));
    hearings.put(milter, begun);
    return milter.live(
        begun,
        hearing -> {
          var answer = hearing.caller(caller, name);
          return answer instanceof Answer.Refused ? answer : hearing.mail(from, parameters);
        });
  }

  private static List<String> parameters(Command.Mail said) {
    List<String> words = new ArrayList<>(3);
    if (said.size() > 0) {
      words.add("SIZE=" + said.size());
    }
    if (said.body() != BodyType.SEVEN_BIT) {
      words.add("BODY=" + said.body().keyword());
    }
    if (said.smtputf8()) {
      words.add("SMTPUTF8");
    }
    if (said.ret() != null) {
      words.add("RET=" + said.ret());
    }
    if (said.envid() != null) {
      words.add("ENVID=" + said.envid());
    }
    return words;
  }

  /// RCPT.
  ///
  /// @param to as it goes on
  /// @return null: nobody has anything against it
  public @Nullable Refusal rcpt(Address to, Command.Rcpt said) {
    var parameters = Hearing.parameters(new Recipient(0, to, said.notifyOn(), said.orcpt()));
    return all(hearing -> hearing.rcpt(to, parameters));
  }

  /// RCPT that is refused: some milters want to hear of that, too.
  public void refused(Address to, Reply reply) {
    var status = reply.status();
    String code = status == null ? "" : status.toString();
    var knows = refuser;
    refuser = null;
    for (var each : milters) {
      var hearing = hearings.get(each.milter);
      if (hearing != null && each.milter != knows) {
        Milter.Saying saying = one -> one.refused(to, code, reply.lines().getFirst());
        asked(each, () -> say(each, hearing, saying));
      }
    }
  }

  /// A command that there is not.
  public @Nullable Refusal unknown(String command) {
    return all(hearing -> hearing.unknown(command));
  }

  private @Nullable Refusal all(Milter.Saying saying) {
    for (var each : milters) {
      var hearing = hearings.get(each.milter);
      var refusal = hearing == null ? null : asked(each, () -> say(each, hearing, saying));
      if (refusal != null) {
        return refusal;
      }
    }
    return null;
  }

  /// Says something to one that has heard of the mail. Where it has gone since, it, or another
  /// place, is told all from the beginning, in the time that is left.
  private Answer say(Told told, Hearing hearing, Milter.Saying saying) throws ServiceException {
    var milter = told.milter;
    long begun = asking.time().nanos();
    var limit = told.step.rule().timeLimit();
    var answer = milter.awake(hearing, limit, saying);
    if (answer != null) {
      return answer;
    }
    hearings.remove(milter);
    hearing.close();
    String name = milter.nameOf(caller.source(), left(limit, begun));
    var again = milter.hear(left(limit, begun));
    hearings.put(milter, again);
    return milter.live(
        again,
        fresh -> {
          var repeated = fresh.repeat(hearing, caller, name);
          return repeated instanceof Answer.Refused ? repeated : saying.to(fresh);
        });
  }

  private Duration left(Duration atMost, long since) {
    return atMost.minusNanos(asking.time().nanos() - since);
  }

  private @Nullable Refusal asked(Told told, Asking.Question<Answer> question) {
    var step = told.step;
    try {
      if (asking.tell(step, handed, question)
          instanceof Answer.Refused(var reply, boolean closes)) {
        refuser = told.milter;
        return new Refusal(reply, step.describe() + ": the milter says: " + reply, closes);
      }
      return null;
    } catch (ServiceException e) {
      var hearing = take(told.milter);
      if (hearing != null) {
        hearing.close();
      }
      return failed(step, e);
    }
  }

  /// Whoever lets mail go on without it, or has it held, asks it once more when the content is
  /// there.
  private static @Nullable Refusal failed(Step step, ServiceException e) {
    var onError = step.rule().onError();
    String rule = step.describe() + ", on-error = " + onError.word() + ": " + e.reason();
    return switch (onError) {
      case PASS, HOLD, QUARANTINE -> null;
      case DEFER -> new Refusal(ContentReplies.NOT_EXAMINED_NOW, rule, false);
      case REJECT -> new Refusal(ContentReplies.NOT_EXAMINED, rule, false);
    };
  }

  /// Whether a milter can hear of mail before its content: all that its entry asks for is known at
  /// MAIL.
  static boolean canHear(ContentRule rule) {
    var all = rule.when();
    var when = all.mail();
    return all.direction().isEmpty()
        && all.contentType().isEmpty()
        && all.partType().isEmpty()
        && when.to().isEmpty()
        && when.header().isEmpty()
        && when.anySize()
        && when.sender() == null
        && when.recipient() == null;
  }

  /// The mail is over, or will not come.
  @Override
  public void close() {
    hearings.values().forEach(Hearing::close);
    hearings.clear();
  }
}
