package dev.poststation.tls;

import dev.poststation.config.CertificateFiles;
import dev.poststation.config.Connector;
import dev.poststation.config.TlsTerms;
import dev.poststation.os.Disk;
import dev.poststation.os.FileFault;
import dev.poststation.os.TlsStart;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// TLS as a client of next hops: one context that takes any certificate (opportunistic TLS, RFC
/// 7435) and one that verifies. They never share sessions. Safe for any thread.
///
/// Trusted are the authorities of the machine (`/etc/ssl/certs/ca-certificates.crt`, as for curl or
/// Postfix, so that an authority of one's own is added by the means of the system); where there is
/// no such file, those of the JDK. When the file changes it is read anew. One that cannot be read
/// for a moment leaves those in force that were read before, and is tried anew each time.
public final class ClientTls {
  /// Whom the machine trusts.
  public static final Path SYSTEM_AUTHORITIES = Path.of("/etc/ssl/certs/ca-certificates.crt");

  private static final int SESSIONS_MAX = 2000;

  /// A session that goes on shows the certificate of then, and nobody looks at its date again.
  private static final int SESSION_SECONDS = 600;

  private static final Logger LOG = LoggerFactory.getLogger(ClientTls.class);

  /// Empty while they cannot be read.
  private final Supplier<Found> authorities;

  /// Tells whether the authorities are still the same.
  private final Supplier<Stamp> stamp;

  private final AtomicReference<String> told = new AtomicReference<>("");

  private final Contexts plain = new Contexts();

  /// For those who show a certificate. As many as the configurations since the start have named.
  private final Map<Files, Shown> shown = new ConcurrentHashMap<>();

  /// Wherever they stand in the configuration.
  private record Files(Path chain, Path key) {
    Files(CertificateFiles named) {
      this(named.chain(), named.key());
    }
  }

  /// @param stamp of the authorities that were read; null: they could not be, and the JDK's are
  ///   taken
  private record Verified(
      @Nullable Stamp stamp, X509ExtendedTrustManager trust, SSLContext context) {}

  /// What the authorities are now.
  ///
  /// @param all none: the JDK's shall be taken
  /// @param problem why they could not be read; empty: they were, or there are none
  /// @param passing whether that may be otherwise without a change of the file
  private record Found(Collection<? extends Certificate> all, String problem, boolean passing) {
    static Found of(Collection<? extends Certificate> all) {
      return new Found(all, "", false);
    }
  }

  /// @param stamps of the files when they were read last
  private record Shown(List<Stamp> stamps, Contexts contexts, Certificates.InUse certificate) {
    private boolean isOf(List<Stamp> now) {
      return stamps.equals(now) && certificate.problem().isEmpty();
    }

    private Shown kept(List<Stamp> newer, String problem) {
      return new Shown(newer, contexts, certificate.with(problem));
    }
  }

  /// What shows the same certificate, or none.
  private final class Contexts {
    private final KeyManager[] keys;
    private final SSLContext anyone;

    /// Made when it is needed first: to read all authorities takes a moment, and most relays verify
    /// nobody.
    private final AtomicReference<@Nullable Verified> verified = new AtomicReference<>();

    Contexts(KeyManager... keys) {
      this.keys = keys;
      this.anyone = context(keys, new Anyone());
    }

    /// One that takes any certificate, and knows no session that could go on.
    SSLContext afresh() {
      return context(keys, new Anyone());
    }

    SSLContext verified() {
      return known().context;
    }

    Verified known() {
      Stamp now = stamp.get();
      Verified made = verified.get();
      if (made != null && now.equals(made.stamp)) {
        return made;
      }
      var fresh = authorities.get();
      tell(fresh.problem, made != null);
      var read = fresh.passing ? null : now;
      if (made != null && !fresh.problem.isEmpty()) {
        verified.compareAndSet(made, new Verified(read, made.trust, made.context));
        return made;
      }
      // Two threads at once make two, of which one stays.
      var trust = trust(fresh.all);
      verified.compareAndSet(made, new Verified(read, trust, context(keys, trust)));
      return Objects.requireNonNull(verified.get());
    }
  }

  private ClientTls(Supplier<Found> authorities, Supplier<Stamp> stamp) {
    this.authorities = authorities;
    this.stamp = stamp;
  }

