package dev.poststation.os;

import java.util.List;
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
public record TlsStart(
    SSLContext context,
    boolean server,
    @Nullable String peerName,
    boolean verifyName,
    List<String> protocols) {
  public TlsStart {
    protocols = List.copyOf(protocols);
  }
}
