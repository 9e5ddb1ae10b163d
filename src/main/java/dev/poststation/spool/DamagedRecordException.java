package dev.poststation.spool;

import java.io.IOException;

/// A record of the spool is not what we wrote. The message says what is wrong with it.
final class DamagedRecordException extends IOException {
  private static final long serialVersionUID = 1;

  DamagedRecordException(String message) {
    super(message);
  }
}
