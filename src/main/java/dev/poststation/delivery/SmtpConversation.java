package dev.poststation.delivery;

import static dev.poststation.delivery.Diagnosis.DOUBT;

import dev.poststation.config.Connector;
import dev.poststation.config.Limits;
import dev.poststation.log.Event;
import dev.poststation.message.Outcome;
import dev.poststation.os.Time;
import dev.poststation.os.TlsFacts;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.Capabilities;
import dev.poststation.smtp.EnhancedStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// A conversation over SMTP, or LMTP. Confined to one thread, except for `close`.
final class SmtpConversation implements Conversation {
  private enum State {
    IDLE,
    SENDING,
    CLOSED
  }

  /// Whoever keeps the conversation open for later closes it before; this only bounds a mistake.
  private static final Duration IDLE_MARGIN = Duration.ofHours(1);

  /// After so long a next hop may have hung up, as many do with who is silent: within it, a mail
  /// that went out wholly and was not answered may have been taken.
  private static final Duration REST_MIN = Duration.ofSeconds(1);

  private final Dialogue dialogue;
  private final Capabilities can;
  private final Event.@Nullable Login login;
  private final @Nullable Departure from;
  private final Connector connector;
  private final Limits limits;
  private final Diagnosis diagnosis;
  private final Time time;
  private final @Nullable Pace pace;
  private final Runnable onChunkingFailure;
  private final AtomicReference<State> state = new AtomicReference<>(State.IDLE);

  private final Duration restMax;
  private final SenderThere sender;
  private int sent;
  private long lastEnd;
  private int recipientsMax;
  private boolean resetFirst;
  private boolean broken;
  private boolean unwelcome;
  private boolean unheard;

  /// @param login as whom we are logged in; null: nobody
  /// @param from which of our addresses; null: the system's choice
  /// @param pace what the mails that the connector's line means keep to; null: nothing
  /// @param onChunkingFailure called when the next hop does not know BDAT after all
  SmtpConversation(
      Dialogue dialogue,
      Capabilities can,
      Event.@Nullable Login login,
      @Nullable Departure from,
      Connector connector,
      Limits limits,
      Diagnosis diagnosis,
      Time time,
      @Nullable Pace pace,
      Runnable onChunkingFailure) {
    this.dialogue = dialogue;
    this.can = can;
    this.login = login;
    this.from = from;
    this.connector = connector;
    this.limits = limits;
    this.diagnosis = diagnosis;
    this.time = time;
    this.pace = pace;
    this.onChunkingFailure = onChunkingFailure;
    this.recipientsMax = Math.max(1, connector.recipientsPerMail());
    this.sender = SenderThere.at(connector, time);
    this.restMax = connector.idle().plus(IDLE_MARGIN);
    dialogue.rest(restMax);
  }

  @Override
  public Attempt.Result send(Attempt.Order order) {
    long start = time.nanos();
    var transcript = new Transcript();
    if (broken || !state.compareAndSet(State.IDLE, State.SENDING)) {
      return result(new Outcome[order.recipients().size()], false, start, transcript);
    }
    dialogue.begin(transcript, limits.transactionTime());
    dialogue.keep(connector.line().means(order.mail().size()) ? pace : null, order.bulk());
    @Nullable Outcome[] outcomes = depart(order, transcript);
    dialogue.keep(null, false);
    dialogue.rest(restMax);
    lastEnd = time.nanos();
    if (!state.compareAndSet(State.SENDING, State.IDLE)) {
      broken = true;
    }
    boolean more = sent < Math.min(can.limits().mails(), connector.mailsPerConnection());
    return result(outcomes, !broken && more, start, transcript);
  }

