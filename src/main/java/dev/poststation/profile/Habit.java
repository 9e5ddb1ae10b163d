package dev.poststation.profile;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What is remembered of one trait of one device: a few values and how often each came. Confined to
/// its profile.
final class Habit {
  /// Older mails count less and less: numbers are halved when so many are reached.
  private static final int HALVED_AT = 1000;

  private final Trait trait;
  private final Map<String, Integer> counts = new LinkedHashMap<>(4);
  private int seen;
  private int surprises;

  Habit(Trait trait) {
    this.trait = trait;
  }

  /// As it was written.
  Habit(Trait trait, int seen, int surprises, Map<String, Integer> counts) {
    this(trait);
    this.seen = seen;
    this.surprises = surprises;
    counts.forEach(
        (value, count) -> {
          if (this.counts.size() < trait.most()) {
            this.counts.put(value, count);
          }
        });
  }

  /// Mails in which it was seen, older ones counting less.
  int seen() {
    return seen;
  }

  /// How often a value came that had not come before.
  int surprises() {
    return surprises;
  }

  Map<String, Integer> counts() {
    return counts;
  }

  /// How many of these values are new, from 0 to 1.
  double strange(List<String> values) {
    if (values.isEmpty()) {
      return 0;
    }
    int strange = 0;
    for (String value : values) {
      strange += knows(value) ? 0 : 1;
    }
    return (double) strange / values.size();
  }

  boolean knows(String value) {
    for (String known : counts.keySet()) {
      if (trait.near(known, value)) {
        return true;
      }
    }
    return false;
  }

  /// How steady the device is in this, from 0 to 1: a new value counts fully as long as it had to
  /// be expected in less than one mail of ten, and not at all from one of five on.
  double steadiness() {
    if (seen < Profile.ENOUGH) {
      return 0;
    }
    double expected = (surprises + 0.5) / (seen + 1);
    return Math.clamp((0.2 - expected) / 0.1, 0, 1);
  }

  /// These came.
  void learn(List<String> values) {
    seen++;
    if (seen > 1 && strange(values) > 0) {
      surprises++;
    }
    values.forEach(this::add);
    if (seen >= HALVED_AT) {
      seen /= 2;
      surprises /= 2;
      counts.replaceAll((_, count) -> Math.max(1, count / 2));
    }
  }

  /// These are no surprise from now on.
  void accept(List<String> values) {
    values.forEach(this::add);
  }

  private void add(String value) {
    counts.merge(value, 1, Integer::sum);
    if (counts.size() > trait.most()) {
      forgetRarest(value);
    }
  }

  private void forgetRarest(String except) {
    String rarest = null;
    int least = Integer.MAX_VALUE;
    for (var each : counts.entrySet()) {
      if (each.getValue() < least && !each.getKey().equals(except)) {
        least = each.getValue();
        rarest = each.getKey();
      }
    }
    if (rarest != null) {
      counts.remove(rarest);
    }
  }

  /// In plain words, what is usual.
  String usual() {
    return counts.entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
        .limit(2)
        .map(each -> "\"" + trait.shown(each.getKey()) + "\"")
        .reduce((one, other) -> one + " or " + other)
        .orElse("nothing");
  }
}
