package dev.poststation.profile;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What one device has always done: of each trait a few values and how often each came. Bounded.
/// Safe for any thread.
final class Profile {
  /// So many mails are learned before any is judged, and as many after it was accepted.
  static final int ENOUGH = 5;

  /// So many mails that were unlike it are remembered, to be accepted.
  static final int PENDING_MAX = 4;

  /// What people do with a device counts so much at most, all together.
  private static final double CIRCUMSTANCE_MAX = 25;

  /// Devices learn to encrypt, but they do not forget it.
  private static final double IN_CLEAR = 30;

  private static final double LEAST_TOLD = 2;
  private static final Duration LATELY = Duration.ofDays(1);
  private static final long HOUR_SECONDS = 3600;

  final Profiles.Key key;
  final Map<Trait, Habit> habits = new EnumMap<>(Trait.class);
  final List<Observation> pending = new ArrayList<>(0);
  long mails;
  int lenient;
  Instant first;
  Instant last;
  long hour;
  int inThisHour;
  long deviations;
  @Nullable Instant deviated;
  Assessment why = Assessment.NOTHING;
  boolean steppedUp;

  Profile(Profiles.Key key, Instant now) {
    this.key = key;
    this.first = now;
    this.last = now;
  }

  private record Part(double weight, String reason) {}

  /// How unlike this device a mail is. Learns nothing.
  synchronized Assessment judge(Observation seen) {
    if (mails < ENOUGH || lenient > 0) {
      return Assessment.NOTHING;
    }
    double own = 0;
    double circumstance = 0;
    List<Part> parts = new ArrayList<>(0);
    for (var each : seen.values().entrySet()) {
      double part = part(each.getKey(), each.getValue(), parts);
      own += each.getKey().circumstance() ? 0 : part;
      circumstance += each.getKey().circumstance() ? part : 0;
    }
    int count = seen.when().getEpochSecond() / HOUR_SECONDS == hour ? inThisHour + 1 : 1;
    circumstance += part(Trait.VOLUME, List.of(Integer.toString(Classes.COUNT.of(count))), parts);
    if (parts.isEmpty()) {
      return Assessment.NOTHING;
    }
    parts.sort(Comparator.comparingDouble(Part::weight).reversed());
    int score = (int) Math.round(Math.min(100, own + Math.min(CIRCUMSTANCE_MAX, circumstance)));
    return new Assessment(score, parts.stream().map(Part::reason).toList());
  }

  private double part(Trait trait, List<String> values, List<Part> parts) {
    var habit = habits.get(trait);
    double strange = habit == null ? 0 : habit.strange(values);
    if (habit == null || strange == 0) {
      return 0;
    }
    // Of something rarer than expected, more would be no news: fewer mails than usual are harmless.
    if (trait == Trait.VOLUME && isLess(habit, values.getFirst())) {
      return 0;
    }
    boolean inClear = trait == Trait.TLS && values.getFirst().equals("none");
    double part = (inClear ? IN_CLEAR : trait.weight()) * habit.steadiness() * strange;
    if (part >= LEAST_TOLD) {
      parts.add(new Part(part, Reasons.of(trait, habit, values)));
    }
    return part;
  }

  private static boolean isLess(Habit habit, String value) {
    return habit.counts().keySet().stream().anyMatch(known -> known.compareTo(value) > 0);
  }

  /// A mail of this device came, and is like it.
  synchronized void learn(Observation seen) {
    lenient = Math.max(0, lenient - 1);
    take(seen);
    seen.values()
        .forEach((trait, values) -> habits.computeIfAbsent(trait, Habit::new).learn(values));
  }

  private void take(Observation seen) {
    mails++;
    last = seen.when();
    long now = seen.when().getEpochSecond() / HOUR_SECONDS;
    if (now != hour) {
      if (inThisHour > 0) {
        String volume = Integer.toString(Classes.COUNT.of(inThisHour));
        habits.computeIfAbsent(Trait.VOLUME, Habit::new).learn(List.of(volume));
      }
      hour = now;
      inThisHour = 0;
    }
    inThisHour++;
  }

  /// A mail came that is unlike this device: it is remembered, but nothing is learned of it.
  ///
  /// @return whether the device has to log in from now on, and had not before
  synchronized boolean deviated(Observation seen, Assessment assessment, boolean stepUp) {
    boolean fresh = stepUp && !steppedUp;
    deviations++;
    deviated = seen.when();
    why = assessment;
    steppedUp |= stepUp;
    // Whoever came long ago is not meant by an administrator who accepts what he sees now.
    pending.removeIf(each -> each.when().isBefore(seen.when().minus(LATELY)));
    var device = ofDevice(seen);
    boolean known = pending.stream().anyMatch(each -> ofDevice(each).equals(device));
    if (!known) {
      if (pending.size() == PENDING_MAX) {
        pending.removeFirst();
      }
      pending.add(seen);
    }
    return fresh;
  }

  private static Map<Trait, List<String>> ofDevice(Observation seen) {
    var values = new EnumMap<Trait, List<String>>(Trait.class);
    values.putAll(seen.values());
    values.keySet().removeIf(Trait::circumstance);
    return values;
  }

  /// What was unlike it is usual from now on, and the next mails are learned whatever they are.
  synchronized void accept() {
    for (Observation seen : pending) {
      seen.values()
          .forEach((trait, values) -> habits.computeIfAbsent(trait, Habit::new).accept(values));
    }
    pending.clear();
    deviations = 0;
    deviated = null;
    why = Assessment.NOTHING;
    steppedUp = false;
    lenient = ENOUGH;
  }

  synchronized boolean steppedUp() {
    return steppedUp;
  }

  /// Whether it was not itself lately, and nobody has accepted that.
  synchronized boolean deviates(Instant now) {
    return steppedUp || (deviated != null && deviated.isAfter(now.minus(LATELY)));
  }

  /// Whether there is something to accept.
  synchronized boolean hasDeviated() {
    return steppedUp || deviated != null;
  }
}
