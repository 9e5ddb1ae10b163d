package dev.poststation.spool;

import java.util.concurrent.ArrayBlockingQueue;
import org.jspecify.annotations.Nullable;

/// Buffers for mails that come in, used again and again: most mails fit into one, and are copied
/// from it once. Bounded: when all are in use a mail makes its own. Safe for any thread.
final class Buffers {
  /// 4 MB.
  private static final int MOST = 64;

  private final ArrayBlockingQueue<byte[]> free = new ArrayBlockingQueue<>(MOST);
  private final int size;

  /// Of those that were made, how many are free or come back. Guarded by this.
  private int made;

  Buffers(int size) {
    this.size = size;
  }

  /// One with anything in it; null: there is none left.
  byte @Nullable [] take() {
    byte[] buffer = free.poll();
    return buffer == null && more() ? new byte[size] : buffer;
  }

  private synchronized boolean more() {
    if (made == MOST) {
      return false;
    }
    made++;
    return true;
  }

  /// Lets another mail have it, at which nobody looks any more.
  void giveBack(byte[] buffer) {
    free.add(buffer);
  }

  /// One does not come back: it is a chunk of a mail now.
  synchronized void lose() {
    made--;
  }
}
