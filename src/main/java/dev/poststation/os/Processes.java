package dev.poststation.os;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/// The only door to other programs. Safe for any thread.
public interface Processes {
  /// Runs a program without input, waits until it has ended, and gives what it wrote.
  ///
  /// @param command the program and its arguments
  /// @param atMost how long it may take; then it is killed
  /// @throws IOException when it cannot be started, fails, writes more than 64 KB or takes too
  ///   long; the message is one clause that fits behind the name of the program, without anything
  ///   that it wrote
  String run(List<String> command, Duration atMost) throws IOException;
}
