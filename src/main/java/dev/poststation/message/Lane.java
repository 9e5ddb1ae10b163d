package dev.poststation.message;

/// Bulk, or what must not wait for it: apart from each other they are found in the spool and get
/// room in memory.
public enum Lane {
  /// Newsletters and the like.
  BULK,
  /// Everything else.
  OTHERS,
  /// Both.
  ALL;

  /// The lane of mail that is bulk, or is not.
  public static Lane of(boolean bulk) {
    return bulk ? BULK : OTHERS;
  }

  /// Whether mail of this priority is in it.
  public boolean has(int priority) {
    return this == ALL || this == of(Priority.isBulk(priority));
  }
}
