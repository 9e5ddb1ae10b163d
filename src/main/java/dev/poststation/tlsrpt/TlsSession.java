package dev.poststation.tlsrpt;

import dev.poststation.smtp.PeerText;
import org.jspecify.annotations.Nullable;

/// What came of TLS in one session with a host, as domains are told of it (RFC 8460 4.3).
/// Immutable.
///
/// @param domain whose mail exchanger the host is; empty: that of whoever gets the mail
/// @param failure what failed; null: nothing did
public record TlsSession(String domain, AppliedPolicy policy, @Nullable Failure failure) {
  /// A way to fail: sessions that failed in the same one are counted together.
  ///
  /// @param from our address; empty: not known
  /// @param host the mail exchanger
  /// @param hello what it calls itself in its greeting; empty: it did not say
  /// @param to its address; empty: it was not called
  /// @param code what was said of it, or by TLS; empty: the type says it all
  public record Failure(
      ResultType type, String from, String host, String hello, String to, String code) {
    private static final int CODE_MAX = 200;
    private static final int HELLO_MAX = 100;

    public Failure {
      hello = cut(hello, HELLO_MAX);
      code = cut(code, CODE_MAX);
    }

    private static String cut(String text, int most) {
      String harmless = PeerText.of(text);
      return harmless.length() > most ? harmless.substring(0, most) : harmless;
    }

    /// One of a host that was not called.
    public static Failure before(ResultType type, String host, String code) {
      return new Failure(type, "", host, "", "", code);
    }
  }
}
