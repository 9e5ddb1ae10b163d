package dev.poststation.dkim;

/// How much of the way a mail looks counts for its signature (RFC 6376 3.4).
public enum Form {
  /// Each octet does.
  SIMPLE,
  /// White space that relays change does not.
  RELAXED;

  /// As `c=` has it.
  public String word() {
    return this == SIMPLE ? "simple" : "relaxed";
  }
}
