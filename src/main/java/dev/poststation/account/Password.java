package dev.poststation.account;

import dev.poststation.sasl.ScramKeys;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One of the passwords of a user: what is kept of it. Immutable.
///
/// @param label what the user and the log call it
/// @param created when it was set
/// @param expires from when it is no good any more; null: never
/// @param sha256 its keys, by which PLAIN and LOGIN are checked too
/// @param sha1 its keys for those who know nothing better; null: there are none
/// @param clear itself, for CRAM-MD5; null: it is not kept
public record Password(
    String label,
    Kind kind,
    Instant created,
    @Nullable Instant expires,
    ScramKeys sha256,
    @Nullable ScramKeys sha1,
    @Nullable String clear) {
  /// Whose it is.
  public enum Kind {
    /// The user's own.
    MAIN,
    /// That of a device or a program, which can be taken away from it alone.
    APPLICATION
  }

  /// Whether it is good at that time.
  boolean isGood(Instant now) {
    return expires == null || now.isBefore(expires);
  }

  /// The same under another label, until then.
  Password until(String otherLabel, Instant end) {
    Instant earlier = expires != null && expires.isBefore(end) ? expires : end;
    return new Password(otherLabel, kind, created, earlier, sha256, sha1, clear);
  }

  /// The keys for a hash function; null: there are none.
  @Nullable ScramKeys keys(ScramKeys.Hash hash) {
    return switch (hash) {
      case SHA_256 -> sha256;
      case SHA_1 -> sha1;
    };
  }

  /// Says nothing that would help a thief.
  @Override
  public String toString() {
    return label + " ***";
  }
}
