package dev.poststation.spool;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Lets the thread that made it wait until another thread has done something for it. An interrupt
/// does not end the wait: whether a mail is durable must be known. Made and awaited by one thread,
/// ended by another; a second end is ignored.
final class Ticket<T> {
  private final Thread waiter = Thread.currentThread();
  private @Nullable T value;
  private @Nullable Exception failure;
  private volatile boolean ended;

  void done(T outcome) {
    if (ended) {
      return;
    }
    value = outcome;
    ended = true;
    LockSupport.unpark(waiter);
  }

  void failed(Exception cause) {
    if (ended) {
      return;
    }
    failure = cause;
    ended = true;
    LockSupport.unpark(waiter);
  }

  /// Waits for the end.
  ///
  /// @throws SpoolException when it failed
  T await() throws SpoolException {
    boolean interrupted = false;
    while (!ended) {
      LockSupport.park(this);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      waiter.interrupt();
    }
    if (failure instanceof SpoolException e) {
      throw new SpoolException(e.getMessage(), e.full(), e);
    }
    if (failure != null || value == null) {
      throw new IllegalStateException("a bug in the spool", failure);
    }
    return value;
  }
}
