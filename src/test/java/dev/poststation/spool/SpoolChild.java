package dev.poststation.spool;

import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.os.Os;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;

/// A process of its own that fills a spool and tells what it was told, for tests that kill it or
/// let its disk fail: `SpoolChild DIRECTORY SESSIONS MAILS` commits so many mails in each session
/// and removes every third one.
///
/// It prints `ready`, then `ack ID` after each commit, `gone ID` before each removal, `refused ID
/// REASON` when a commit fails, and `end` when all is done and the spool is closed.
final class SpoolChild {
  private final LocalSpool spool;
  private final PrintStream out;

  private SpoolChild(LocalSpool spool, PrintStream out) {
    this.spool = spool;
    this.out = out;
  }

  public static void main(String[] args) throws Exception {
    int sessions = Integer.parseInt(args[1]);
    int mails = Integer.parseInt(args[2]);
    try (var spool =
        LocalSpool.open(
            Os.real(), Path.of(args[0]), LocalSpoolTest.SETTINGS, LocalSpoolTest.TRACE, 1 << 20)) {
      System.out.println("ready");
      var child = new SpoolChild(spool, System.out);
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

  /// The content that a mail of this name has; every eighth is larger than a chunk.
  static byte[] contentOf(QueueId id) {
    long seed = id.value();
    return Mails.content((int) ((seed >>> 20) % 8 == 0 ? 150_000 : seed % 20_000), seed);
  }

  private void session(int mails) {
    for (int i = 0; i < mails; i++) {
      QueueId id = spool.nextId();
      try {
        Mail mail = Mails.commit(spool, id, contentOf(id), 2);
        out.println("ack " + id);
        if (i % 3 == 0) {
          out.println("gone " + id);
          spool.settle(Mails.removal(mail, Placement.INCOMING));
        }
      } catch (SpoolException e) {
        out.println("refused " + id + " " + e.getMessage());
      }
    }
  }
}
