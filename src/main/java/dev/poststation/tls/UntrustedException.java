package dev.poststation.tls;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A server's certificate that was refused in the handshake. Carries what was shown, so that it can
/// be told.
public final class UntrustedException extends CertificateException {
  private final transient List<X509Certificate> shown;

  UntrustedException(List<X509Certificate> shown, CertificateException cause) {
    super(cause.getMessage(), cause);
    this.shown = List.copyOf(shown);
  }

  /// The certificates that led to this failure; empty where it is another one.
  public static List<X509Certificate> shownIn(@Nullable Throwable failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof UntrustedException untrusted) {
        return untrusted.shown;
      }
    }
    return List.of();
  }
}
