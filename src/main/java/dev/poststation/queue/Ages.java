package dev.poststation.queue;

import dev.poststation.config.QueueSettings;
import dev.poststation.message.QueueId;
import dev.poststation.message.RecipientState;
import dev.poststation.message.Standstill;
import dev.poststation.spool.Placement;
import dev.poststation.spool.Spool;
import dev.poststation.spool.SpoolException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Looks at parked mail for its age: a destination may be dead for longer than a mail may wait, and
/// its sender is to be warned and told in time. Confined to the scheduler's thread.
///
/// Mail arrives in the order of its ids, so that a look ends at the first that is too young; only a
/// clock that was set back breaks that order.
final class Ages {
  private static final int BATCH = 256;

  /// What has expired is gone, so that few are read again.
  private static final Duration AGAIN = Duration.ofHours(1);

  /// So many may be undecided before a look waits for them.
  private static final int UNDECIDED_MAX = 1000;

  private final Queue queue;
  private final Spool spool;
  private final QueueSettings settings;
  private final Activation activation;
  private final List<Duration> ages;

  /// The mail of a destination that has been looked at, for each age.
  private final Map<String, List<Looked>> looked = new TreeMap<>();

  /// Mail that was parked lately and whose age counts from a later time than that of its arrival:
  /// what came after it may have been looked at. Guarded by itself.
  private final Map<String, Set<QueueId>> latecomers = new TreeMap<>();

  /// Destinations of latecomers for which nothing was parked at the last look, nor since. Guarded
  /// by the latecomers.
  private final Set<String> bare = new TreeSet<>();

  /// The oldest mail that was parked since the last look, by destination. Guarded by the
  /// latecomers.
  private final Map<String, QueueId> oldest = new HashMap<>();

  /// Brings a mail into memory, due now, if it is as it has to be.
  interface Activation {
    void activate(QueueId id, Predicate<Spool.Stored> still);
  }

  private enum Age {
    YOUNG,
    OLD,
    /// To be looked at again: it is in memory, cannot be read, or arrived at a time that has not
    /// come, when the clock was ahead; or its clock stood still for a while.
    UNDECIDED
  }

  /// What has been looked at: everything up to an id, but for what is undecided.
  private static final class Looked {
    private final Duration age;
    private QueueId last = QueueId.FIRST;
    private Instant begun = Instant.EPOCH;

    /// Until when nothing grows old, if nothing is parked before `young`.
    private Instant quiet = Instant.EPOCH;

    /// The first that was too young; null: there was none.
    private @Nullable QueueId young;

    private Instant at = Instant.EPOCH;
    private final Set<QueueId> undecided = new TreeSet<>();

    private Looked(Duration age) {
      this.age = age;
    }

    /// @param oldest that was parked since; null: none was
    private boolean isAtRest(@Nullable QueueId oldest, Instant now) {
      boolean before = oldest != null && (young == null || oldest.compareTo(young) < 0);
      return !before && quiet.isAfter(now) && !at.isAfter(now);
    }

    private void restUntil(@Nullable QueueId first, Instant until, Instant now) {
      young = first;
      quiet = until;
      at = now;
    }

    /// Some were parked that may stand before what is looked at.
    private void join(Set<QueueId> late) {
      for (var id : late) {
        if (id.compareTo(last) <= 0 && undecided.size() < UNDECIDED_MAX) {
          undecided.add(id);
        } else if (id.compareTo(last) <= 0) {
          last = QueueId.FIRST; // Too many to know each.
        }
      }
    }
  }

  Ages(Queue queue, Spool spool, QueueSettings settings, Activation activation) {
    this.queue = queue;
    this.spool = spool;
    this.settings = settings;
    this.activation = activation;
    this.ages = ages(settings);
  }

  private static List<Duration> ages(QueueSettings settings) {
    List<Duration> ages = new ArrayList<>();
    if (!settings.warnAfter().isZero()) {
      ages.add(settings.warnAfter());
    }
    ages.add(settings.lifetime());
    if (!settings.bounceLifetime().equals(settings.lifetime())) {
      ages.add(settings.bounceLifetime());
    }
    return ages;
  }

  /// A mail was parked. Safe for any thread.
  void joined(String destination, QueueId id) {
    synchronized (latecomers) {
      oldest.merge(destination, id, (one, other) -> one.compareTo(other) < 0 ? one : other);
    }
  }

  /// A latecomer was parked. Safe for any thread.
  void parkedLate(String destination, QueueId id) {
    synchronized (latecomers) {
      latecomers.computeIfAbsent(destination, _ -> new TreeSet<>()).add(id);
      bare.remove(destination);
    }
  }

  /// Forgets latecomers where nothing was parked at two looks in a row: once may be too soon.
  private void forgetLatecomers(Set<String> destinations) {
    synchronized (latecomers) {
      oldest.keySet().retainAll(destinations);
      bare.removeAll(destinations);
      latecomers.keySet().removeAll(bare);
      bare.clear();
      bare.addAll(latecomers.keySet());
      bare.removeAll(destinations);
    }
  }

  private Set<QueueId> late(String destination) {
    synchronized (latecomers) {
      var late = latecomers.remove(destination);
      return late == null ? Set.of() : late;
    }
  }

