package dev.poststation.smime;

/// Certificates as text. Pure functions.
public final class CertificateText {
  private CertificateText() {}

  /// A certificate and the authorities that came with it, in PEM.
  public static String pem(Entry entry) {
    var text =
        new StringBuilder(Pem.of(Pem.CERTIFICATE, Certificates.encoded(entry.certificate())));
    entry.chain().forEach(each -> text.append(Pem.of(Pem.CERTIFICATE, Certificates.encoded(each))));
    return text.toString();
  }
}
