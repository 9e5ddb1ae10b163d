package dev.poststation.config;

/// Where a value of the configuration stands: `poststation.conf:12`, or `default`.
public record Origin(String text) {
  /// Not in the file.
  public static final Origin DEFAULT = new Origin("default");

  @Override
  public String toString() {
    return text;
  }
}
