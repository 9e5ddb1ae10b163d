package dev.poststation.system;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// A process that a test started, with what it printed. Every wait has a bound; closing it ends it
/// with its children, and what a test forgot ends with the JVM. Safe for any thread.
final class Program implements AutoCloseable {
  private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> RUNNING.forEach(Program::end)));
  }

  private final String name;
  private final Process process;
  private final List<String> lines = new ArrayList<>();
  private final Thread reader;

  private Program(String name, Process process) {
    this.name = name;
    this.process = process;
    reader = Thread.ofPlatform().daemon().name("output of " + name).start(this::read);
  }

  /// Starts a command; standard output and error come as one.
  static Program start(List<String> command) {
    return start(command, Map.of());
  }

  /// Starts a command with more variables in its environment.
  static Program start(List<String> command, Map<String, String> environment) {
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    try {
      Process process = builder.start();
      RUNNING.add(process);
      return new Program(command.getFirst(), process);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Runs a command to its end, which must come within a minute with exit code 0, and gives what it
  /// printed.
  static String run(List<String> command) {
    return run(command, "");
  }

  /// The same with something on its standard input.
  static String run(List<String> command, String input) {
    return run(command, Map.of(), input.getBytes(StandardCharsets.UTF_8));
  }

  /// The same with octets on its standard input and more variables in its environment.
  static String run(List<String> command, Map<String, String> environment, byte[] input) {
    try (Program program = start(command, environment)) {
      program.input(input);
      int code = program.awaitExit(Duration.ofMinutes(1));
      if (code != 0) {
        throw new AssertionError(command + " ended with " + code + ":\n" + program.output());
      }
      return program.output();
    }
  }

  /// Gives it its whole standard input.
  void input(byte[] octets) {
    try (OutputStream in = process.getOutputStream()) {
      in.write(octets);
    } catch (IOException e) {
      // It ended before it had read all: its exit code and output say why.
    }
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /// What it printed so far.
  String output() {
    synchronized (lines) {
      return String.join("\n", lines);
    }
  }

  /// Waits for a line that it prints, now or earlier.
  String awaitLine(Predicate<String> wanted, Duration atMost) {
    long end = System.nanoTime() + atMost.toNanos();
    synchronized (lines) {
      for (int next = 0; ; next++) {
        while (next == lines.size()) {
          long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
          if (left <= 0 || (!reader.isAlive() && next == lines.size())) {
            throw new AssertionError(
                name + " did not print the line within " + atMost + ":\n" + output());
          }
          await(left);
        }
        if (wanted.test(lines.get(next))) {
          return lines.get(next);
        }
      }
    }
  }

  /// Waits for its end and gives its exit code.
  int awaitExit(Duration atMost) {
    try {
      if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError(name + " did not end within " + atMost + ":\n" + output());
      }
      reader.join(Duration.ofSeconds(5));
      return process.exitValue();
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  /// Asks it to end (SIGTERM).
  void terminate() {
    process.destroy();
  }

  /// Sends it a signal, such as `STOP`.
  void signal(String name) {
    run(List.of("kill", "-" + name, Long.toString(pid())));
  }

  /// Sends it, and all that it has started, a signal.
  void signalAll(String name) {
    process
        .descendants()
        .forEach(each -> run(List.of("kill", "-" + name, Long.toString(each.pid()))));
    signal(name);
  }

  /// Ends it as a crash would (SIGKILL), without its children.
  void kill() {
    process.destroyForcibly();
    awaitExit(Duration.ofSeconds(10));
  }

  @Override
  public void close() {
    end(process);
    RUNNING.remove(process);
    awaitExit(Duration.ofSeconds(10));
  }

  /// `kill -9` of it and of all that it has started. It is stopped first, lest it start more.
  void killAll() {
    signal("STOP");
    List<ProcessHandle> children = process.descendants().toList();
    process.destroyForcibly();
    children.forEach(ProcessHandle::destroyForcibly);
    RUNNING.remove(process);
    awaitExit(Duration.ofSeconds(10));
  }

  private static void end(Process process) {
    List<ProcessHandle> children = process.descendants().toList();
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
    }
    children.forEach(ProcessHandle::destroyForcibly);
  }

  private void read() {
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        synchronized (lines) {
          lines.add(line);
          lines.notifyAll();
        }
      }
    } catch (IOException e) {
      // The process was ended; what it printed until then counts.
    } finally {
      synchronized (lines) {
        lines.notifyAll();
      }
    }
  }

  private void await(long millis) {
    try {
      lines.wait(Math.min(millis, 1000));
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }
}
