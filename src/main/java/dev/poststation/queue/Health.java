package dev.poststation.queue;

import dev.poststation.config.Connector;
import dev.poststation.delivery.Attempt;
import dev.poststation.message.Outcome;
import dev.poststation.message.QueueId;
import dev.poststation.os.Time;
import dev.poststation.route.NextHop;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How mail fares at each destination, so that the status, and for a smarthost the server log, say
/// when none gets through; and by each connector, when it went well and badly last. Safe for any
/// thread.
final class Health {
  private static final Logger LOG = LoggerFactory.getLogger(Health.class);

  /// One mail that is greylisted, or too large for now, is no trouble of a connector.
  private static final int ALARMING = 5;

  /// More different mails in a row are not told apart.
  private static final int MAILS_MAX = 20;

  private static final int REMEMBERED_MAX = 10_000;
  private static final int HOSTS_MAX = 100;

  private final Time time;
  private final Map<String, Trouble> troubles = new ConcurrentHashMap<>();
  private final Map<String, Queue.Lately> lately = new ConcurrentHashMap<>();

  Health(Time time) {
    this.time = time;
  }

  /// Mail that was deferred in a row.
  ///
  /// @param mails which, each once however often it was tried, since one was delivered or the
  ///   destination could not be reached
  /// @param text what became of the last one
  /// @param told whether it is in the server log
  private record Trouble(Set<QueueId> mails, String text, boolean told) {
    private int deferred() {
      return mails.size();
    }
  }

  /// A next hop said what becomes of a mail.
  void attempted(String destination, Connector connector, QueueId mail, Attempt.Result result) {
    Outcome.Deferred deferral = null;
    for (var outcome : result.outcomes()) {
      switch (outcome) {
        case Outcome.Delivered _ -> {
          delivered(connector);
          over(destination, "takes mail again");
          return;
        }
        case Outcome.Deferred deferred -> deferral = ofMailbox(deferred) ? deferral : deferred;
        case Outcome.Bounced _, Outcome.Held _, Outcome.Discarded _ -> {}
        case null -> {}
      }
    }
    if (deferral != null) {
      deferred(destination, connector, mail, deferral.text());
    }
  }

  /// One mailbox that is full, or out of use for now, says nothing of the others (RFC 3463 3.3).
  private static boolean ofMailbox(Outcome.Deferred deferred) {
    return deferred.stage() == Outcome.Stage.RCPT && deferred.status().subject() == 2;
  }

  private void delivered(Connector connector) {
    var now = time.now();
    remember(
        connector, last -> new Queue.Lately(now, last.failed(), last.failure(), last.reached()));
  }

  private void failed(Connector connector, String text) {
    var now = time.now();
    remember(connector, last -> new Queue.Lately(last.delivered(), now, text, last.reached()));
  }

  /// A host took a connection, and let us in.
  void met(Connector connector, NextHop host) {
    String name = host.toString();
    if (configured(connector) && !lately(connector.name()).reached().contains(name)) {
      remember(connector, last -> with(name, last));
    }
  }

  private static Queue.Lately with(String host, Queue.Lately last) {
    Set<String> reached = new HashSet<>(last.reached());
    if (reached.size() >= HOSTS_MAX) {
      reached.clear(); // So many come of many reloads, or of a DNS that changes.
    }
    reached.add(host);
    return new Queue.Lately(last.delivered(), last.failed(), last.failure(), reached);
  }

  private void remember(Connector connector, UnaryOperator<Queue.Lately> change) {
    if (lately.size() >= REMEMBERED_MAX) {
      lately.clear(); // So many connectors come of many reloads only.
    }
    lately.compute(
        connector.name(), (_, last) -> change.apply(last == null ? Queue.Lately.NOTHING : last));
  }

  /// What happened last by a connector, since the start.
  Queue.Lately lately(String connector) {
    return lately.getOrDefault(connector, Queue.Lately.NOTHING);
  }

  private void deferred(String destination, Connector connector, QueueId mail, String text) {
    failed(connector, text);
    var old = troubles.get(destination);
    Set<QueueId> mails = old == null ? Set.of(mail) : with(mail, old.mails);
    int count = mails.size();
    boolean told = old != null && old.deferred() > 0 && old.told;
    boolean tell = !told && count >= ALARMING && configured(connector);
    remember(destination, new Trouble(mails, text, told || tell));
    if (tell) {
      LOG.warn("{} defers every mail, {} in a row by now; the last: {}", destination, count, text);
    }
  }

  private static Set<QueueId> with(QueueId mail, Set<QueueId> mails) {
    if (mails.size() >= MAILS_MAX || mails.contains(mail)) {
      return mails;
    }
    Set<QueueId> more = new HashSet<>(mails);
    more.add(mail);
    return Set.copyOf(more);
  }

  /// None of its hosts took a connection, or let us log in.
  void unreachable(String destination, Connector connector, String text) {
    failed(connector, text);
    var old = troubles.get(destination);
    boolean told = old != null && old.told && old.text.equals(text);
    boolean tell = !told && configured(connector);
    remember(destination, new Trouble(Set.of(), text, told || tell));
    if (tell) {
      LOG.warn("No mail leaves by {} now: {}", destination, text);
    }
  }

  /// A connection was opened after that.
  void reached(String destination) {
    over(destination, "can be reached again");
  }

  private void over(String destination, String how) {
    var old = troubles.isEmpty() ? null : troubles.remove(destination);
    if (old != null && old.told) {
      LOG.info("{} {}", destination, how);
    }
  }

  /// The Internet always has destinations that do not work; the administrator chose a smarthost.
  private static boolean configured(Connector connector) {
    return connector.type().listed();
  }

  private void remember(String destination, Trouble trouble) {
    if (troubles.size() >= REMEMBERED_MAX) {
      troubles.clear(); // What lasts is noticed again.
    }
    troubles.put(destination, trouble);
  }

  /// What is the matter with a destination; empty while it takes mail.
  Optional<Queue.Trouble> of(String destination) {
    return Optional.ofNullable(troubles.get(destination))
        .filter(trouble -> trouble.deferred() > 0)
        .map(trouble -> new Queue.Trouble(trouble.deferred(), trouble.text));
  }
}
