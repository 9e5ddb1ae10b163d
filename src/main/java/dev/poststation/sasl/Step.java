package dev.poststation.sasl;

/// What we do about what the client said. Immutable but for the octets, which nobody changes.
public sealed interface Step {
  /// We ask further.
  record Challenge(byte[] octets) implements Step {
    @Override
    public String toString() {
      return "Challenge[***]";
    }
  }

  /// It is who it says it is.
  ///
  /// @param user the name that it gave, or empty: we may call it by another one
  record Success(Accounts.Login login, String user) implements Step {}

  /// It is not, or does not speak as the mechanism wants it.
  ///
  /// @param malformed whether nothing could be made of what it said
  /// @param user the name that it gave, or empty
  /// @param reason for the log, without secrets
  record Failure(boolean malformed, String user, String reason) implements Step {
    static Failure malformed(String reason) {
      return new Failure(true, "", reason);
    }

    static Failure refused(String user, String reason) {
      return new Failure(false, user, reason);
    }
  }
}
