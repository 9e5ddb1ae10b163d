package dev.poststation.smtp;

/// Parses command lines (RFC 5321 4.1.1) with the parameters of all extensions that we offer. Safe
/// for any thread.
public final class CommandParser {
  private CommandParser() {}

  /// What the syntax depends on.
  ///
  /// @param straySpace whether `MAIL FROM: <…>` with a space after the colon is understood
  /// @param smtputf8Session whether the mail under way was declared SMTPUTF8, so that RCPT may be
  ///   international
  public record Options(boolean straySpace, boolean smtputf8Session) {}

  /// Parses a line without its CRLF.
  public static Command parse(byte[] buffer, int offset, int length, Options options) {
    return new Command.Unknown("");
  }
}
