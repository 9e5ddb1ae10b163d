package dev.poststation.spool;

import dev.poststation.config.SpoolSettings;
import dev.poststation.config.TraceSettings;
import dev.poststation.message.Mail;
import dev.poststation.os.Os;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/// How fast the spool is alone: sessions on virtual threads that commit mail and settle it as
/// delivered. `SpoolLoad DIRECTORY [SESSIONS] [OCTETS] [SECONDS] [MAILS PER SECOND]` prints mails
/// and syncs per second and the CPU time per mail.
final class SpoolLoad {
  private final LocalSpool spool;
  private final byte[] content;
  private final LongAdder mails = new LongAdder();
  private volatile boolean stop;

  private final long pauseNanos;

  private SpoolLoad(LocalSpool spool, int octets, long pauseNanos) {
    this.spool = spool;
    this.pauseNanos = pauseNanos;
    this.content = Mails.content(octets, 1);
  }

  public static void main(String[] args) throws Exception {
    int sessions = args.length > 1 ? Integer.parseInt(args[1]) : 50;
    int octets = args.length > 2 ? Integer.parseInt(args[2]) : 10_240;
    int seconds = args.length > 3 ? Integer.parseInt(args[3]) : 10;
    var settings = new SpoolSettings(1 << 20, 1L << 40, 128L << 20);
    var trace = new TraceSettings(Duration.ofDays(30), 1L << 30, true);
    try (var spool = LocalSpool.open(Os.real(), Path.of(args[0]), settings, trace, 64 << 20)) {
      int rate = args.length > 4 ? Integer.parseInt(args[4]) : 0;
      var load = new SpoolLoad(spool, octets, rate == 0 ? 0 : 1_000_000_000L * sessions / rate);
      load.run(sessions, Math.max(3, seconds / 3), false);
      load.run(sessions, seconds, true);
    }
  }

  private void run(int sessions, int seconds, boolean print) throws InterruptedException {
    stop = false;
    mails.reset();
    var before = spool.usage();
    long cpu = cpuNanos();
    long start = System.nanoTime();
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < sessions; i++) {
      threads.add(Thread.ofVirtual().start(this::session));
    }
    Thread.sleep(Duration.ofSeconds(seconds));
    stop = true;
    for (Thread thread : threads) {
      thread.join();
    }
    double lasted = (System.nanoTime() - start) / 1e9;
    double each = (cpuNanos() - cpu) / 1e3 / mails.sum();
    var after = spool.usage();
    if (print) {
      System.out.printf(
          "%d sessions, %d octets: %.0f mails/s, %.4f syncs/mail, %.0f syncs/s, %.1f us CPU/mail,"
              + " %d MB on disk, %s%n",
          sessions,
          content.length,
          mails.sum() / lasted,
          (double) (after.syncs() - before.syncs()) / mails.sum(),
          (after.syncs() - before.syncs()) / lasted,
          each,
          after.bytesOnDisk() >> 20,
          peakMemory());
    }
  }

  private static String peakMemory() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("VmHWM")) {
          return line.replaceAll("\\s+", " ");
        }
      }
    } catch (IOException e) {
      return e.toString();
    }
    return "";
  }

  private static long cpuNanos() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private void session() {
    try {
      long next = System.nanoTime() + (pauseNanos == 0 ? 0 : (long) (Math.random() * pauseNanos));
      while (!stop) {
        if (pauseNanos > 0) {
          next += pauseNanos;
          Thread.sleep(Duration.ofNanos(Math.max(0, next - System.nanoTime())));
        }
        deliver();
        mails.increment();
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void deliver() throws IOException {
    var id = spool.nextId();
    Mail mail;
    try (var draft = spool.draft(id)) {
      for (int at = 0; at < content.length; at += 8192) {
        draft.write(content, at, Math.min(8192, content.length - at));
      }
      mail = Mails.of(id, draft.size(), draft.chunks(), 1);
      var kept = draft.commit(mail, List.of(new byte[300]));
      for (int i = 0; i < kept.chunks(); i++) {
        kept.chunk(i);
      }
    }
    spool.settle(
        new Settlement(
            mail,
            Placement.INCOMING,
            null,
            List.of(Mails.delivered(0)),
            List.of(),
            List.of(new byte[400], new byte[40])));
  }
}
