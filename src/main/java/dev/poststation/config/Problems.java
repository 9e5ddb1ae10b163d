package dev.poststation.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// The problems found so far: reading goes on, so that all are told at once. Confined to one
/// thread.
final class Problems {
  private final List<Problem> found = new ArrayList<>();

  void error(Origin origin, String message, String remedy) {
    add(Problem.error(origin, message, remedy));
  }

  void warning(Origin origin, String message, String remedy) {
    add(Problem.warning(origin, message, remedy));
  }

  void add(Problem problem) {
    if (!found.contains(problem)) {
      found.add(problem);
    }
  }

  /// Adds one that would be told of several places in the same words, such as a directory of many
  /// files; only the first is.
  void once(Problem problem) {
    if (found.stream().noneMatch(each -> each.message().equals(problem.message()))) {
      add(problem);
    }
  }

  /// How many there are: a mark to go back to.
  int count() {
    return found.size();
  }

  /// Drops what was told after the mark, since it follows from something that is told instead.
  void backTo(int mark) {
    found.subList(mark, found.size()).clear();
  }

  boolean haveErrors() {
    return haveErrorsSince(0);
  }

  /// Whether one was told after the mark.
  boolean haveErrorsSince(int mark) {
    return found.stream().skip(mark).anyMatch(Problem::isError);
  }

  /// In the order of the file; those of one line as they were found.
  List<Problem> sorted() {
    return found.stream().sorted(Comparator.comparing(Problem::origin)).toList();
  }
}
