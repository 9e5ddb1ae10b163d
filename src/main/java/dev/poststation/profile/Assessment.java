package dev.poststation.profile;

import java.util.List;

/// How unlike itself a device is. Immutable.
///
/// @param score from 0, as always, to 100
/// @param reasons in plain words, the heaviest first
public record Assessment(int score, List<String> reasons) {
  /// From here on a device is not itself.
  public static final int THRESHOLD = 40;

  /// Nothing is to be said against it, or too little is known.
  public static final Assessment NOTHING = new Assessment(0, List.of());

  public Assessment {
    reasons = List.copyOf(reasons);
  }

  /// Whether it is not itself.
  public boolean deviates() {
    return score >= THRESHOLD;
  }

  /// In one sentence.
  public String text() {
    return "score " + score + ": " + String.join("; ", reasons);
  }
}
