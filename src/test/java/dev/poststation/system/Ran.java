package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A command of the program that was run to its end.
///
/// @param exit its exit code
/// @param text what it printed
record Ran(int exit, String text) {
  /// Runs it; whatever it says must be fit for a person.
  static Ran command(String... arguments) {
    return command(List.of(), arguments);
  }

  /// The same, run by another program, such as prlimit.
  static Ran command(List<String> runner, String... arguments) {
    try (var program = start(runner, arguments)) {
      return await(program);
    }
  }

  /// Starts it.
  static Program start(List<String> runner, String... arguments) {
    List<String> command = new ArrayList<>(runner);
    command.addAll(PackedProgram.command());
    command.addAll(List.of(arguments));
    return Program.start(command);
  }

  /// Waits for its end.
  static Ran await(Program program) {
    int exit = program.awaitExit(Duration.ofSeconds(90));
    assertThat(program.output()).doesNotContain("Exception", "\tat ", "java.");
    return new Ran(exit, program.output());
  }

  /// Fails unless it did what was asked.
  Ran good() {
    assertThat(exit).as(text).isZero();
    return this;
  }

  /// Fails unless it ended with this code and one sentence with this in it.
  void refused(int code, String said) {
    assertThat(exit).as(text).isEqualTo(code);
    assertThat(text.lines().count()).as(text).isEqualTo(1);
    assertThat(text).contains(said);
  }
}
