package dev.poststation.oauth;

import java.time.Duration;
import java.util.Optional;

/// Why there is no token. The message is one clause, the same as long as the reason is.
public final class NoTokenException extends Exception {
  private final String code;
  private final boolean lasting;
  private final Optional<Duration> wait;
  private final String full;

  /// @param code as the token server named it, such as `invalid_grant`; empty when it said nothing
  /// @param lasting whether somebody has to do something about it
  /// @param wait how long the server wants to be left alone
  /// @param full what the server said, with all numbers, for its support
  NoTokenException(
      String message, String code, boolean lasting, Optional<Duration> wait, String full) {
    super(message);
    this.code = code;
    this.lasting = lasting;
    this.wait = wait;
    this.full = full;
  }

  /// The server could not be asked.
  static NoTokenException unreachable(String clause) {
    return new NoTokenException(clause, "", false, Optional.empty(), "");
  }

  /// The configuration, or what is kept, does not do.
  static NoTokenException ours(String clause) {
    return new NoTokenException(clause, "", true, Optional.empty(), "");
  }

  /// The clause.
  public String clause() {
    return String.valueOf(getMessage());
  }

  /// As the token server named it; empty when it said nothing.
  String code() {
    return code;
  }

  /// Whether somebody has to do something about it; else the server could not be asked, or had
  /// trouble of its own.
  public boolean lasting() {
    return lasting;
  }

  Optional<Duration> waits() {
    return wait;
  }

  /// What the server said, with all numbers; empty when that is nothing more.
  String full() {
    return full;
  }
}
