package dev.poststation.tls;

import dev.poststation.dns.Tlsa;
import dev.poststation.tlsrpt.ResultType;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateFactory;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Certificates that the DNS names (RFC 7671, RFC 7672). Pure functions.
public final class Dane {
  private static final int AUTHORITY = 2;
  private static final int OWN = 3;
  private static final int WHOLE = 0;
  private static final int KEY = 1;

  private Dane() {}

  /// What is wrong with what a server showed, in words after "its certificate"; empty when a record
  /// is for it.
  ///
  /// @param chain the server's own certificate first
  /// @param records usable ones
  /// @param names of which the certificate must carry one where an authority is named; for one that
  ///   is named itself neither name nor date matter (RFC 7672 3.1.1)
  public static Optional<CertificateFlaw> flaw(
      List<X509Certificate> chain, List<Tlsa> records, List<String> names, Instant now) {
    if (chain.isEmpty()) {
      return Optional.of(CertificateFlaw.missing());
    }
    var own = chain.getFirst();
    var flaw =
        new CertificateFlaw(
            ResultType.TLSA_INVALID,
            "is none that the DNS names, and does not come from an authority that it names");
    for (Tlsa each : strongest(records)) {
      if (each.usage() == OWN && matches(each, own)) {
        return Optional.empty();
      }
      if (each.usage() == AUTHORITY) {
        for (var way : ways(each, chain)) {
          var found = ChainPath.flaw(way.path, way.authority, names, now);
          if (found.isEmpty()) {
            return found;
          }
          flaw = found.get();
        }
      }
    }
    return Optional.of(flaw);
  }

  /// With a SHA-512 a SHA-256 of the same kind does not count (RFC 7671 9).
  private static List<Tlsa> strongest(List<Tlsa> records) {
    return records.stream()
        .filter(
            each ->
                each.matching() == WHOLE
                    || records.stream()
                        .noneMatch(
                            other ->
                                other.usage() == each.usage()
                                    && other.selector() == each.selector()
                                    && other.matching() > each.matching()))
        .toList();
  }

  private static boolean matches(Tlsa wanted, X509Certificate certificate) {
    try {
      byte[] octets =
          wanted.selector() == KEY
              ? certificate.getPublicKey().getEncoded()
              : certificate.getEncoded();
      byte[] value =
          switch (wanted.matching()) {
            case WHOLE -> octets;
            case 1 -> MessageDigest.getInstance("SHA-256").digest(octets);
            default -> MessageDigest.getInstance("SHA-512").digest(octets);
          };
      return Arrays.equals(value, wanted.octets());
    } catch (CertificateEncodingException e) {
      return false;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java cannot do SHA-2", e);
    }
  }

  private record Way(List<X509Certificate> path, TrustAnchor authority) {}

  /// From the certificate to the authority that the record means: one of the chain, or one that
  /// stands in the record as a whole and need not be shown.
  private static List<Way> ways(Tlsa authority, List<X509Certificate> chain) {
    List<Way> ways = new ArrayList<>();
    for (var shown : chain.subList(1, chain.size())) {
      var path = matches(authority, shown) ? ChainPath.below(shown, chain) : chain.subList(0, 0);
      if (!path.isEmpty()) {
        ways.add(new Way(path, new TrustAnchor(shown, null)));
      }
    }
    if (authority.matching() == WHOLE) {
      key(authority)
          .ifPresent(
              key -> {
                for (int i = 0; i < chain.size(); i++) {
                  var last = chain.get(i);
                  if (ChainPath.signed(key, last)) {
                    var anchor = new TrustAnchor(last.getIssuerX500Principal(), key, null);
                    ways.add(new Way(chain.subList(0, i + 1), anchor));
                  }
                }
              });
    }
    return ways;
  }

  private static Optional<PublicKey> key(Tlsa whole) {
    byte[] octets = whole.octets();
    if (whole.selector() != KEY) {
      try {
        var factory = CertificateFactory.getInstance("X.509");
        var certificate = factory.generateCertificate(new ByteArrayInputStream(octets));
        return Optional.of(certificate.getPublicKey());
      } catch (GeneralSecurityException _) {
        return Optional.empty();
      }
    }
    for (String type : List.of("RSA", "EC", "EdDSA")) {
      try {
        var keys = KeyFactory.getInstance(type);
        return Optional.of(keys.generatePublic(new X509EncodedKeySpec(octets)));
      } catch (GeneralSecurityException _) {
        // Of another type.
      }
    }
    return Optional.empty();
  }
}
