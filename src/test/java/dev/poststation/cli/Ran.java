package dev.poststation.cli;

import dev.poststation.os.Os;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.stream.Stream;

/// A command that was run in this JVM, and what came of it.
public record Ran(int exit, String out, String err) {
  /// Runs it with this configuration.
  ///
  /// @param line the words, divided by blanks
  public static Ran with(Path config, String line) {
    return words(Stream.concat(Stream.of(line.split(" ")), Stream.of("--config", config + "")));
  }

  /// Runs it as it is.
  static Ran plain(String line) {
    return words(Stream.of(line.split(" ")));
  }

  /// Runs it as it is, on another machine.
  public static Ran on(Os os, String line) {
    return words(os, Stream.of(line.split(" ")));
  }

  private static Ran words(Stream<String> words) {
    return words(Os.real(), words);
  }

  private static Ran words(Os os, Stream<String> words) {
    var out = new StringWriter();
    var err = new StringWriter();
    var program = new Program(os, new PrintWriter(out), new PrintWriter(err));
    int exit = program.run(words.toArray(String[]::new));
    return new Ran(exit, out.toString(), err.toString());
  }
}
