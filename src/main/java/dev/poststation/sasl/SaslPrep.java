package dev.poststation.sasl;

import com.ongres.saslprep.SASLprep;
import com.ongres.stringprep.Profile;
import java.util.Optional;

/// Makes names and passwords that look the same be the same (SASLprep, RFC 4013). Pure functions,
/// safe for any thread.
public final class SaslPrep {
  private static final Profile PROFILE = new SASLprep();

  private SaslPrep() {}

  /// As it is kept: empty when it has characters that are forbidden or that Unicode 3.2 does not
  /// know.
  public static Optional<String> stored(String text) {
    try {
      return isPlain(text) ? Optional.of(text) : Optional.of(PROFILE.prepareStored(text));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /// As a client may say it: empty when it has forbidden characters.
  public static Optional<String> said(String text) {
    try {
      return isPlain(text) ? Optional.of(text) : Optional.of(PROFILE.prepareQuery(text));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /// Printable ASCII stays as it is.
  private static boolean isPlain(String text) {
    return text.chars().allMatch(c -> c >= ' ' && c <= '~');
  }
}
