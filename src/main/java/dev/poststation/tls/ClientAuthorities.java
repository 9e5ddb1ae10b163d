package dev.poststation.tls;

import dev.poststation.os.Disk;
import dev.poststation.os.FileFault;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Verifies the certificates of clients against the authorities of a file, which is read anew when
/// it changed. A file that cannot be used leaves those in force that were read before, with one
/// warning. Safe for any thread.
final class ClientAuthorities implements Predicate<List<X509Certificate>> {
  private static final Logger LOG = LoggerFactory.getLogger(ClientAuthorities.class);

  private final Path file;
  private final Disk disk;
  private @Nullable Read read;

  /// @param trust null when nobody is trusted
  private record Read(Optional<Instant> changed, @Nullable X509TrustManager trust) {}

  ClientAuthorities(Path file, Disk disk) {
    this.file = file;
    this.disk = disk;
  }

  /// What is wrong with the file, in one sentence.
  static Optional<String> flaw(Path file, Disk disk) {
    try {
      trust(file, disk);
      return Optional.empty();
    } catch (TlsException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /// Whether a chain, the client's own certificate first, leads to one of the authorities, and all
  /// of it is valid now.
  @Override
  public boolean test(List<X509Certificate> chain) {
    var trust = trust();
    if (trust == null || chain.isEmpty()) {
      return false;
    }
    try {
      var keyType = chain.getFirst().getPublicKey().getAlgorithm();
      trust.checkClientTrusted(chain.toArray(X509Certificate[]::new), keyType);
      return true;
    } catch (CertificateException _) {
      return false;
    }
  }

  private synchronized @Nullable X509TrustManager trust() {
    var before = read;
    Optional<Instant> changed = changed();
    if (before == null || !before.changed.equals(changed)) {
      try {
        read = new Read(changed, trust(file, disk));
      } catch (TlsException e) {
        LOG.warn("{}; what was read of it before stays in force", e.getMessage());
        read = new Read(changed, before == null ? null : before.trust);
      }
    }
    return read == null ? null : read.trust;
  }

  private Optional<Instant> changed() {
    try {
      return disk.modified(file);
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  private static X509TrustManager trust(Path file, Disk disk) throws TlsException {
    try {
      var store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      var factory = CertificateFactory.getInstance("X.509");
      for (Pem block : Pem.read(disk.read(file))) {
        if (block.label().endsWith("CERTIFICATE")) {
          var parsed = factory.generateCertificate(new ByteArrayInputStream(block.der()));
          store.setCertificateEntry("authority-" + store.size(), parsed);
        }
      }
      if (store.size() == 0) {
        throw new TlsException(sentence(file, "there is no certificate in it (PEM is expected)"));
      }
      var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      managers.init(store);
      for (TrustManager manager : managers.getTrustManagers()) {
        if (manager instanceof X509TrustManager trust) {
          return trust;
        }
      }
      throw new TlsException(sentence(file, "this Java cannot verify certificates"));
    } catch (IOException e) {
      throw new TlsException(sentence(file, "it cannot be read (" + FileFault.why(e) + ")"), e);
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new TlsException(sentence(file, "a certificate in it is damaged"), e);
    }
  }

  private static String sentence(Path file, String what) {
    return "client-authorities " + file + ": " + what;
  }
}
