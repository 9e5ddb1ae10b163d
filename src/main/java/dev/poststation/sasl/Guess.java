package dev.poststation.sasl;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What a client said to show a password. It is kept as long as the session, to tell whether the
/// client tries one wrong password by several mechanisms, as mail programs do. Immutable.
public final class Guess {
  private final Mechanism mechanism;
  private final String user;
  private final @Nullable String password;
  private final Predicate<String> madeWith;

  private Guess(
      Mechanism mechanism, String user, @Nullable String password, Predicate<String> madeWith) {
    this.mechanism = mechanism;
    this.user = user;
    this.password = password;
    this.madeWith = madeWith;
  }

  /// The password itself.
  static Guess said(Mechanism mechanism, String user, String password) {
    return new Guess(mechanism, user, password, password::equals);
  }

  /// What is made with the password.
  ///
  /// @param madeWith whether this one it was
  static Guess proved(Mechanism mechanism, String user, Predicate<String> madeWith) {
    return new Guess(mechanism, user, null, madeWith);
  }

  /// Whether it is the same password for the same user as an earlier guess by another mechanism;
  /// false where nobody can tell.
  public boolean repeats(Guess earlier) {
    return password != null
        && mechanism != earlier.mechanism
        && user.equals(earlier.user)
        && earlier.madeWith.test(password);
  }

  /// Whether it came by the same mechanism.
  public boolean sameMechanism(Guess earlier) {
    return mechanism == earlier.mechanism;
  }

  /// Shows no secret.
  @Override
  public String toString() {
    return "Guess[" + mechanism.word() + "]";
  }
}
