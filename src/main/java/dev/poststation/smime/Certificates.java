package dev.poststation.smime;

import dev.poststation.seal.Names;
import dev.poststation.tls.Pem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.jspecify.annotations.Nullable;

/// What certificates say (RFC 5280, RFC 8550). Pure functions.
public final class Certificates {
  /// Bouncy Castle, for this package alone: nothing else in the program changes by it.
  static final Provider PROVIDER = new BouncyCastleProvider();

  private static final int RFC822_NAME = 1;
  private static final int DIGITAL_SIGNATURE = 0;
  private static final int NON_REPUDIATION = 1;
  private static final int KEY_ENCIPHERMENT = 2;
  private static final int KEY_AGREEMENT = 4;

  private Certificates() {}

  /// Reads one, in DER or PEM.
  ///
  /// @throws IOException when it is none; the message is a clause
  public static X509Certificate read(byte[] octets) throws IOException {
    try {
      var factory = CertificateFactory.getInstance("X.509", PROVIDER);
      if (factory.generateCertificate(new ByteArrayInputStream(octets))
          instanceof X509Certificate certificate) {
        return certificate;
      }
    } catch (CertificateException e) {
      throw new IOException("it is no certificate", e);
    }
    throw new IOException("it is no certificate");
  }

  /// Those of a file, as whom to trust.
  static Set<TrustAnchor> anchors(byte[] octets) throws IOException {
    Set<TrustAnchor> anchors = new LinkedHashSet<>();
    for (var block : blocks(octets)) {
      if (block.label().equals(Pem.CERTIFICATE)) {
        anchors.add(new TrustAnchor(read(block.der()), null));
      }
    }
    return anchors;
  }

  static List<Pem> blocks(byte[] octets) throws IOException {
    try {
      return Pem.read(octets);
    } catch (IllegalArgumentException e) {
      throw new IOException(String.valueOf(e.getMessage()), e);
    }
  }

  /// The same of one that another provider has read: ours knows more curves.
  static X509Certificate ours(X509Certificate certificate) throws IOException {
    try {
      return read(certificate.getEncoded());
    } catch (GeneralSecurityException e) {
      throw new IOException("a certificate cannot be encoded", e);
    }
  }

  static byte[] encoded(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a certificate that was read cannot be encoded", e);
    }
  }

  static X509CertificateHolder holder(X509Certificate certificate) {
    try {
      return new JcaX509CertificateHolder(certificate);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a certificate that was read cannot be encoded", e);
    }
  }

  /// The addresses that it is for, as [Names] has them: those in subjectAltName, and those in its
  /// subject (RFC 8550 3).
  public static List<String> addresses(X509Certificate certificate) {
    Set<String> all = new LinkedHashSet<>();
    try {
      var names = certificate.getSubjectAlternativeNames();
      if (names != null) {
        for (List<?> name : names) {
          if (name.get(0) instanceof Integer type
              && type == RFC822_NAME
              && name.get(1) instanceof String address) {
            all.add(Names.written(address));
          }
        }
      }
      var subject = holder(certificate).getSubject();
      for (var rdn : subject.getRDNs(BCStyle.EmailAddress)) {
        for (var each : rdn.getTypesAndValues()) {
          if (each.getType().equals(BCStyle.EmailAddress)) {
            all.add(Names.written(IETFUtils.valueToString(each.getValue())));
          }
        }
      }
    } catch (CertificateException | IllegalArgumentException | IllegalStateException _) {
      // What cannot be understood names nobody.
    }
    all.removeIf(each -> each.indexOf('@') < 1 || !each.chars().allMatch(c -> c > ' ' && c != ','));
    return new ArrayList<>(all);
  }

  /// Whether mail may be signed by it (RFC 8550 4.4.2).
  public static boolean maySign(X509Certificate certificate) {
    return forMail(certificate) && uses(certificate, DIGITAL_SIGNATURE, NON_REPUDIATION);
  }

  /// Its key; empty: it is of a kind that is not known here, or cannot be understood.
  static Optional<PublicKey> key(X509Certificate certificate) {
    try {
      return Optional.ofNullable(certificate.getPublicKey());
    } catch (RuntimeException _) {
      return Optional.empty(); // Bouncy Castle throws several at what somebody made up.
    }
  }

  /// Whether mail may be encrypted for it.
  public static boolean mayEncrypt(X509Certificate certificate) {
    return switch (key(certificate).orElse(null)) {
      case null -> false;
      case RSAPublicKey _ -> forMail(certificate) && uses(certificate, KEY_ENCIPHERMENT, -1);
      case ECPublicKey _ -> forMail(certificate) && uses(certificate, KEY_AGREEMENT, -1);
      default -> false;
    };
  }

  private static boolean uses(X509Certificate certificate, int one, int other) {
    boolean @Nullable [] usage = certificate.getKeyUsage();
    return usage == null || usage[one] || (other >= 0 && usage[other]);
  }

  /// RFC 8550 4.4.4: without the extension, or with emailProtection, or with anyExtendedKeyUsage.
  private static boolean forMail(X509Certificate certificate) {
    try {
      List<String> uses = certificate.getExtendedKeyUsage();
      return uses == null
          || uses.contains(KeyPurposeId.id_kp_emailProtection.getId())
          || uses.contains(KeyPurposeId.anyExtendedKeyUsage.getId());
    } catch (CertificateParsingException _) {
      return false;
    }
  }

  /// Its key, for people: `RSA 2048`, `EC 256`.
  public static String keyOf(X509Certificate certificate) {
    return switch (key(certificate).orElse(null)) {
      case null -> "a key of an unknown kind";
      case RSAPublicKey rsa -> "RSA " + rsa.getModulus().bitLength();
      case ECPublicKey ec -> "EC " + ec.getParams().getCurve().getField().getFieldSize();
      case PublicKey other -> other.getAlgorithm();
    };
  }
}
