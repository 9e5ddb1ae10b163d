package dev.poststation.log;

/// The text of a hold that a setting ordered when the mail came, `SETTING = hold: why`, as entries
/// of earlier builds have it, which do not say by what. Only pure functions.
final class OnArrival {
  /// Begins the text of a hold that a device's profile ordered.
  private static final String PROFILE = "profile = hold";

  private OnArrival() {}

  /// Whether the text of a hold says that no person ordered it.
  static boolean isHeld(String text) {
    int end = text.indexOf(" = hold: ");
    return text.startsWith(PROFILE)
        || (end > 0 && text.chars().limit(end).allMatch(c -> (c >= 'a' && c <= 'z') || c == '-'));
  }
}