  @Override
  public Attempt.Result rehearse(Attempt.Order order) {
    long start = time.nanos();
    var transcript = new Transcript();
    dialogue.begin(transcript, limits.transactionTime());
    @Nullable Outcome[] outcomes = new Outcome[order.recipients().size()];
    try {
      var packing = packing(SenderSwap.of(order, sender).order());
      outcomes = packing.outcomes();
      var reply = dialogue.ask(packing.mail(), connector.timeouts().mail());
      if (!reply.positive()) {
        fill(outcomes, diagnosis.of(Outcome.Stage.MAIL, reply));
      }
      for (int i = 0; reply.positive() && i < outcomes.length; i++) {
        if (packing.goes(i)) {
          var answer = dialogue.ask(packing.rcpt(i), connector.timeouts().rcpt());
          outcomes[i] = answer.positive() ? null : diagnosis.of(Outcome.Stage.RCPT, answer);
        }
      }
      dialogue.ask("RSET", connector.timeouts().mail());
    } catch (IOException e) {
      broken = true;
      fill(outcomes, diagnosis.of(Outcome.Stage.MAIL, e));
    }
    dialogue.rest(restMax);
    return result(outcomes, !broken, start, transcript);
  }

  private static void fill(@Nullable Outcome[] outcomes, Outcome outcome) {
    for (int i = 0; i < outcomes.length; i++) {
      outcomes[i] = outcomes[i] == null ? outcome : outcomes[i];
    }
  }

  @Override
  public Capabilities can() {
    return can;
  }

  /// Sends the mail if the plan of our address has one left.
  private @Nullable Outcome[] depart(Attempt.Order order, Transcript transcript) {
    if (from == null) {
      return transact(order, transcript);
    }
    if (!from.take()) {
      transcript.note("source " + from.source() + " may send no more today (warm-up)");
      broken = true;
      return new Outcome[order.recipients().size()];
    }
    var counted =
        new Attempt.Order(
            order.mail(),
            order.content(),
            order.recipients(),
            order.bulk(),
            () -> {
              order.beforeEnd().run();
              from.out();
            });
    var outcomes = transact(counted, transcript);
    if (Arrays.stream(outcomes).noneMatch(Attempt.Result::isUsed)) {
      from.giveBack();
    }
    judge(from, outcomes, transcript);
    return outcomes;
  }

  /// Who is refused for where we come from is not refused: another address may be welcome.
  private void judge(Departure departure, @Nullable Outcome[] outcomes, Transcript transcript) {
    boolean taken = false;
    for (int i = 0; i < outcomes.length; i++) {
      var outcome = outcomes[i];
      taken |= outcome instanceof Outcome.Delivered;
      if (outcome != null && departure.refused(outcome)) {
        unwelcome = true;
        outcomes[i] = outcome instanceof Outcome.Bounced refusal ? later(refusal) : outcome;
      }
    }
    if (unwelcome) {
      broken = true;
      transcript.note("source " + departure.source() + " is listed there: another one is tried");
    } else if (taken) {
      departure.welcome();
    }
  }

  private static Outcome.Deferred later(Outcome.Bounced refusal) {
    var status = new EnhancedStatus(4, refusal.status().subject(), refusal.status().detail());
    return new Outcome.Deferred(refusal.stage(), status, refusal.text(), refusal.reply());
  }

