package dev.poststation.queue;

import dev.poststation.message.Lane;
import dev.poststation.message.Mail;
import dev.poststation.message.Priority;
import dev.poststation.route.Destination;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The ready stage: what waits in memory for its turn, by destination. Safe for any thread.
final class Ready {
  private final Map<String, DestinationQueue> queues = new ConcurrentHashMap<>();
  private final Shares shares;
  private volatile boolean draining;

  Ready(Shares shares) {
    this.shares = shares;
  }

  /// A job reaches its destination. While the relay drains it goes nowhere: the mail keeps its
  /// place in the spool.
  void offer(Job job, Destination destination) {
    boolean taken = false;
    while (!taken && !draining) {
      var queue =
          queues.computeIfAbsent(
              destination.name(), _ -> new DestinationQueue(shares, destination));
      taken = queue.offer(job, destination);
      if (draining) {
        queue.stop();
      }
    }
    shares.overflows().arrived(job);
  }

  /// What is known of a destination; null: nothing.
  @Nullable DestinationQueue find(String destination) {
    return queues.get(destination);
  }

  /// What is known of a destination, for which no job may have come yet.
  DestinationQueue known(Destination destination) {
    return queues.computeIfAbsent(
        destination.name(), _ -> new DestinationQueue(shares, destination));
  }

  /// No new attempt is begun from now on.
  void drain() {
    draining = true;
    queues.values().forEach(DestinationQueue::stop);
  }

  boolean draining() {
    return draining;
  }

  /// Whether no attempt is in flight.
  boolean stopped() {
    return queues.values().stream().allMatch(DestinationQueue::stopped);
  }

  /// Takes out what is not in flight, and gives every destination another chance.
  List<Job> withdraw() {
    List<Job> jobs = new ArrayList<>();
    queues.values().forEach(queue -> jobs.addAll(queue.withdraw()));
    queues.values().forEach(queue -> queue.revival.forgetFailures());
    return jobs;
  }

  /// Takes out jobs that are not in flight, and are not to be sent any more.
  List<Job> takeBack(Predicate<Job> which) {
    List<Job> jobs = new ArrayList<>(0);
    for (var queue : queues.values()) {
      jobs.addAll(queue.locked(() -> queue.turns.takeOut(which)));
    }
    return jobs;
  }

  /// How many more mails a destination wants from the spool.
  ///
  /// @param lane of which they may be
  int wants(String destination, Lane lane) {
    var queue = queues.get(destination);
    return queue == null ? shares.readAhead() : queue.wants(lane);
  }

  /// Before which others a mail is looked for that is parked for a destination. A large one finds
  /// no room before others there, as what is urgent does: it would come and go without end.
  int parkedPriority(String destination, Mail mail) {
    int own = mail.envelope().priority();
    var queue = queues.get(destination);
    boolean large = queue != null && queue.destination().connector().line().large(mail.size());
    return large ? Math.min(own, Priority.NORMAL) : own;
  }

  /// More is parked for a destination: the scheduler is to be woken when it has room.
  ///
  /// @return whether it has room already
  boolean expectRoom(String destination, Lane lane) {
    var queue = queues.get(destination);
    return queue == null || queue.expectRoom(lane);
  }

  /// Until when a destination is set aside; null: it is not.
  @Nullable Instant setAsideUntil(String destination) {
    var queue = queues.get(destination);
    return queue == null ? null : queue.setAsideTime();
  }

  /// Whether nothing speaks against a destination, as far as is known.
  boolean works(String destination) {
    var queue = queues.get(destination);
    return queue == null || queue.works();
  }

  /// Until when a destination is set aside because it could not be reached, so that it wants
  /// nothing; null: it is not.
  @Nullable Instant deadUntil(String destination) {
    var queue = queues.get(destination);
    return queue == null ? null : queue.locked(queue.aside::until);
  }

  /// Whether a destination is set aside because its connector pauses.
  boolean pauses(String destination) {
    var queue = queues.get(destination);
    return queue != null && queue.locked(queue.aside::paused);
  }

  /// The destination, if it is set aside, is asked anew by one mail.
  void endSetAside(String destination) {
    var queue = queues.get(destination);
    if (queue != null) {
      queue.revival.endSetAside();
    }
  }

  /// The destination is tried as if for the first time.
  ///
  /// @return whether anything spoke against it
  boolean forgetFailures(String destination) {
    var queue = queues.get(destination);
    return queue != null && queue.revival.forgetFailures();
  }

  /// These destinations are tried as if for the first time.
  void forgetFailuresOf(Predicate<DestinationQueue> which) {
    queues.values().stream().filter(which).forEach(queue -> queue.revival.forgetFailures());
  }

  /// Forgets destinations about which nothing is known that matters.
  void forgetDestinations() {
    for (String name : queues.keySet()) {
      queues.computeIfPresent(
          name, (_, queue) -> queue.setAsideTime() == null && queue.forget() ? null : queue);
    }
  }

  List<DestinationView> views() {
    return queues.values().stream().map(DestinationQueue::view).sorted().toList();
  }
}
