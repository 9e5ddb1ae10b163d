package dev.poststation.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// A command of the program that stands still in the middle: it is stopped (SIGSTOP) when it has
/// made its directories and the first files and syncs them, and stays so until it is told to go on,
/// or is killed.
final class Halted implements AutoCloseable {
  private static final Duration LONG = Duration.ofSeconds(90);

  private final Program program;

  private Halted(Program program) {
    this.program = program;
  }

  /// Starts it, and waits until it stands still.
  static Halted start(Home home, String... arguments) {
    Path calls = home.path().resolve("calls");
    var runner =
        List.of(
            Peers.program("strace"),
            "-f",
            "-qq",
            "-o",
            calls.toString(),
            "-e",
            "trace=fsync",
            "-e",
            "inject=fsync:signal=SIGSTOP:when=4");
    var halted = new Halted(Ran.start(runner, arguments));
    Until.holds("stands still", LONG, () -> halted.stopped(calls));
    return halted;
  }

  private boolean stopped(Path calls) {
    if (!program.isAlive()) {
      throw new AssertionError("ended before it had synced so much: " + program.output());
    }
    try {
      return Files.exists(calls) && Files.readString(calls).contains("stopped by SIGSTOP");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Lets it go on, and waits for its end.
  Ran goOn() {
    List<ProcessHandle> traced =
        ProcessHandle.of(program.pid()).stream().flatMap(ProcessHandle::descendants).toList();
    traced.forEach(handle -> Program.run(List.of("kill", "-CONT", Long.toString(handle.pid()))));
    return Ran.await(program);
  }

  /// Ends it as a crash would.
  void kill() {
    ProcessHandle.of(program.pid()).stream()
        .flatMap(ProcessHandle::descendants)
        .forEach(ProcessHandle::destroyForcibly);
    program.awaitExit(LONG);
  }

  @Override
  public void close() {
    program.close();
  }
}