  private @Nullable Outcome[] transact(Attempt.Order order, Transcript transcript) {
    Packing packing;
    try {
      var swap = SenderSwap.of(order, sender);
      swap.notes().forEach(transcript::note);
      packing = packing(swap.order());
    } catch (IOException e) {
      var outcomes = new Outcome[order.recipients().size()];
      Arrays.fill(outcomes, diagnosis.of(Outcome.Stage.MAIL, e));
      return outcomes;
    }
    packing.notes().forEach(transcript::note);
    if (packing.going() == 0) {
      transcript.note("nothing of this mail can go to " + relay());
      return packing.outcomes();
    }
    boolean reused = sent > 0;
    sent++;
    try {
      sayOrigin(order, transcript);
    } catch (IOException e) {
      broken = true;
      if (reused) {
        transcript.note("the connection was kept open from an earlier mail and is gone");
        packing.withdraw();
      } else {
        fill(packing.outcomes(), diagnosis.of(Outcome.Stage.MAIL, e));
      }
      return packing.outcomes();
    }
    boolean rested = reused && time.nanos() - lastEnd > REST_MIN.toNanos();
    var delivery =
        new Delivery(dialogue, can, connector.timeouts(), diagnosis, packing, lmtp(), rested);
    delivery.run(resetFirst);
    resetFirst = delivery.open();
    broken = delivery.broken();
    if (delivery.chunkingFailed()) {
      onChunkingFailure.run();
      transcript.note("it offers CHUNKING, but BDAT does not work: it will get DATA");
    }
    if (delivery.recipientsTaken() > 0) {
      recipientsMax = delivery.recipientsTaken();
    }
    if (delivery.unheard()) {
      unheard = reused && delivery.gone();
      if (unheard) {
        transcript.note("the connection was kept open from an earlier mail and is gone" + DOUBT);
      } else if (!reused) {
        // One that hangs up at MAIL, always, must not keep the mail from other hosts for ever.
        onChunkingFailure.run();
        transcript.note(
            "it answered nothing: next time it will get DATA, which shows how far it goes");
      }
    } else if (broken && reused && !delivery.answered()) {
      // The next hop had gone, or went, while the connection was idle: no fault of this mail, no
      // attempt.
      transcript.note("the connection was kept open from an earlier mail and is gone");
      packing.withdraw();
    }
    return packing.outcomes();
  }

  /// What a filter has to know that hands the mail back. One that does not take it gets the mail
  /// nevertheless.
  private void sayOrigin(Attempt.Order order, Transcript transcript) throws IOException {
    String command = connector.xforward() ? Origins.command(order.mail().envelope(), can) : "";
    if (command.isEmpty()) {
      return;
    }
    if (resetFirst) {
      dialogue.ask("RSET", connector.timeouts().mail()); // Not within a transaction.
      resetFirst = false;
    }
    var reply = dialogue.ask(command, connector.timeouts().mail());
    if (!reply.positive()) {
      transcript.note("it does not take XFORWARD: " + reply);
    }
  }

  private Packing packing(Attempt.Order order) throws IOException {
    var countdown = new Countdown(order.mail().envelope().deadline(), time.now(), lmtp());
    return Packing.of(order, can, recipientsMax, relay(), countdown);
  }

  private boolean lmtp() {
    return connector.type() == Connector.Type.LMTP;
  }

  private Attempt.Result result(
      @Nullable Outcome[] outcomes, boolean reusable, long start, Transcript transcript) {
    List<@Nullable Outcome> each = Arrays.asList(outcomes);
    return new Attempt.Result(each, reusable, time.nanos() - start, transcript.lines());
  }

  @Override
  public String relay() {
    return diagnosis.relay();
  }

  @Override
  public @Nullable TlsFacts tls() {
    return dialogue.tls();
  }

  @Override
  public Event.@Nullable Login login() {
    return login;
  }

  @Override
  public @Nullable String source() {
    return from == null ? null : from.source().toString();
  }

  @Override
  public boolean unwelcome() {
    return unwelcome;
  }

  @Override
  public Address sender(Address from) {
    try {
      return sender.envelope(from);
    } catch (SenderThere.UnsignedException _) {
      return from;
    }
  }

  @Override
  public Address author(Address from) {
    return sender.header(from);
  }

  @Override
  public int sent() {
    return sent;
  }

  @Override
  public boolean unheard() {
    return unheard;
  }

  @Override
  public boolean stale() {
    try {
      return broken
          || state.get() == State.CLOSED
          || (from != null && from.spent())
          || dialogue.unasked();
    } catch (IOException _) {
      return true;
    }
  }

  @Override
  public void close() {
    State before = state.getAndSet(State.CLOSED);
    if (from != null) {
      from.end();
    }
    if (before == State.IDLE && !broken) {
      dialogue.farewell(connector.timeouts().quit());
    } else {
      // In the middle of a mail, a QUIT would become part of it.
      dialogue.hangUp();
    }
  }
}
