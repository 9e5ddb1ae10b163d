package dev.poststation.tls;

import dev.poststation.os.DirectoryException;
import dev.poststation.os.Disk;
import dev.poststation.os.FileFault;
import dev.poststation.os.Time;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
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
/// warning, and is a concern until it is good; it is tried anew each second, for what went wrong
/// may have passed. Safe for any thread.
final class ClientAuthorities implements Predicate<List<X509Certificate>> {
  private static final Logger LOG = LoggerFactory.getLogger(ClientAuthorities.class);

  private static final String KEPT =
      " (what was read before stays in force until a restart or a reload)";

  private static final String NOBODY = " (no certificate of a client is verified)";

  private static final Duration BETWEEN_TRIES = Duration.ofSeconds(1);

  private final Path file;
  private final Disk disk;
  private final Time time;
  private @Nullable Read read;

  /// @param trust null when nobody is trusted
  /// @param problem why the file cannot be used as it is
  /// @param at when it was read
  private record Read(
      Stamp stamp, @Nullable X509TrustManager trust, Optional<String> problem, long at) {}

  ClientAuthorities(Path file, Disk disk, Time time) {
    this.file = file;
    this.disk = disk;
    this.time = time;
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
    var trust = look().trust;
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

  /// Why the file cannot be used as it is now, in one sentence.
  Optional<String> problem() {
    return look().problem;
  }

  private synchronized Read look() {
    var before = read;
    var stamp = Stamp.of(file, disk);
    long at = time.nanos();
    if (before != null && before.stamp.equals(stamp) && !isDue(before, at)) {
      return before;
    }
    Read now;
    try {
      now = new Read(stamp, trust(file, disk), Optional.empty(), at);
    } catch (TlsException e) {
      var kept = before == null ? null : before.trust;
      String problem = e.getMessage() + (kept == null ? NOBODY : KEPT);
      if (before == null || !before.problem.equals(Optional.of(problem))) {
        LOG.warn("{}", problem);
      }
      now = new Read(stamp, kept, Optional.of(problem), at);
    }
    read = now;
    return now;
  }

  private static boolean isDue(Read failed, long now) {
    return failed.problem.isPresent() && now - failed.at >= BETWEEN_TRIES.toNanos();
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
    } catch (DirectoryException e) {
      throw new TlsException(sentence(file, FileFault.why(e) + "; " + FileFault.NAME_A_FILE), e);
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
