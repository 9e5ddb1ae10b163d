package dev.poststation.config;

import java.nio.file.Path;
import java.util.List;

/// What came of reading the configuration: a whole one, or everything that is wrong with it.
public sealed interface Loaded {
  /// Errors and warnings in the order of the file.
  List<Problem> problems();

  /// It can be used.
  ///
  /// @param file where it was read
  /// @param effective every value with its origin, to be shown
  /// @param problems warnings only
  record Good(Path file, Configuration configuration, Effective effective, List<Problem> problems)
      implements Loaded {
    public Good {
      problems = List.copyOf(problems);
    }
  }

  /// It cannot be used.
  ///
  /// @param problems all errors and warnings; at least one is an error
  record Bad(List<Problem> problems) implements Loaded {
    public Bad {
      problems = List.copyOf(problems);
    }
  }
}
