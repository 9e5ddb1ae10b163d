package dev.poststation.message;

/// Bulk, or what must not wait for it: apart from each other they are found in the spool and get
/// room in memory.
public enum Lane {
  /// Newsletters and the like.
  BULK,
  /// Everything else.
  OTHERS,
  /// What goes before the rest of these.
  URGENT,
  /// All.
  ALL;

  /// The lane of mail that is bulk, or is not.
  public static Lane of(boolean bulk) {
    return bulk ? BULK : OTHERS;
  }

  /// The narrowest one that has mail of this priority.
  public static Lane of(int priority) {
    return Priority.isUrgent(priority) ? URGENT : of(Priority.isBulk(priority));
  }

  /// Whether mail of this priority is in it.
  public boolean has(int priority) {
    return switch (this) {
      case BULK -> Priority.isBulk(priority);
      case OTHERS -> !Priority.isBulk(priority);
      case URGENT -> Priority.isUrgent(priority);
      case ALL -> true;
    };
  }
}
