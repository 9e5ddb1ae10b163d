package dev.poststation.seal;

import dev.poststation.os.Os;
import dev.poststation.os.Workers;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;

/// The few threads that sign, encrypt, decrypt and verify, and the part of the heap that all their
/// mail shares. Safe for any thread.
public final class SealWork {
  private static final int THREADS = 2;
  private static final int WAITING = 200;

  /// The largest mail is this part of the heap.
  private static final int LARGEST_PART = 16;

  /// All mail that is worked at has this part of the heap.
  private static final int WORK_PART = 3;

  /// Copies that there are of a mail while it is taken apart or put together, and their parts.
  private static final int COPIES = 6;

  private static final int KIB = 1024;

  private final Os os;
  private final Workers workers;
  private final long heap = Runtime.getRuntime().maxMemory();
  private final int roomMost = (int) Math.min(Integer.MAX_VALUE, heap / WORK_PART / KIB);

  /// KiB of the heap that are left for more work.
  private final Semaphore room = new Semaphore(roomMost, true);

  public SealWork(Os os) {
    this.os = os;
    this.workers = new Workers(os.tasks(), "seal", THREADS, WAITING);
  }

  /// Octets of the largest mail that is encrypted, decrypted or verified: all of it has to be in
  /// memory several times.
  public long largest() {
    return heap / LARGEST_PART;
  }

  /// A clock that never goes back.
  public long nanos() {
    return os.time().nanos();
  }

  /// Has work done that needs a whole mail in memory, as soon as there is room for it. The work
  /// itself has to read the mail: what waits has nothing of it in memory.
  ///
  /// @param octets of the mail, and of what is made of it beyond the first one
  /// @throws IOException as with the other one
  public <T> T work(long octets, Callable<T> work, Duration atMost) throws IOException {
    int share = Math.clamp(octets * COPIES / KIB, 1, roomMost);
    long end = os.time().nanos() + atMost.toNanos();
    return work(
        () -> {
          room.acquireUninterruptibly(share);
          try {
            if (os.time().nanos() - end > 0) {
              throw new IOException("there was no memory for it in time");
            }
            return work.call();
          } finally {
            room.release(share);
          }
        },
        atMost);
  }

  /// Has work done by the threads for it, and waits.
  ///
  /// @throws IOException when the work throws it, too much of it waits, or it was not done in time;
  ///   the message is a clause
  public <T> T work(Callable<T> work, Duration atMost) throws IOException {
    try {
      return workers
          .ask(work, atMost)
          .orElseThrow(() -> new IOException("too much mail waits for signatures and encryption"));
    } catch (TimeoutException e) {
      throw new IOException("it took longer than " + atMost.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException io) {
        throw io;
      }
      throw new IOException("it fails: " + e.getCause(), e);
    }
  }
}
