package dev.poststation.spool;

import java.io.IOException;

/// Our disk fails, or is full: the client gets 451 or 452, never a lie.
public final class SpoolException extends IOException {
  private final boolean full;

  /// @param full whether it is for want of space (452 4.3.1), else 451 4.3.0
  public SpoolException(String message, boolean full, Throwable cause) {
    super(message, cause);
    this.full = full;
  }

  /// Without a deeper cause.
  public SpoolException(String message, boolean full) {
    super(message);
    this.full = full;
  }

  /// What is wrong, in a sentence for the log.
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }

  /// Whether it is for want of space.
  public boolean full() {
    return full;
  }
}
