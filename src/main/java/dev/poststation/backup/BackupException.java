package dev.poststation.backup;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import org.jspecify.annotations.Nullable;

/// Why a backup or a restore is not done: one sentence for the administrator, with the remedy.
public final class BackupException extends IOException {
  private final boolean refused;

  private BackupException(boolean refused, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.refused = refused;
  }

  /// It was not even begun: what was asked for cannot be meant.
  static BackupException refused(String message) {
    return new BackupException(true, message, null);
  }

  /// It was not even begun, for a reason that the cause knows.
  static BackupException refused(IOException cause) {
    return new BackupException(true, String.valueOf(cause.getMessage()), cause);
  }

  /// It failed; what had come of it is removed.
  static BackupException failed(String message) {
    return new BackupException(false, message, null);
  }

  /// It failed, for a reason that the cause knows.
  static BackupException failed(String message, IOException cause) {
    return new BackupException(false, message + ": " + reason(cause), cause);
  }

  /// What the system said, without the name of the file, which the sentence has.
  private static String reason(IOException cause) {
    return switch (cause) {
      case AccessDeniedException _ -> "permission denied";
      case FileSystemException e when e.getReason() != null -> e.getReason();
      default -> String.valueOf(cause.getMessage());
    };
  }

  /// Whether it was not even begun.
  public boolean refused() {
    return refused;
  }

  /// The sentence.
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
