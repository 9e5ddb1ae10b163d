package dev.poststation.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// `log`.
///
/// @param file where the mail log goes; null: standard output
public record LogSettings(Format format, @Nullable Path file) {
  /// The form of a line.
  public enum Format {
    /// `key=value …`.
    LOGFMT,
    /// One JSON object a line.
    JSON,
    /// As Postfix writes it, for existing parsers.
    POSTFIX
  }
}
