package dev.poststation.os;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Programs of the machine, which print secrets: what they write goes nowhere else. Safe for any
/// thread.
final class SystemProcesses implements Processes {
  /// What a pipe holds: a program that writes more waits for a reader, and runs out of time.
  private static final int OUTPUT_MAX = 64 * 1024;

  private static final File NOTHING = new File("/dev/null");

  @Override
  public String run(List<String> command, Duration atMost) throws IOException {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectInput(NOTHING).start();
    } catch (IOException e) {
      throw new IOException("cannot be started: " + e.getMessage(), e);
    }
    try {
      if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException("did not end within " + atMost.toSeconds() + " s");
      }
      if (process.exitValue() != 0) {
        // What it wrote may have the secret in it that it was to print (sh -x, curl -v).
        throw new IOException(
            "ended with status "
                + process.exitValue()
                + "; what it wrote is not shown, for it may be secret: run it by hand to see why");
      }
      return text(process.getInputStream());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("was interrupted");
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static String text(InputStream in) throws IOException {
    try (in) {
      return new String(in.readNBytes(OUTPUT_MAX), StandardCharsets.UTF_8);
    }
  }
}
