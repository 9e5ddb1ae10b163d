package dev.poststation.tls;

import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Certificates, keys and authorities that are known by their hash. Pure functions.
public final class Pins {
  private Pins() {}

  /// What is wrong with what a server showed, in words after "its certificate"; empty when a pin is
  /// for it.
  ///
  /// @param chain the server's own certificate first
  /// @param pins in the form of [Fingerprint#of], of which one must be there: that of the server's
  ///   certificate or key, or that of an authority in the chain or its key, from which it must come
  /// @param name which the certificate must carry where an authority is pinned
  public static Optional<CertificateFlaw> flaw(
      List<X509Certificate> chain, List<String> pins, String name, Instant now) {
    if (chain.isEmpty()) {
      return Optional.of(CertificateFlaw.missing());
    }
    var own = chain.getFirst();
    if (isPinned(own, pins)) {
      return Optional.empty();
    }
    var flaw = CertificateFlaw.untrusted("is none that is pinned, and none of its authorities is");
    for (var authority : chain.subList(1, chain.size())) {
      if (isPinned(authority, pins)) {
        var path = ChainPath.below(authority, chain);
        var found =
            path.isEmpty()
                ? Optional.of(
                    CertificateFlaw.untrusted(
                        "does not come from the pinned authority that it shows"))
                : ChainPath.flaw(path, new TrustAnchor(authority, null), List.of(name), now);
        if (found.isEmpty()) {
          return found;
        }
        flaw = found.get();
      }
    }
    return Optional.of(flaw);
  }

  private static boolean isPinned(X509Certificate certificate, List<String> pins) {
    return pins.contains(Fingerprint.of(certificate))
        || pins.contains(Fingerprint.ofKey(certificate));
  }
}
