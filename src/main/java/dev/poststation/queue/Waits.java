package dev.poststation.queue;

import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.message.RecipientState;
import dev.poststation.spool.Placement;
import dev.poststation.spool.SpoolException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/// For which destinations mail waits: the last mails of each are remembered, and whoever asks reads
/// whether one of them waits still, not the whole queue. Safe for any thread.
final class Waits {
  /// When none of these waits any more, others are noted at their next attempt.
  private static final int MAILS_MAX = 5;

  private static final int REMEMBERED_MAX = 10_000;

  private final Queue queue;
  private final Map<String, List<QueueId>> mails = new ConcurrentHashMap<>();

  Waits(Queue queue) {
    this.queue = queue;
  }

  /// A mail was found in the spool.
  void note(Mail mail) {
    mail.states().forEach(state -> note(mail.id(), state));
  }

  /// What became of a recipient.
  void note(QueueId id, RecipientState state) {
    if (!state.waiting() || state.destination().isEmpty()) {
      return;
    }
    if (mails.size() >= REMEMBERED_MAX && !mails.containsKey(state.destination())) {
      mails.clear(); // What waits is noted again.
    }
    mails.merge(state.destination(), List.of(id), Waits::joined);
  }

  private static List<QueueId> joined(List<QueueId> old, List<QueueId> more) {
    var id = more.getFirst();
    if (old.contains(id)) {
      return old;
    }
    List<QueueId> all = new ArrayList<>(old.subList(old.size() < MAILS_MAX ? 0 : 1, old.size()));
    all.add(id);
    return List.copyOf(all);
  }

  /// The destinations for which mail waits, and why one of those mails does. Reads the spool.
  Map<String, String> now() {
    Map<String, String> now = new TreeMap<>();
    mails.forEach(
        (destination, ids) -> {
          var why =
              ids.reversed().stream().flatMap(id -> why(id, destination).stream()).findFirst();
          if (why.isPresent()) {
            now.put(destination, why.get());
          } else {
            mails.remove(destination, ids);
          }
        });
    return now;
  }

  /// Why a mail waits for a destination; empty: it does not.
  private Optional<String> why(QueueId id, String destination) {
    try {
      return states(id).stream()
          .filter(state -> state.waiting() && state.destination().equals(destination))
          .map(RecipientState::reason)
          .findFirst();
    } catch (SpoolException e) {
      return Optional.of("it cannot be read: " + e.getMessage());
    }
  }

  /// None of a mail that is gone, or waits for an administrator.
  private List<RecipientState> states(QueueId id) throws SpoolException {
    var active = queue.active(id);
    if (active != null) {
      return active.held() ? List.of() : active.states();
    }
    return queue
        .spool()
        .load(id)
        .filter(stored -> !Placement.waitsForSomebody(stored.placement()))
        .map(stored -> stored.mail().states())
        .orElse(List.of());
  }
}
