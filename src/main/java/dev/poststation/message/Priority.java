package dev.poststation.message;

/// Which mail goes before which, in the numbers of RFC 6710: from -9 to 9, the higher first. What
/// is below 0 is bulk: it leaves a connection free for the rest.
public final class Priority {
  /// The least urgent.
  public static final int LOWEST = -9;

  /// Newsletters and the like: "non-urgent" in RFC 6710, Appendix A.
  public static final int BULK = -4;

  /// Of a mail of which nobody says otherwise.
  public static final int NORMAL = 0;

  /// "Urgent" in RFC 6710, Appendix A.
  public static final int URGENT = 4;

  /// The most urgent.
  public static final int HIGHEST = 9;

  private Priority() {}

  /// Whether mail of this priority leaves a connection free for other mail.
  public static boolean isBulk(int priority) {
    return priority < NORMAL;
  }

  /// Whether mail of this priority goes before what is normal.
  public static boolean isUrgent(int priority) {
    return priority > NORMAL;
  }

  /// @throws IllegalArgumentException when it is none
  static void check(int priority) {
    if (priority < LOWEST || priority > HIGHEST) {
      throw new IllegalArgumentException("no priority: " + priority);
    }
  }
}
