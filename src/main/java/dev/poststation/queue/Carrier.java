package dev.poststation.queue;

import dev.poststation.config.Connector;
import dev.poststation.delivery.Attempt;
import dev.poststation.delivery.Conversation;
import dev.poststation.delivery.Opening;
import dev.poststation.os.Time;
import dev.poststation.route.Destination;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection of a destination, opened when it is needed, that carries one job after the other.
/// Confined to its worker's thread.
final class Carrier {
  private static final Logger LOG = LoggerFactory.getLogger(Carrier.class);

  private final DestinationQueue queue;
  private final Time time;
  private final Opener opener;
  private final Settling settling;
  private @Nullable Conversation conversation;
  private @Nullable Connector connector;
  private long connectNanos;
  private List<String> greeting = List.of();

  Carrier(DestinationQueue queue, Time time, Opener opener, Settling settling) {
    this.queue = queue;
    this.time = time;
    this.opener = opener;
    this.settling = settling;
  }

  boolean connected() {
    return conversation != null;
  }

  void hangUp() {
    var ending = conversation;
    if (ending != null) {
      conversation = null;
      queue.hungUp();
      ending.close();
    }
  }

  /// Carries a job.
  ///
  /// @return whether there may be another one
  boolean carry(Job job) {
    long picked = time.nanos();
    try {
      if (settling.withdrawn(job)) {
        return true;
      }
      var where = queue.destination();
      var ready = conversation;
      if (ready != null && worn(ready, where.connector())) {
        hangUp();
        ready = null;
      }
      if (ready == null) {
        return overNewConnection(job, where, picked, List.of());
      }
      var result = ready.send(order(job));
      if (result.untried() && !result.reusable()) {
        // It was gone: no attempt, but the trace of this one is to say so.
        hangUp();
        return overNewConnection(job, where, picked, result.dialogue());
      }
      settled(ready, job, result, new Settling.Clock(picked, 0), false);
      return true;
    } catch (RuntimeException e) {
      LOG.error("Our own fault while delivering {}: it is deferred", job.mail().id(), e);
      hangUp();
      settling.broken(job, queue.destination().name());
      return false;
    }
  }

  private boolean worn(Conversation ready, Connector now) {
    return !now.equals(connector) // The configuration was reloaded.
        || ready.stale()
        || ready.sent() >= now.mailsPerConnection();
  }

  /// Tries host after host (RFC 5321 5.1): one that greets us but then takes no mail is not the
  /// last word.
  private boolean overNewConnection(Job job, Destination where, long picked, List<String> earlier) {
    var before = earlier;
    var left = where;
    boolean again = false;
    while (true) {
      var fresh = connect(job, left);
      if (fresh == null) {
        return false;
      }
      greeting = Settling.joined(before, greeting);
      var result = fresh.send(order(job));
      if (!again && result.untried()) {
        // The host turned out to be other than it said, and will be met otherwise: it offers
        // CHUNKING, but knows no BDAT.
        again = true;
        before = Settling.joined(greeting, result.dialogue());
        hangUp();
        continue;
      }
      left = left.after(fresh.relay());
      if (left.hosts().isEmpty() || !Settling.hostTrouble(result)) {
        settled(fresh, job, result, new Settling.Clock(picked, connectNanos), true);
        return true;
      }
      before = Settling.joined(greeting, result.dialogue());
      hangUp();
    }
  }

  private @Nullable Conversation connect(Job job, Destination where) {
    return switch (opener.open(where)) {
      case Opening.Opened opened -> {
        connector = where.connector();
        conversation = opened.conversation();
        connectNanos = opened.connectNanos();
        greeting = opened.dialogue();
        queue.reached(where);
        yield conversation;
      }
      case Opening.Failed failed -> {
        queue.unreachable(job, where, failed);
        yield null;
      }
    };
  }

  private static Attempt.Order order(Job job) {
    return new Attempt.Order(job.mail().mail(), job.mail().content(), job.recipients());
  }

  /// A fault of ours in here must not send again what was sent: it leaves the mail in memory, and
  /// the next start finds it.
  ///
  /// @param fresh whether the connection was opened for this job: a reused one that was gone burns
  ///   no attempt
  private void settled(
      Conversation by, Job job, Attempt.Result result, Settling.Clock clock, boolean fresh) {
    if (result.reusable()) {
      queue.succeeded();
    } else {
      hangUp();
    }
    var peer = new Settling.Peer(queue.destination().name(), by.relay(), by.tls(), greeting);
    greeting = List.of();
    try {
      settling.attempted(job, result, peer, clock, fresh);
    } catch (RuntimeException e) {
      LOG.error(
          "Our own fault while settling {}: it rests until the next start", job.mail().id(), e);
    }
  }
}
