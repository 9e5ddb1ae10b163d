package dev.poststation.attachments;

import java.io.IOException;

/// There was no time to look at all of a mail. Immutable.
public final class LateException extends IOException {
  private static final long serialVersionUID = 1;

  LateException() {
    super("late");
  }
}
