package dev.poststation.sasl;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// What users, and their passwords, may be called. Pure functions.
public final class UserNames {
  private static final int LENGTH_MAX = 200;

  private static final Pattern NAME =
      Pattern.compile("[\\p{L}\\p{N}_][\\p{L}\\p{M}\\p{N}.@_+=~'/\\\\-]*");

  private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

  private UserNames() {}

  /// What is wrong with a name, and what to do; empty when it is good.
  public static Optional<String> flaw(String name) {
    return name.length() <= LENGTH_MAX
            && NAME.matcher(name).matches()
            && SaslPrep.stored(name).isPresent()
        ? Optional.empty()
        : Optional.of(
            "use letters, digits and . @ _ + = ~ ' / \\ -, a letter or digit first, at most "
                + LENGTH_MAX
                + " of them");
  }

  /// Whether a password may be called so.
  public static boolean isLabel(String text) {
    return LABEL.matcher(text).matches();
  }

  /// By which names are compared: without regard to case and to how Unicode writes a letter. Names
  /// that nobody can have are cut, since they come from strangers and are kept for a while.
  public static String folded(String name) {
    String known = name.length() > LENGTH_MAX ? name.substring(0, LENGTH_MAX) : name;
    return SaslPrep.said(known).orElse(known).toLowerCase(Locale.ROOT);
  }
}
