package dev.poststation.os;

/// Kinds of channel binding (RFC 5056): what the two ends of one TLS connection have in common and
/// nobody in the middle has.
public enum Binding {
  /// Keying material that is made for this purpose (RFC 9266); TLS 1.3 only.
  EXPORTER("tls-exporter"),
  /// The hash of the server's certificate (RFC 5929 4).
  SERVER_END_POINT("tls-server-end-point");

  private final String word;

  Binding(String word) {
    this.word = word;
  }

  /// Its registered name.
  public String word() {
    return word;
  }
}
