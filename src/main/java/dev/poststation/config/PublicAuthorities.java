package dev.poststation.config;

import dev.poststation.os.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/// Authorities that issue a certificate to everybody who asks: those that Java trusts, and whom
/// these have signed. What the administrator has added to the machine is his own, even where Java
/// trusts it, too. Immutable.
final class PublicAuthorities {
  /// Where the tools of Debian look for what is added, as deep as there are directories. On any
  /// system: what is only in Java's own store goes there as well.
  static final String HERE = "/usr/local/share/ca-certificates";

  /// And where those of Red Hat, SUSE and Arch do.
  private static final List<Path> ADDED =
      Stream.of(
              HERE,
              "/etc/pki/ca-trust/source/anchors",
              "/etc/pki/trust/anchors",
              "/etc/ca-certificates/trust-source/anchors")
          .map(Path::of)
          .toList();

  /// More has no file of certificates that somebody adds, and none that never ends has any octets.
  private static final int OCTETS_MOST = 1 << 20;

  private final Set<X509Certificate> own = new HashSet<>();

  /// Looks at what was added to this machine.
  PublicAuthorities(Disk disk) {
    this(disk, ADDED);
  }

  PublicAuthorities(Disk disk, List<Path> added) {
    added.forEach(directory -> add(directory, disk));
  }

  /// Links to directories are not followed, as they may lead back.
  private void add(Path directory, Disk disk) {
    for (Path file : in(directory, disk)) {
      if (!disk.isDirectory(file)) {
        own.addAll(certificates(file, disk));
      } else if (!disk.isLink(file)) {
        add(file, disk);
      }
    }
  }

  /// Reading them takes a moment, which few configurations need.
  private static final class Known {
    static final List<X509Certificate> ALL = trusted();

    private static List<X509Certificate> trusted() {
      try {
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init((KeyStore) null);
        return Arrays.stream(factory.getTrustManagers())
            .filter(X509TrustManager.class::isInstance)
            .flatMap(each -> Stream.of(((X509TrustManager) each).getAcceptedIssuers()))
            .toList();
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e); // Every Java has this one.
      }
    }
  }

  /// Whether it is one of them.
  boolean have(X509Certificate authority) {
    return Known.ALL.stream()
        .filter(each -> !own.contains(each))
        .anyMatch(each -> isSame(each, authority) || hasSigned(each, authority));
  }

  /// One authority may have several certificates.
  private static boolean isSame(X509Certificate one, X509Certificate other) {
    return one.getSubjectX500Principal().equals(other.getSubjectX500Principal())
        && one.getPublicKey().equals(other.getPublicKey());
  }

  private static boolean hasSigned(X509Certificate issuer, X509Certificate certificate) {
    if (!issuer.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())) {
      return false;
    }
    try {
      certificate.verify(issuer.getPublicKey());
      return true;
    } catch (GeneralSecurityException _) {
      return false;
    }
  }

  private static List<Path> in(Path directory, Disk disk) {
    try {
      return disk.list(directory);
    } catch (IOException _) {
      return List.of(); // Most machines have none, or one of them.
    }
  }

  private static List<X509Certificate> certificates(Path file, Disk disk) {
    try {
      long octets = disk.size(file);
      return octets == 0 || octets > OCTETS_MOST ? List.of() : ClientKinds.certificates(file, disk);
    } catch (IOException | CertificateException _) {
      return List.of(); // It is none, and so it was not added either.
    }
  }
}
