package dev.poststation.smime;

import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.Set;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.IssuingDistributionPoint;
import org.bouncycastle.asn1.x509.TBSCertList;
import org.bouncycastle.cert.CertException;
import org.bouncycastle.cert.X509CRLHolder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.jspecify.annotations.Nullable;

/// A CRL (RFC 5280 5) that was verified, as its serial numbers alone: eight octets of the digest of
/// each. Immutable.
///
/// @param until when there is a newer one
/// @param users whether it has certificates of users
/// @param authorities whether it has those of authorities
/// @param serials sorted
record RevocationList(Instant until, boolean users, boolean authorities, long[] serials) {
  private static final int CRL_SIGN = 6;

  /// Clocks differ.
  private static final Duration SKEW = Duration.ofMinutes(5);

  /// Without this one is not understood. Of others that are critical nobody knows what they mean.
  private static final Set<ASN1ObjectIdentifier> UNDERSTOOD =
      Set.of(Extension.issuingDistributionPoint);

  /// Reads one.
  ///
  /// @param issuer of the certificates, who must be that of the list, too
  /// @param from where it was fetched
  /// @throws IOException when it does not count; the message is a clause
  static RevocationList read(byte[] octets, X509Certificate issuer, URI from, Instant now)
      throws IOException {
    try {
      var list = new X509CRLHolder(der(octets));
      boolean @Nullable [] usage = issuer.getKeyUsage();
      boolean may = usage == null || (usage.length > CRL_SIGN && usage[CRL_SIGN]);
      boolean its = list.getIssuer().equals(Certificates.holder(issuer).getSubject());
      if (!may
          || !its
          || !list.isSignatureValid(
              new JcaContentVerifierProviderBuilder()
                  .setProvider(Certificates.PROVIDER)
                  .build(issuer.getPublicKey()))) {
        throw new IOException("the list is not of who issued the certificate");
      }
      return read(list, from, now);
    } catch (CertException
        | OperatorCreationException
        | IllegalArgumentException
        | IllegalStateException e) {
      throw new IOException("the list cannot be read: " + e.getMessage(), e);
    }
  }

  private static byte[] der(byte[] octets) throws IOException {
    if (octets.length > 0 && octets[0] == '-') {
      var blocks = Certificates.blocks(octets);
      return blocks.isEmpty() ? octets : blocks.getFirst().der();
    }
    return octets;
  }

  private static RevocationList read(X509CRLHolder list, URI from, Instant now) throws IOException {
    var tbs = list.toASN1Structure().getTBSCertList();
    if (tbs.getNextUpdate() == null) {
      throw new IOException("the list does not say how long it counts");
    }
    var begins = tbs.getThisUpdate().getDate().toInstant();
    var until = tbs.getNextUpdate().getDate().toInstant();
    if (begins.isAfter(now.plus(SKEW)) || until.isBefore(now.minus(SKEW))) {
      throw new IOException("the list is of " + begins + " to " + until + ", not of now");
    }
    var extensions = list.getExtensions();
    var part = part(extensions);
    if (extensions != null
        && Stream.of(extensions.getCriticalExtensionOIDs())
            .anyMatch(each -> !UNDERSTOOD.contains(each))) {
      throw new IOException("the list has something that is not understood");
    }
    if (part == null) {
      return new RevocationList(until, true, true, serials(tbs));
    }
    if (part.isIndirectCRL()
        || part.onlyContainsAttributeCerts()
        || part.getOnlySomeReasons() != null
        || !isOf(part.getDistributionPoint(), from)) {
      throw new IOException("the list is of other certificates");
    }
    return new RevocationList(
        until, !part.onlyContainsCACerts(), !part.onlyContainsUserCerts(), serials(tbs));
  }

  private static @Nullable IssuingDistributionPoint part(@Nullable Extensions extensions) {
    return extensions == null
        ? null
        : IssuingDistributionPoint.getInstance(
            extensions.getExtensionParsedValue(Extension.issuingDistributionPoint));
  }

  /// RFC 5280 6.3.3 (b) (2): a list of some certificates may not stand for that of others.
  private static boolean isOf(@Nullable DistributionPointName name, URI from) {
    return name == null
        || (name.getType() == DistributionPointName.FULL_NAME
            && Stream.of(GeneralNames.getInstance(name.getName()).getNames())
                .filter(each -> each.getTagNo() == GeneralName.uniformResourceIdentifier)
                .anyMatch(each -> each.getName().toString().equals(from.toString())));
  }

  private static long[] serials(TBSCertList list) {
    Enumeration<?> all = list.getRevokedCertificateEnumeration();
    var serials = new long[1024];
    int count = 0;
    while (all.hasMoreElements()) {
      if (all.nextElement() instanceof TBSCertList.CRLEntry entry) {
        if (count == serials.length) {
          serials = Arrays.copyOf(serials, 2 * count);
        }
        serials[count++] = key(entry.getUserCertificate().getValue());
      }
    }
    serials = Arrays.copyOf(serials, count);
    Arrays.sort(serials);
    return serials;
  }

  private static long key(BigInteger serial) {
    try {
      var digest = MessageDigest.getInstance("SHA-256").digest(serial.toByteArray());
      return ByteBuffer.wrap(digest).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Whether it says something of such a certificate.
  boolean isFor(X509Certificate certificate) {
    return certificate.getBasicConstraints() < 0 ? users : authorities;
  }

  /// Whether a certificate of its issuer is on it.
  boolean has(X509Certificate certificate) {
    return Arrays.binarySearch(serials, key(certificate.getSerialNumber())) >= 0;
  }
}
