package dev.poststation.spool;

import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.os.Os;
import dev.poststation.sim.PassingDisk;
import dev.poststation.sim.PassingTime;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// A process of its own that fills a spool and tells what it was told, for tests that kill it or
/// let its disk fail: `SpoolChild DIRECTORY SESSIONS MAILS` commits so many mails in each session
/// and removes every third one. With `nearly-full` behind that, room comes and goes on its disk,
/// time passes twenty times as fast, and a mail that was refused is brought again, as clients do.
///
/// It prints `ready`, then `ack ID` after each commit, `gone ID` before each removal, `refused ID
/// REASON` when a commit fails, and `end` when all is done and the spool is closed.
final class SpoolChild {
  private static final Duration PATIENCE = Duration.ofMillis(20);

  private final LocalSpool spool;
  private final Os os;
  private final PrintStream out;
  private final boolean patient;

  private SpoolChild(LocalSpool spool, Os os, PrintStream out, boolean patient) {
    this.spool = spool;
    this.os = os;
    this.out = out;
    this.patient = patient;
  }

  public static void main(String[] args) throws Exception {
    int sessions = Integer.parseInt(args[1]);
    int mails = Integer.parseInt(args[2]);
    boolean nearlyFull = args.length > 3;
    var os = nearlyFull ? nearlyFull() : Os.real();
    try (var spool =
        LocalSpool.open(
            os, Path.of(args[0]), LocalSpoolTest.SETTINGS, LocalSpoolTest.TRACE, 1 << 20)) {
      System.out.println("ready");
      var child = new SpoolChild(spool, os, System.out, nearlyFull);
      var threads = new ArrayList<Thread>();
      for (int i = 0; i < sessions; i++) {
        threads.add(Thread.ofVirtual().start(() -> child.session(mails)));
      }
      for (Thread thread : threads) {
        thread.join();
      }
    }
    System.out.println("end");
  }

  private static Os nearlyFull() {
    var real = Os.real();
    var measured = new AtomicInteger();
    var disk =
        new PassingDisk(real.disk()) {
          @Override
          public long usableBytes(Path path) {
            return measured.incrementAndGet() % 2 == 0 ? 0 : 1L << 40;
          }
        };
    var time =
        new PassingTime(real.time()) {
          @Override
          public long nanos() {
            return 20 * super.nanos();
          }
        };
    return new Os(time, real.network(), real.tasks(), real.chance(), disk);
  }

  /// The content that a mail of this name has; every eighth is larger than a chunk.
  static byte[] contentOf(QueueId id) {
    long seed = id.value();
    return Mails.content((int) ((seed >>> 20) % 8 == 0 ? 150_000 : seed % 20_000), seed);
  }

  private void session(int mails) {
    for (int i = 0; i < mails; i++) {
      while (!commit(i) && patient) {
        try {
          os.time().sleep(PATIENCE);
        } catch (InterruptedException _) {
          return;
        }
      }
    }
  }

  /// @return false when the mail was refused
  private boolean commit(int number) {
    QueueId id = spool.nextId();
    try {
      Mail mail = Mails.commit(spool, id, contentOf(id), 2);
      out.println("ack " + id);
      if (number % 3 == 0) {
        out.println("gone " + id);
        spool.settle(Mails.removal(mail, Placement.INCOMING));
      }
      return true;
    } catch (SpoolException e) {
      out.println("refused " + id + " " + e.getMessage());
      return false;
    }
  }
}
