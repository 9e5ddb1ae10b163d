package dev.poststation.delivery;

import dev.poststation.tls.TlsException;
import javax.net.ssl.SSLException;

/// The certificate that a next hop shall be shown cannot be used: our own fault, which is never a
/// reason to send in clear. The message is the rest of a sentence for people.
final class OwnCertificateException extends SSLException {
  OwnCertificateException(TlsException cause) {
    super("our own certificate cannot be used: " + cause.getMessage(), cause);
  }
}
