package dev.poststation.smime;

import java.security.cert.X509Certificate;
import java.util.List;

/// A certificate and the authorities above it, from the nearest to one that is trusted. Immutable.
///
/// @param authorities empty: it is trusted itself
public record Trusted(X509Certificate certificate, List<X509Certificate> authorities) {
  public Trusted {
    authorities = List.copyOf(authorities);
  }
}
