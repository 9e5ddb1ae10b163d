package dev.poststation.message;

import org.jspecify.annotations.Nullable;

/// Why a mail waits for an administrator though no person ordered it: a setting has it held when it
/// comes. Immutable.
///
/// @param setting its key: `on-found`, `otherwise`, `profile`
/// @param reason in one line, as it stands in the queue
/// @param order the same with the setting, for log and trace
public record Hold(String setting, String reason, String order) {
  /// One of a service, or of an outbreak.
  public static Hold by(String setting, String why) {
    String order = setting + " = hold: " + why;
    return new Hold(setting, order, order);
  }

  /// `otherwise` of an entry of `clients`.
  ///
  /// @param rule which rule of the entry is not met, and how
  public static Hold otherwise(String rule) {
    return new Hold("otherwise", rule, by("otherwise", rule).order);
  }

  /// `profile` of an entry of `clients`.
  ///
  /// @param rule begins with the setting
  public static Hold profile(String rule) {
    return new Hold("profile", rule, rule);
  }

  /// Whether it should have been encrypted, and is not.
  public boolean unencrypted() {
    return RecipientState.unencrypted(reason);
  }

  /// The same, for something else besides.
  public Hold also(String why) {
    String more = "; also " + why;
    return new Hold(setting, reason + more, order + more);
  }

  /// Of two that may be there. One of them has to be answered by somebody in so many words, and is
  /// kept; else the first one counts.
  public static @Nullable Hold of(@Nullable Hold first, @Nullable Hold second) {
    if (first == null || second == null) {
      return first == null ? second : first;
    }
    return second.unencrypted() && !first.unencrypted() ? second.also(first.reason) : first;
  }
}
