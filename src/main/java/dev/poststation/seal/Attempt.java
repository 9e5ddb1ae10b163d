package dev.poststation.seal;

/// What a private key made of something encrypted. That the mail is at fault is no failure of ours:
/// who sent it must not hear of it, for he could read a mail by sending it again and again, a bit
/// changed (RFC 8551 6). Immutable.
public sealed interface Attempt<T> {
  /// It is open.
  record Opened<T>(T content) implements Attempt<T> {}

  /// It is not for this key, as far as it says.
  record Foreign<T>() implements Attempt<T> {}

  /// It is for this key, and damaged, was changed, or is too complex.
  ///
  /// @param why a clause
  /// @param octets that came out of it all the same, as far as that is more than it has itself
  record Damaged<T>(String why, long octets) implements Attempt<T> {
    /// One out of which no more came than it has.
    public Damaged(String why) {
      this(why, 0);
    }
  }
}