  /// Each problem once, until there is none.
  private void tell(String problem, boolean read) {
    if (!problem.equals(told.getAndSet(problem)) && !problem.isEmpty()) {
      LOG.warn(
          "The authorities of {} cannot be read ({}); {}",
          SYSTEM_AUTHORITIES,
          problem,
          read ? "what was read before holds" : "those of Java hold meanwhile");
    }
  }

  /// Trusting the authorities of the machine.
  public static ClientTls system(Disk disk) {
    return new ClientTls(() -> ofSystem(disk), () -> Stamp.of(SYSTEM_AUTHORITIES, disk));
  }

  /// Trusting the authorities of a PEM file and no others, nobody while it cannot be used; where no
  /// file is named, those of the machine.
  public static ClientTls trusting(@Nullable Path file, Disk disk) {
    return file == null
        ? system(disk)
        : new ClientTls(() -> ofFile(file, disk), () -> Stamp.of(file, disk));
  }

  /// What is wrong with a file of authorities, in one sentence.
  public static Optional<String> flaw(Path file, Disk disk) {
    try {
      read(file, disk);
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /// What is wrong with a certificate that next hops shall be shown, in one sentence.
  public static Optional<String> flaw(CertificateFiles files, Disk disk) {
    try {
      new CertificateLoader(disk).load(files);
      return Optional.empty();
    } catch (TlsException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /// Trusting these authorities and, if there are any, no others.
  public static ClientTls trusting(Collection<? extends Certificate> authorities) {
    List<Certificate> some = List.copyOf(authorities);
    return new ClientTls(() -> Found.of(some), () -> Stamp.NONE);
  }

  /// What cannot be opened costs nothing to be tried at each use; what Java does not understand is
  /// read again when it has changed.
  private static Found ofSystem(Disk disk) {
    try {
      return Found.of(parse(disk.read(SYSTEM_AUTHORITIES)));
    } catch (NoSuchFileException _) {
      return Found.of(List.of());
    } catch (IOException e) {
      return new Found(List.of(), FileFault.why(e), true);
    } catch (GeneralSecurityException e) {
      return new Found(List.of(), String.valueOf(e.getMessage()), false);
    }
  }

  /// Never none, lest the JDK's be taken.
  private static Found ofFile(Path file, Disk disk) {
    try {
      return Found.of(read(file, disk));
    } catch (IOException e) {
      throw new UncheckedIOException(String.valueOf(e.getMessage()), e);
    }
  }

  private static Collection<? extends Certificate> read(Path file, Disk disk) throws IOException {
    try {
      var authorities = parse(disk.read(file));
      if (!authorities.isEmpty()) {
        return authorities;
      }
      throw new GeneralSecurityException("there is no certificate in it (PEM is expected)");
    } catch (IOException | GeneralSecurityException e) {
      throw new IOException("the authorities of " + file + " cannot be used: " + e.getMessage(), e);
    }
  }

  private static X509ExtendedTrustManager trust(Collection<? extends Certificate> authorities) {
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
      for (TrustManager manager : factory.getTrustManagers()) {
        if (manager instanceof X509ExtendedTrustManager judge) {
          return new Reporting(judge);
        }
      }
      throw new IllegalStateException("this JDK cannot verify certificates");
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("cannot take the authorities", e);
    }
  }

  private static SSLContext context(KeyManager[] keys, TrustManager trust) {
    try {
      var context = SSLContext.getInstance("TLS");
      context.init(keys, new TrustManager[] {trust}, null);
      context.getClientSessionContext().setSessionCacheSize(SESSIONS_MAX);
      context.getClientSessionContext().setSessionTimeout(SESSION_SECONDS);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK cannot do TLS", e);
    }
  }

  private static List<Certificate> parse(byte[] pem) throws GeneralSecurityException {
    var factory = CertificateFactory.getInstance("X.509");
    return new ArrayList<>(factory.generateCertificates(new ByteArrayInputStream(pem)));
  }

  /// Sockets for libraries that do their own I/O: each verifies that the certificate is valid for
  /// the host. They throw an `IOException` when the authorities cannot be read.
  public SSLSocketFactory sockets() {
    return new VerifyingSockets(this::verifiedOrFail, Certificates.PROTOCOLS);
  }

  /// The same for those that want a context, and verify the host themselves.
  ///
  /// @throws IOException when the authorities cannot be read
  public SSLContext verifiedOrFail() throws IOException {
    try {
      return plain.verified();
    } catch (UncheckedIOException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /// What is wrong with certificates that were shown, in words after "its certificate"; empty when
  /// nothing is: as MTA-STS would have them looked at in the handshake and after it.
  ///
  /// @param chain the server's own certificate first
  public Optional<CertificateFlaw> flaw(List<X509Certificate> chain, String host) {
    if (chain.isEmpty()) {
      return Optional.of(CertificateFlaw.missing());
    }
    try {
      plain.known().trust.checkServerTrusted(chain.toArray(X509Certificate[]::new), "UNKNOWN");
    } catch (CertificateException e) {
      return Optional.of(untrusted(e));
    } catch (UncheckedIOException e) {
      return Optional.of(CertificateFlaw.untrusted("cannot be verified: " + e.getMessage()));
    }
    return AlternativeNames.flaw(chain, host);
  }

  private static CertificateFlaw untrusted(CertificateException failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof CertificateExpiredException) {
        return CertificateFlaw.expired("has expired");
      }
      if (each instanceof CertificateNotYetValidException) {
        return CertificateFlaw.untrusted("is not valid yet");
      }
    }
    return CertificateFlaw.untrusted("is from no authority that this machine trusts");
  }

  /// The protocols to offer.
  public static SSLParameters parameters() {
    return new SSLParameters(null, Certificates.PROTOCOLS.toArray(String[]::new));
  }

  /// How to start TLS towards a host.
  ///
  /// @param host its name, or null for a numeric address that is not to be verified by name
  /// @param verify whether the certificate must be valid for it
  public TlsStart start(@Nullable String host, boolean verify) {
    return new TlsStart(
        verify ? plain.verified() : plain.anyone, false, host, verify, Certificates.PROTOCOLS);
  }

  /// How to start TLS towards a next hop.
  ///
  /// @param terms what is demanded of it; where that is more than `verify` can look at, it is to be
  ///   looked at after the handshake
  /// @param host its name, or null for a numeric address
  /// @param disk where the certificate is that shall be shown
  /// @param judged whether its certificate is looked at after the handshake: then it is to be the
  ///   one that the host has now
  /// @throws TlsException when that cannot be used
  public TlsStart start(TlsTerms terms, @Nullable String host, Disk disk, boolean judged)
      throws TlsException {
    var files = terms.certificate();
    var contexts = files == null ? plain : showing(files, disk).contexts;
    boolean verify = terms.level() == Connector.Tls.VERIFY;
    String name = terms.name() == null ? host : terms.name();
    return new TlsStart(
        verify ? contexts.verified() : judged ? contexts.afresh() : contexts.anyone,
        false,
        name,
        verify,
        terms.offered());
  }

  /// Reads the files anew when they changed; those that cannot be used leave in force what was read
  /// before, with one warning, and are a concern until they are good. They are tried anew each
  /// time, for what went wrong may have passed.
  private Shown showing(CertificateFiles files, Disk disk) throws TlsException {
    var stamps = List.of(Stamp.of(files.chain(), disk), Stamp.of(files.key(), disk));
    var paths = new Files(files);
    var before = shown.get(paths);
    if (before != null && before.isOf(stamps)) {
      return before;
    }
    synchronized (shown) { // One reads them, and tells what is wrong.
      before = shown.get(paths);
      if (before != null && before.isOf(stamps)) {
        return before;
      }
      var now = read(files, disk, stamps, before);
      shown.put(paths, now);
      return now;
    }
  }

  private Shown read(CertificateFiles files, Disk disk, List<Stamp> stamps, @Nullable Shown before)
      throws TlsException {
    try {
      var key = new CertificateLoader(disk).load(files);
      var certificate = Certificates.InUse.of(key, Optional.empty());
      return new Shown(stamps, new Contexts(new ClientKeys(key)), certificate);
    } catch (TlsException e) {
      if (before == null) {
        throw e;
      }
      String problem = String.valueOf(e.getMessage());
      if (!before.certificate.problem().equals(Optional.of(problem))) {
        LOG.warn("{}; the certificate read before stays in use", problem);
      }
      return before.kept(stamps, problem);
    }
  }

  /// The certificate that next hops are shown, of these files as they are now.
  ///
  /// @throws TlsException when they cannot be used, and never could
  public Certificates.InUse certificate(CertificateFiles files, Disk disk) throws TlsException {
    return showing(files, disk).certificate;
  }
}
