package dev.poststation.tls;

import dev.poststation.config.CertificateFiles;
import dev.poststation.dns.NumericAddress;
import java.net.InetAddress;
import java.security.PrivateKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;

/// A certificate with its chain and its key, and the names it stands for. Immutable.
///
/// @param chain the server's own certificate first
/// @param names lower case, without wildcards
/// @param wildcards lower case, `example.com` for `*.example.com`
record CertifiedKey(
    CertificateFiles files,
    List<X509Certificate> chain,
    PrivateKey key,
    Set<String> names,
    Set<String> wildcards) {
  private static final int SUBJECT_DNS_NAME = 2;
  private static final int SUBJECT_ADDRESS = 7;

  /// How well a certificate fits the name that a client asked for.
  enum Fit {
    NONE,
    WILDCARD,
    EXACT
  }

  CertifiedKey {
    chain = List.copyOf(chain);
    names = Set.copyOf(names);
    wildcards = Set.copyOf(wildcards);
  }

  /// Whether a certificate carries a name; a wildcard stands for exactly one label (RFC 9525 6.3).
  /// A numeric address is also looked for among the addresses that it carries (RFC 9525 6.4).
  static boolean stands(X509Certificate certificate, String name) {
    var address = NumericAddress.parse(name);
    if (address.isPresent() && carries(certificate, address.get())) {
      return true;
    }
    return isAmong(namesIn(certificate), name);
  }

  /// The same without regard to the common name.
  static boolean names(X509Certificate certificate, String name) {
    var address = NumericAddress.parse(name);
    if (address.isPresent()) {
      return carries(certificate, address.get());
    }
    try {
      return isAmong(alternatives(certificate, SUBJECT_DNS_NAME), name);
    } catch (CertificateParsingException _) {
      return false;
    }
  }

  private static boolean isAmong(List<String> names, String name) {
    String wanted = name.toLowerCase(Locale.ROOT);
    int dot = wanted.indexOf('.');
    return names.contains(wanted) || (dot > 0 && names.contains("*" + wanted.substring(dot)));
  }

  static CertifiedKey of(CertificateFiles files, List<X509Certificate> chain, PrivateKey key) {
    List<String> all = namesIn(chain.getFirst());
    List<String> names = new ArrayList<>();
    List<String> wildcards = new ArrayList<>();
    for (String name : all) {
      if (name.startsWith("*.")) {
        wildcards.add(name.substring(2));
      } else {
        names.add(name);
      }
    }
    return new CertifiedKey(files, chain, key, Set.copyOf(names), Set.copyOf(wildcards));
  }

  /// How well it fits; a wildcard stands for exactly one label (RFC 9525 6.3).
  Fit fit(String name) {
    String wanted = name.toLowerCase(Locale.ROOT);
    if (names.contains(wanted)) {
      return Fit.EXACT;
    }
    int dot = wanted.indexOf('.');
    boolean wildcard = dot > 0 && wildcards.contains(wanted.substring(dot + 1));
    return wildcard ? Fit.WILDCARD : Fit.NONE;
  }

  /// Whether both stand for the very same names.
  boolean sameNames(CertifiedKey other) {
    return names.equals(other.names) && wildcards.equals(other.wildcards);
  }

  /// When the server's own certificate began.
  Instant starts() {
    return chain.getFirst().getNotBefore().toInstant();
  }

  /// When the server's own certificate ends.
  Instant expires() {
    return chain.getFirst().getNotAfter().toInstant();
  }

  /// The algorithm of the key as JSSE asks for it: `RSA`, `EC`, `EdDSA`.
  String keyType() {
    return chain.getFirst().getPublicKey().getAlgorithm();
  }

  /// The DNS names in lower case; where there is none, the common name.
  static List<String> namesIn(X509Certificate certificate) {
    try {
      List<String> names = alternatives(certificate, SUBJECT_DNS_NAME);
      return names.isEmpty() ? commonName(certificate) : names;
    } catch (CertificateParsingException _) {
      return List.of(); // It still serves clients that ask for no name.
    }
  }

  private static boolean carries(X509Certificate certificate, InetAddress address) {
    try {
      return alternatives(certificate, SUBJECT_ADDRESS).stream()
          .anyMatch(each -> NumericAddress.parse(each).filter(address::equals).isPresent());
    } catch (CertificateParsingException _) {
      return false;
    }
  }

  /// The alternative names of one kind (RFC 5280 4.2.1.6), in lower case.
  private static List<String> alternatives(X509Certificate certificate, int kind)
      throws CertificateParsingException {
    List<String> names = new ArrayList<>();
    var alternatives = certificate.getSubjectAlternativeNames();
    if (alternatives != null) {
      for (List<?> alternative : alternatives) {
        if (alternative.get(0) instanceof Integer type
            && type == kind
            && alternative.get(1) instanceof String name) {
          names.add(name.toLowerCase(Locale.ROOT));
        }
      }
    }
    return names;
  }

  private static List<String> commonName(X509Certificate certificate) {
    try {
      for (var part : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
        if (part.getType().equalsIgnoreCase("CN") && part.getValue() instanceof String name) {
          return List.of(name.toLowerCase(Locale.ROOT));
        }
      }
    } catch (InvalidNameException _) {
      return List.of();
    }
    return List.of();
  }
}
