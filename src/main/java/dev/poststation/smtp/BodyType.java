package dev.poststation.smtp;

import java.util.List;

/// What BODY= of MAIL declared (RFC 6152, RFC 3030).
public enum BodyType {
  /// Nothing declared, or BODY=7BIT.
  SEVEN_BIT("7BIT"),
  /// BODY=8BITMIME.
  EIGHT_BIT_MIME("8BITMIME"),
  /// BODY=BINARYMIME.
  BINARY_MIME("BINARYMIME");

  /// All of them.
  static final List<BodyType> VALUES = List.of(values());

  private final String keyword;

  BodyType(String keyword) {
    this.keyword = keyword;
  }

  /// As it stands in the command.
  public String keyword() {
    return keyword;
  }
}
