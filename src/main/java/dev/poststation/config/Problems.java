package dev.poststation.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// The problems found so far: reading goes on, so that all are told at once. Confined to one thread.
final class Problems {
  private final List<Problem> found = new ArrayList<>();

  void error(Origin origin, String message, String remedy) {
    add(Problem.error(origin, message, remedy));
  }

  void warning(Origin origin, String message, String remedy) {
    add(Problem.warning(origin, message, remedy));
  }

  private void add(Problem problem) {
    if (!found.contains(problem)) {
      found.add(problem);
    }
  }

  boolean haveErrors() {
    return found.stream().anyMatch(Problem::isError);
  }

  /// In the order of the file; those of one line as they were found.
  List<Problem> sorted() {
    return found.stream().sorted(Comparator.comparing(Problem::origin)).toList();
  }
}
