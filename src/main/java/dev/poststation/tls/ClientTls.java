package dev.poststation.tls;

import dev.poststation.os.Disk;
import dev.poststation.os.TlsStart;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/// TLS as a client of next hops: one context that takes any certificate (opportunistic TLS, RFC
/// 7435) and one that verifies. They never share sessions. Safe for any thread.
///
/// Trusted are the authorities of the machine (`/etc/ssl/certs/ca-certificates.crt`, as for curl or
/// Postfix, so that an authority of one's own is added by the means of the system); where there is
/// no such file, those of the JDK. When the file changes it is read anew.
public final class ClientTls {
  private static final Path SYSTEM_AUTHORITIES = Path.of("/etc/ssl/certs/ca-certificates.crt");
  private static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");
  private static final int SESSIONS_MAX = 2000;

  private final SSLContext anyone = context(new TrustManager[] {new Anyone()});
  private final Supplier<Collection<? extends Certificate>> authorities;

  /// Tells whether the authorities are still the same.
  private final Supplier<Optional<Instant>> changed;

  /// Made when it is needed first: to read all authorities takes a moment, and most relays verify
  /// nobody.
  private final AtomicReference<@Nullable Verified> verified = new AtomicReference<>();

  private record Verified(Optional<Instant> changed, SSLContext context) {}

  private ClientTls(
      Supplier<Collection<? extends Certificate>> authorities,
      Supplier<Optional<Instant>> changed) {
    this.authorities = authorities;
    this.changed = changed;
  }

  /// Trusting the authorities of the machine.
  public static ClientTls system(Disk disk) {
    return new ClientTls(() -> ofSystem(disk), () -> changed(disk));
  }

  /// Trusting these authorities and, if there are any, no others.
  public static ClientTls trusting(Collection<? extends Certificate> authorities) {
    List<Certificate> some = List.copyOf(authorities);
    return new ClientTls(() -> some, Optional::empty);
  }

  /// Empty where the JDK's shall be taken.
  private static Collection<? extends Certificate> ofSystem(Disk disk) {
    try {
      return parse(disk.read(SYSTEM_AUTHORITIES));
    } catch (IOException | GeneralSecurityException _) {
      return List.of();
    }
  }

  private static Optional<Instant> changed(Disk disk) {
    try {
      return disk.modified(SYSTEM_AUTHORITIES);
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  private SSLContext verified() {
    Optional<Instant> now = changed.get();
    Verified made = verified.get();
    if (made == null || !made.changed.equals(now)) {
      // Two threads at once make two, of which one stays.
      verified.compareAndSet(made, new Verified(now, context(trust(authorities.get()))));
      made = Objects.requireNonNull(verified.get());
    }
    return made.context;
  }

  private static TrustManager[] trust(Collection<? extends Certificate> authorities) {
    try {
      KeyStore store = null;
      if (!authorities.isEmpty()) {
        store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        for (Certificate authority : authorities) {
          store.setCertificateEntry("authority-" + store.size(), authority);
        }
      }
      var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      return factory.getTrustManagers();
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("cannot take the authorities", e);
    }
  }

  private static SSLContext context(TrustManager[] trust) {
    try {
      var context = SSLContext.getInstance("TLS");
      context.init(null, trust, null);
      context.getClientSessionContext().setSessionCacheSize(SESSIONS_MAX);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK cannot do TLS", e);
    }
  }

  private static List<Certificate> parse(byte[] pem) throws GeneralSecurityException {
    var factory = CertificateFactory.getInstance("X.509");
    return new ArrayList<>(factory.generateCertificates(new ByteArrayInputStream(pem)));
  }

  /// How to start TLS towards a host.
  ///
  /// @param host its name, or null for a numeric address that is not to be verified by name
  /// @param verify whether the certificate must be valid for it
  public TlsStart start(@Nullable String host, boolean verify) {
    var context = verify ? verified() : anyone;
    return new TlsStart(context, false, host, verify, PROTOCOLS, null, OldTls.usualSuites());
  }
}
