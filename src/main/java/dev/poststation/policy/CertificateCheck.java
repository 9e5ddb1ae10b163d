package dev.poststation.policy;

import dev.poststation.config.ClientConditions;
import dev.poststation.os.Time;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Whether a certificate that a client shows is one that an entry means. That it has the key, TLS
/// has shown; whose it is, only this does. Immutable; safe for any thread.
final class CertificateCheck {
  private final ClientConditions.Certificate meant;
  private final Set<TrustAnchor> anchors = new HashSet<>();
  private final Time time;

  CertificateCheck(ClientConditions.Certificate meant, Time time) {
    this.meant = meant;
    this.time = time;
    meant.authorities().forEach(each -> anchors.add(new TrustAnchor(each, null)));
  }

  boolean means(Facts client) {
    return flaw(client).isEmpty();
  }

  /// In which way the certificate that the client shows is another one.
  String why(Facts client) {
    return flaw(client);
  }

  /// Empty: it is the one.
  private String flaw(Facts client) {
    String fingerprint = meant.fingerprint();
    if (fingerprint != null && !fingerprint.equals(client.certificate())) {
      return "it is not " + fingerprint;
    }
    var subject = meant.subject();
    if (subject == null && anchors.isEmpty()) {
      return fingerprint == null ? "nothing says whose it must be" : "";
    }
    if (anchors.isEmpty()) {
      return "anybody may call himself " + subject + ", for no ca is named";
    }
    var tls = client.tls();
    if (tls == null || tls.peerChain().isEmpty()) {
      return "subject and issuer are not known of a fingerprint";
    }
    List<X509Certificate> chain = tls.peerChain();
    if (subject != null && !subject.equals(chain.getFirst().getSubjectX500Principal())) {
      return "its subject is not " + subject;
    }
    return isIssued(chain, client.moment(time))
        ? ""
        : "the authorities of ca have not issued it, or it is not valid "
            + (client.when() == null ? "now" : "then");
  }

  /// RFC 5280 6, by our own clock. Whether it was revoked nobody is asked: a name or a fingerprint
  /// is removed from the configuration.
  private boolean isIssued(List<X509Certificate> chain, Instant when) {
    try {
      var own = new X509CertSelector();
      own.setCertificate(chain.getFirst());
      var parameters = new PKIXBuilderParameters(anchors, own);
      parameters.setRevocationEnabled(false);
      parameters.setDate(Date.from(when));
      parameters.addCertStore(
          CertStore.getInstance("Collection", new CollectionCertStoreParameters(chain)));
      return CertPathBuilder.getInstance("PKIX").build(parameters).getCertPath() != null;
    } catch (GeneralSecurityException _) {
      return false;
    }
  }
}
