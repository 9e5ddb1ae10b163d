package dev.poststation.sasl;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.function.Predicate;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// What a client said to show a password. As it is [kept][#kept] it lasts as long as the session,
/// to tell whether the client tries one wrong password by several mechanisms, as mail programs do.
/// Immutable.
public final class Guess {
  private static final String MAC = "HmacSHA256";

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

  /// The same for later, without the password: a wrong one is often a right one of elsewhere. It
  /// can only be asked whether others repeat it.
  ///
  /// @param key random, and known to this process alone
  public Guess kept(byte[] key) {
    if (password == null) {
      return this;
    }
    byte[] mac = mac(key, password);
    return new Guess(mechanism, user, null, other -> MessageDigest.isEqual(mac, mac(key, other)));
  }

  private static byte[] mac(byte[] key, String password) {
    try {
      var mac = Mac.getInstance(MAC);
      mac.init(new SecretKeySpec(key, MAC));
      return mac.doFinal(Words.octets(password));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
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
