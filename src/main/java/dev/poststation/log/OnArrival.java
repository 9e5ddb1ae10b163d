package dev.poststation.log;

/// The text of a hold that a setting ordered when the mail came: `SETTING = hold: why`. Only pure
/// functions.
public final class OnArrival {
  /// Begins the text where the reason does not name the setting itself.
  static final String OTHERWISE = "otherwise = hold: ";

  /// Begins the text of a hold that a device's profile ordered.
  private static final String PROFILE = "profile = hold";

  /// Behind the setting.
  private static final String HOLD = " = hold";

  private OnArrival() {}

  /// The text, for a reason.
  static String held(String reason) {
    return isHeld(reason) ? reason : OTHERWISE + reason;
  }

  /// Whether the text of a hold says that no person ordered it.
  public static boolean isHeld(String text) {
    if (text.startsWith(PROFILE)) {
      return true;
    }
    int end = text.indexOf(HOLD + ": ");
    return end > 0 && text.chars().limit(end).allMatch(c -> (c >= 'a' && c <= 'z') || c == '-');
  }

  /// The setting that such a text names.
  static String setting(String text) {
    return text.substring(0, text.indexOf(HOLD));
  }
}
