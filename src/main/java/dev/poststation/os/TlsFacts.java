package dev.poststation.os;

import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a TLS handshake agreed upon.
///
/// @param protocol such as `TLSv1.3`
/// @param cipher such as `TLS_AES_256_GCM_SHA384`
/// @param requestedName the server name that the client asked for (SNI), at the server's end; else
///   null
/// @param peerChain the peer's certificates, its own first; empty when it showed none
/// @param peerVerified whether these lead to an authority that we trust, and are valid; false says
///   nothing more than that nobody vouches for them
/// @param fingerprint how the client's TLS library introduced itself, at the server's end; null:
///   not known
public record TlsFacts(
    String protocol,
    String cipher,
    @Nullable String requestedName,
    List<X509Certificate> peerChain,
    boolean peerVerified,
    @Nullable String fingerprint) {
  public TlsFacts {
    peerChain = List.copyOf(peerChain);
  }

  /// Facts of a peer whose library is not known.
  public TlsFacts(
      String protocol,
      String cipher,
      @Nullable String requestedName,
      List<X509Certificate> peerChain,
      boolean peerVerified) {
    this(protocol, cipher, requestedName, peerChain, peerVerified, null);
  }

  /// Facts of a peer that nobody vouches for.
  public TlsFacts(
      String protocol,
      String cipher,
      @Nullable String requestedName,
      List<X509Certificate> peerChain) {
    this(protocol, cipher, requestedName, peerChain, false);
  }
}
