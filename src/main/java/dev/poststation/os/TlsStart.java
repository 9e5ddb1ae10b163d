package dev.poststation.os;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// How to start TLS on a connection.
///
/// @param context keys and trust
/// @param server whether we are the server's end
/// @param peerName the name to send as SNI and, with `verifyName`, to find in the certificate; null
///   for none
/// @param verifyName whether the certificate must carry `peerName` (RFC 6125)
/// @param protocols the protocols to offer, such as `TLSv1.3`
/// @param clientCheck at the server's end: the client is asked for a certificate, and this says of
///   its chain whether it can be trusted; null: the client is not asked
/// @param suites the cipher suites to offer or take, in this order; empty: those of the JDK
public record TlsStart(
    SSLContext context,
    boolean server,
    @Nullable String peerName,
    boolean verifyName,
    List<String> protocols,
    @Nullable Predicate<List<X509Certificate>> clientCheck,
    List<String> suites) {
  public TlsStart {
    protocols = List.copyOf(protocols);
    suites = List.copyOf(suites);
  }

  /// One that does not ask a client for its certificate.
  public TlsStart(
      SSLContext context,
      boolean server,
      @Nullable String peerName,
      boolean verifyName,
      List<String> protocols) {
    this(context, server, peerName, verifyName, protocols, null, List.of());
  }
}
