package dev.poststation.tls;

import dev.poststation.smtp.PeerText;
import java.security.cert.X509Certificate;
import java.util.List;

/// A certificate in words, for those who look why a host was trusted or not. Pure functions.
public final class CertificateText {
  private static final int NAMES_MAX = 5;

  private CertificateText() {}

  /// One line: whose it is, from whom, until when, and the fingerprints for `pin`.
  ///
  /// @param chain the server's own certificate first
  public static String of(List<X509Certificate> chain) {
    if (chain.isEmpty()) {
      return "no certificate was shown";
    }
    var own = chain.getFirst();
    var names = CertifiedKey.namesIn(own);
    String more = names.size() > NAMES_MAX ? " and " + (names.size() - NAMES_MAX) + " more" : "";
    var issuer = own.getIssuerX500Principal();
    return "certificate of "
        + PeerText.of(
            names.isEmpty()
                ? own.getSubjectX500Principal().getName()
                : String.join(" ", names.stream().limit(NAMES_MAX).toList()))
        + more
        + (issuer.equals(own.getSubjectX500Principal())
            ? ", signed by itself"
            : ", from " + PeerText.of(issuer.getName()))
        + ", until "
        + own.getNotAfter().toInstant()
        + ", "
        + Fingerprint.of(own)
        + ", key "
        + Fingerprint.ofKey(own);
  }
}