  /// Activates what is to be warned of or has expired.
  ///
  /// @param destinations all for which mail is parked
  void look(List<String> destinations, Instant now) throws SpoolException {
    Set<String> known = new HashSet<>(destinations); // There may be a hundred thousand.
    looked.keySet().retainAll(known);
    forgetLatecomers(known);
    for (String destination : destinations) {
      var each = looked.computeIfAbsent(destination, _ -> ages.stream().map(Looked::new).toList());
      var first = takeOldest(destination);
      var late = late(destination);
      for (Looked at : each) {
        at.join(late);
        lookAgain(destination, at, now);
        if (!at.isAtRest(first, now) || anew(at, now)) {
          look(destination, at, now);
        }
      }
    }
  }

  private void lookAgain(String destination, Looked at, Instant now) throws SpoolException {
    for (QueueId id : List.copyOf(at.undecided)) {
      if (queue.admission().room() == 0) {
        return;
      }
      boolean here = queue.active(id) != null;
      if (age(destination, id, at.age, now) == Age.OLD || !here && spool.load(id).isEmpty()) {
        at.undecided.remove(id);
      }
    }
  }

  private @Nullable QueueId takeOldest(String destination) {
    synchronized (latecomers) {
      return oldest.remove(destination);
    }
  }

  /// Whether all of it is to be looked at once more.
  private boolean anew(Looked at, Instant now) {
    return at.age.equals(settings.lifetime())
        && Duration.between(at.begun, now).abs().compareTo(AGAIN) >= 0;
  }

  private void look(String destination, Looked at, Instant now) throws SpoolException {
    at.restUntil(null, Instant.EPOCH, now);
    if (anew(at, now)) {
      // Whose clock stood still may have been parked behind what is looked at.
      at.last = QueueId.FIRST;
      at.begun = now;
    }
    while (queue.admission().room() > 0) {
      var ids = spool.parked(destination, at.last, BATCH);
      for (var id : ids) {
        if (queue.admission().room() == 0) {
          return;
        }
        switch (age(destination, id, at.age, now)) {
          case YOUNG -> {
            at.restUntil(id, id.time().plus(at.age), now);
            return;
          }
          case OLD -> {}
          case UNDECIDED -> {
            if (at.undecided.size() == UNDECIDED_MAX) {
              return;
            }
            at.undecided.add(id);
          }
        }
        at.last = id;
      }
      if (ids.size() < BATCH) {
        at.restUntil(null, Instant.MAX, now);
        return;
      }
    }
  }

  private Age age(String destination, QueueId id, Duration age, Instant now) {
    // After the clock was set back the ids stay ahead of it for a while: they say nothing then.
    if (!id.time().isAfter(now) && id.time().plus(age).isAfter(now)) {
      return Age.YOUNG;
    }
    var sight = new Sight(destination, age, now);
    activation.activate(id, sight);
    return sight.seen;
  }

  /// Looks at one mail, unless it is gone or in memory anyway.
  private final class Sight implements Predicate<Spool.Stored> {
    private final Placement place;
    private final Duration age;
    private final Instant now;
    private final boolean pauses;
    private Age seen = Age.UNDECIDED;

    private Sight(String destination, Duration age, Instant now) {
      this.place = new Placement.Parked(destination);
      this.age = age;
      this.now = now;
      this.pauses = queue.ready().pauses(destination);
    }

    @Override
    public boolean test(Spool.Stored stored) {
      var envelope = stored.mail().envelope();
      if (envelope.begins().plus(age).isAfter(now)) {
        // One that was held for its time is younger than those that came after it.
        boolean odd = envelope.arrived().isAfter(now) || envelope.release() != null;
        seen = odd ? Age.UNDECIDED : Age.YOUNG;
        return false;
      }
      // Whose clock stood still may grow older than others.
      boolean later =
          age.equals(Settling.lifetime(settings, stored.mail().envelope()))
              && stored.mail().states().stream().anyMatch(Sight::hasPaused);
      seen = later ? Age.UNDECIDED : Age.OLD;
      return stored.placement().equals(place) && (expired(stored) || toBeWarnedOf(stored));
    }

    private static boolean hasPaused(RecipientState state) {
      return ages(state) && !state.standstill().equals(Standstill.NONE);
    }

    private boolean expired(Spool.Stored stored) {
      var envelope = stored.mail().envelope();
      var end = envelope.begins().plus(Settling.lifetime(settings, envelope));
      return !end.isAfter(now)
          && stored.mail().states().stream().anyMatch(state -> ages(state) && expired(state, end));
    }

    /// A clock that stands still though the pause is over goes on from when that is noticed here.
    private boolean expired(RecipientState state, Instant end) {
      return state.standstill().lasts() ? !pauses : !state.expiry(end, now).isAfter(now);
    }

    /// Whoever was released from a hold waits for an attempt, however old.
    private static boolean ages(RecipientState state) {
      return state.waiting() && !state.released();
    }

    private boolean toBeWarnedOf(Spool.Stored stored) {
      var after = settings.warnAfter();
      if (after.isZero() || stored.mail().envelope().begins().plus(after).isAfter(now)) {
        return false;
      }
      for (var state : stored.mail().states()) {
        if (ages(state) && !state.warned()) {
          return true;
        }
      }
      return false;
    }
  }
}
