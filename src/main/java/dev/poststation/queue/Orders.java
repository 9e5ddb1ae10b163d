package dev.poststation.queue;

import dev.poststation.log.Event;
import dev.poststation.message.Mail;
import dev.poststation.message.Outcome;
import dev.poststation.message.QueueId;
import dev.poststation.smtp.Address;
import dev.poststation.spool.Placement;
import dev.poststation.spool.Spool;
import dev.poststation.spool.SpoolException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An administrator's order about some mails, on its way through the scheduler to the disk. Used by
/// one thread, which may wait; what the scheduler does of it waits for no disk.
final class Orders {
  private static final Logger LOG = LoggerFactory.getLogger(Orders.class);
  private static final int NAMED = 10;

  private final Queue queue;
  private final Spool spool;
  private final Control.Action action;
  private final String text;
  private final @Nullable Custody custody;
  private final List<QueueId> done = new ArrayList<>();
  private final List<Control.Meant> early = new ArrayList<>(0);
  private final List<Runnable> returns = new ArrayList<>(0);

  /// Who orders something about mail in quarantine, of which other orders know nothing.
  ///
  /// @param what is done, in a word, for the log
  record Custody(String what, String by) {}

  Orders(Queue queue, Control.Action action, String text) {
    this(queue, action, text, null);
  }

  /// @param custody null: it is about mail that is not in quarantine
  Orders(Queue queue, Control.Action action, String text, @Nullable Custody custody) {
    this.custody = custody;
    this.queue = queue;
    this.spool = queue.spool();
    this.action = action;
    this.text = text;
  }

  /// Gives them, and returns when what was done is durable.
  ///
  /// @return about which mails something was done
  /// @throws SpoolException when it is not durable yet
  List<QueueId> give(List<Control.Meant> mails) throws InterruptedException, SpoolException {
    List<Control.Meant> left = mails;
    while (!left.isEmpty()) {
      left = carryOut(left);
      for (var mail : left) {
        queue.handovers().awaitEnd(mail.id()); // A mail is handed over once.
      }
    }
    var returned = returned();
    try {
      spool.sync();
    } catch (SpoolException e) {
      throw new SpoolException(
          "It is done, but is not on the disk yet, and lost if the relay ends before: "
              + e.getMessage(),
          e.full(),
          e);
    }
    returned.await();
    return done;
  }

  /// Gives the orders to the scheduler, so that no mail is claimed meanwhile.
  ///
  /// @return those that are being handed over: nothing was done about them
  private List<Control.Meant> carryOut(List<Control.Meant> mails) throws InterruptedException {
    var finished = new CountDownLatch(1);
    early.clear();
    queue
        .claims()
        .order(
            () -> {
              try {
                mails.forEach(this::carryOut);
                queue.withdrawUnwanted();
              } finally {
                finished.countDown();
              }
            });
    finished.await();
    return List.copyOf(early);
  }

  /// By the scheduler, which does not wait until it is durable.
  void carryOut(Control.Meant meant) {
    // Asked first: whoever is found in the spool after that has been handed over.
    if (queue.handovers().pending(meant.id())) {
      early.add(meant);
      return;
    }
    try {
      claim(meant.id()).ifPresent(mail -> carryOut(meant, mail));
    } catch (SpoolException e) {
      LOG.error("{} cannot be read; nothing was done about it", meant.id(), e);
    }
  }

  private void carryOut(Control.Meant meant, ActiveMail mail) {
    var whom = meant.recipients();
    var event = event(mail.mail(), whom);
    var returning = queue.recording().ordered(mail, action, whom, reason(), event);
    if (returning.isEmpty()) {
      return;
    }
    done.add(meant.id());
    if (action == Control.Action.RELEASE || action == Control.Action.RETRY) {
      mail.states().forEach(state -> queue.ready().endSetAside(state.destination()));
    }
    if (!returning.get().isEmpty()) {
      returns.add(() -> queue.settling().bouncedByHand(mail, returning.get()));
    }
  }

  /// Returns to their senders who are to be and are in no job, all at the same time, so that they
  /// share the syncs.
  ///
  /// @return ends when that is done
  private CountDownLatch returned() {
    var left = new CountDownLatch(returns.size());
    for (var each : returns) {
      queue
          .asides()
          .run(
              "return",
              () -> {
                try {
                  each.run();
                } finally {
                  left.countDown();
                }
              });
    }
    return left;
  }

  /// The mail in memory, with a job more; empty when it is gone, or is as it shall be.
  private Optional<ActiveMail> claim(QueueId id) throws SpoolException {
    var active = queue.active(id);
    if (custody == null && active != null && active.jobStartedIfHere()) {
      return Optional.of(active);
    }
    var stored = spool.load(id); // It has just left, or was not in memory.
    if (stored.isEmpty()
        || (custody != null) != stored.get().placement() instanceof Placement.Quarantined) {
      return Optional.empty();
    }
    boolean held = Placement.waitsForSomebody(stored.get().placement());
    var waiting = stored.get().mail();
    boolean some =
        waiting.states().stream()
            .anyMatch(it -> it.held() || ActiveMail.asleep(waiting, it, queue.now()));
    if (held
        ? action == Control.Action.HOLD || action == Control.Action.RETRY
        : action == Control.Action.RELEASE && !some) {
      return Optional.empty(); // Only a release ends a hold.
    }
    var mail = queue.adopt(stored.get());
    mail.jobStarted();
    return Optional.of(mail);
  }

  private Event event(Mail mail, Set<Integer> recipients) {
    if (custody != null) {
      List<Address> to =
          recipients.stream().sorted().map(it -> mail.recipients().get(it).address()).toList();
      return new Event.Quarantined(
          mail.id(), queue.now(), custody.what, custody.by, to, null, text);
    }
    String which = recipients.isEmpty() ? "" : "only " + addresses(mail, recipients);
    String all = text.isEmpty() || which.isEmpty() ? text + which : text + "; " + which;
    return new Event.Administered(mail.envelope().id(), queue.now(), name(), all);
  }

  /// What is said of those who are returned or deleted.
  private String reason() {
    if (!text.isEmpty()) {
      return text;
    }
    if (custody != null) {
      return custody.what + ", by " + custody.by;
    }
    return action == Control.Action.BOUNCE ? Outcome.RETURNED : "by the administrator";
  }

  private static String addresses(Mail mail, Set<Integer> recipients) {
    var some = new StringJoiner(", ");
    recipients.stream()
        .sorted()
        .limit(NAMED)
        .forEach(number -> some.add("<" + mail.recipients().get(number).address() + ">"));
    int more = recipients.size() - NAMED;
    return more > 0 ? some + " and " + more + " more" : some.toString();
  }

  private String name() {
    return action.name().toLowerCase(Locale.ROOT);
  }
}
