package dev.poststation.delivery;

import dev.poststation.route.NextHop;
import dev.poststation.smtp.Reply;
import dev.poststation.tls.CertificateFlaw;
import dev.poststation.tlsrpt.ResultType;
import dev.poststation.tlsrpt.TlsSession;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// Watches what comes of TLS in one session with a host, for reports to its domain (RFC 8460 4.3).
/// Confined to one thread.
final class TlsWatch {
  private final HopTls tls;
  private final NextHop hop;
  private final InetAddress to;
  private final String from;
  private String hello = "";
  private boolean encrypted;
  private TlsSession.@Nullable Failure failure;

  /// @param from our address; empty: a proxy stands between
  TlsWatch(HopTls tls, NextHop hop, InetAddress to, String from) {
    this.tls = tls;
    this.hop = hop;
    this.to = to;
    this.from = from;
  }

  /// The host has greeted.
  void greeted(Reply greeting) {
    String text = greeting.lines().getFirst();
    int space = text.indexOf(' ');
    hello = space < 0 ? text : text.substring(0, space);
  }

  /// The session is encrypted, and nothing is wrong that was not told.
  void encrypted() {
    encrypted = true;
  }

  /// Something is wrong. What is told first counts.
  ///
  /// @param code in words of ours, or of the host; empty: the type says it all
  void failed(ResultType type, String code) {
    if (failure == null) {
      failure = new TlsSession.Failure(type, from, hop.host(), hello, to.getHostAddress(), code);
    }
  }

  /// The handshake, or what belongs to it, failed.
  void failed(IOException why) {
    switch (why) {
      case OwnCertificateException _ -> {} // It is us.
      case DistrustException distrust ->
          failed(distrust.type(), String.valueOf(distrust.getMessage()));
      case SSLException _ ->
          failed(
              CertificateFlaw.typeOf(why, tls.names().getFirst()),
              String.valueOf(why.getMessage()));
      case SocketTimeoutException _ -> failed(ResultType.VALIDATION_FAILURE, "no answer in time");
      case EOFException _ -> failed(ResultType.VALIDATION_FAILURE, "connection lost");
      default -> failed(ResultType.VALIDATION_FAILURE, String.valueOf(why.getMessage()));
    }
  }

  /// What there is to report; empty: it did not come to TLS, or nobody is told.
  Optional<TlsSession> seen() {
    var basis = tls.watch();
    if (basis == null || (failure == null && !encrypted)) {
      return Optional.empty();
    }
    return Optional.of(
        failure == null ? basis : new TlsSession(basis.domain(), basis.policy(), failure));
  }
}
