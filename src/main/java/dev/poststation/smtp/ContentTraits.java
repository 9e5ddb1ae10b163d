package dev.poststation.smtp;

/// What was seen in the content of a mail while it came in.
///
/// @param size octets
/// @param eightBit whether any octet is above 127
/// @param dotLines whether any line begins with a dot, or with NUL, behind which one may stand
/// @param longLines whether any line is longer than 998 octets without CRLF
/// @param bareNewlines whether a CR or LF stands alone
/// @param endsWithNewline whether it ends with CRLF, or is empty: the final dot may follow
public record ContentTraits(
    long size,
    boolean eightBit,
    boolean dotLines,
    boolean longLines,
    boolean bareNewlines,
    boolean endsWithNewline) {
  /// RFC 5322 2.1.1.
  static final int LINE_MAX = 998;
}
