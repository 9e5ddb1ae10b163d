package dev.poststation.config;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/// Finds the word that was meant.
final class Nearest {
  private Nearest() {}

  /// The candidate that is most like `word`, if any is like it at all.
  static Optional<String> to(String word, Collection<String> candidates) {
    String best = null;
    int bestDistance = Integer.MAX_VALUE;
    for (String candidate : candidates) {
      int distance = distance(folded(word), folded(candidate));
      boolean near =
          2 * distance < Math.max(word.length(), candidate.length())
              || (word.length() >= 3 && folded(candidate).startsWith(folded(word)));
      if (near && distance < bestDistance) {
        best = candidate;
        bestDistance = distance;
      }
    }
    return Optional.ofNullable(best);
  }

  /// `did you mean "x"?`, or else the remedy given.
  static String remedy(String word, Collection<String> candidates, String otherwise) {
    return to(word, candidates).map(near -> "did you mean \"" + near + "\"?").orElse(otherwise);
  }

  private static String folded(String word) {
    return word.toLowerCase(Locale.ROOT).replace("-", "").replace("_", "");
  }

  /// Letters to insert, drop, replace or swap with their neighbour (Damerau and Levenshtein).
  private static int distance(String a, String b) {
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          cost[i][j] = i + j;
          continue;
        }
        int replace = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int least = Math.min(cost[i - 1][j], cost[i][j - 1]) + 1;
        least = Math.min(least, cost[i - 1][j - 1] + replace);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          least = Math.min(least, cost[i - 2][j - 2] + 1);
        }
        cost[i][j] = least;
      }
    }
    return cost[a.length()][b.length()];
  }
}
