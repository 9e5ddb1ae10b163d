package dev.poststation.os;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// One TCP connection, in clear or, after `startTls`, encrypted. Reading and writing are blocking
/// and done by one thread; `deadline` and `close` may come from any.
public interface Connection extends Closeable {
  /// Our end.
  InetSocketAddress local();

  /// The peer's end.
  InetSocketAddress remote();

  /// From now on reading and writing must be done within `fromNow`; each call replaces the one
  /// before. When it has passed, a waiting or later `read` fails with `SocketTimeoutException`
  /// while a last `write` (a farewell) is still possible for a short grace, after which the
  /// connection is closed.
  void deadline(Duration fromNow);

  /// Reads at least one octet, or returns -1 at the end of the stream.
  ///
  /// @throws java.net.SocketTimeoutException when the deadline has passed
  /// @throws IOException when the connection is gone
  int read(byte[] buffer, int offset, int length) throws IOException;

  /// Writes all of it.
  ///
  /// @throws java.net.SocketTimeoutException when the deadline has passed
  /// @throws IOException when the connection is gone
  void write(byte[] buffer, int offset, int length) throws IOException;

  /// Octets that can be read without waiting; 0 when that is unknown. For noticing early talkers.
  int available() throws IOException;

  /// Encrypts the connection; the handshake must be done before the deadline. Octets that the
  /// caller has read ahead in clear are the caller's to refuse.
  ///
  /// @throws javax.net.ssl.SSLException when the handshake failed
  TlsFacts startTls(TlsStart how) throws IOException;

  /// What the handshake agreed upon; null while in clear.
  @Nullable TlsFacts tls();

  /// A proxy at the other end has connected us onward: from now on the peer is this one, for TLS
  /// too. Called by the thread that reads and writes.
  default void onward(InetSocketAddress peer) {
    throw new UnsupportedOperationException("no proxy can stand between these two");
  }

  /// Octets that only the two ends of this TLS connection have in common (RFC 5056); null while in
  /// clear, or where this kind is not to be had.
  default byte @Nullable [] binding(Binding kind) {
    return null;
  }

  /// Ends the connection so that what was written last arrives though the peer may still be
  /// sending: octets that nobody reads make the kernel answer with a reset, and a reset can
  /// overtake a farewell. Says that no more comes, throws away what does come until the peer ends
  /// or `atMost` has passed, and closes. Called by the thread that reads and writes. Never throws.
  default void closeGently(Duration atMost) {
    close();
  }

  /// Ends the connection at once; a reader or writer in another thread fails. Never throws.
  @Override
  void close();
}
