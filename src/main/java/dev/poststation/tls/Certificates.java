package dev.poststation.tls;

import dev.poststation.config.CertificateFiles;
import dev.poststation.config.ClientCertificates;
import dev.poststation.config.Tolerance;
import dev.poststation.os.Disk;
import dev.poststation.os.Time;
import dev.poststation.os.TlsStart;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The certificates that we show to clients, chosen by the name they ask for (SNI; the first is the
/// default), and read anew when a file changed. Safe for any thread.
///
/// Files are looked at when a handshake begins or somebody asks, at most every five seconds. New
/// files that cannot be used (a key that is not yet renewed, an expired certificate) leave the old
/// ones of that certificate in force, with one warning, and are a concern until they are good; they
/// are tried anew each time, for what went wrong may have passed.
public final class Certificates {
  /// TLS 1.0 and 1.1 are gone (RFC 8996), but for those of [OldTls].
  static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");

  private static final String EXPIRED_REMEDY =
      "; clients that look at it will not send: renew it, new files are read by themselves";

  private static final String KEPT = " (what was read before stays in use";

  private static final String NO_START = ", but the next start would fail)";

  private static final String SOON_REMEDY =
      ": whatever renews it has not done so; new files are read by themselves";

  /// Long enough for whoever must act.
  private static final Duration SOON = Duration.ofDays(14);

  private static final Duration LOOK_EVERY = Duration.ofSeconds(5);
  private static final Logger LOG = LoggerFactory.getLogger(Certificates.class);

  private final List<CertificateFiles> files;
  private final Disk disk;
  private final Time time;
  private final AtomicLong nextLook;
  private final Map<Path, ClientAuthorities> authorities = new ConcurrentHashMap<>();
  private final Set<String> told = ConcurrentHashMap.newKeySet();
  private volatile Loaded loaded;

  private Certificates(List<CertificateFiles> files, Disk disk, Time time, Loaded loaded) {
    this.files = files;
    this.disk = disk;
    this.time = time;
    this.loaded = loaded;
    this.nextLook = new AtomicLong(time.nanos() + LOOK_EVERY.toNanos());
  }

  /// Reads all of them. One that has expired is loaded with a warning: clients that do not look are
  /// served.
  ///
  /// @throws TlsException when a file cannot be used
  public static Certificates load(List<CertificateFiles> files, Disk disk, Time time)
      throws TlsException {
    var copy = List.copyOf(files);
    List<Held> held = new ArrayList<>();
    for (CertificateFiles each : copy) {
      var stamps = stamps(each, disk);
      var key = new CertificateLoader(disk).load(each);
      expired(key, time.now()).ifPresent(problem -> LOG.warn("{}", problem));
      held.add(new Held(stamps, key, Optional.empty()));
    }
    return new Certificates(copy, disk, time, Loaded.of(held));
  }

  /// What is wrong with a certificate, in one sentence.
  ///
  /// @param refused whether `load` refuses it: then the relay does not start
  public record Flaw(String text, boolean refused) {}

  /// What is wrong with these files, for `check`: everything that `load` would refuse, and
  /// certificates that have expired.
  public static List<Flaw> flaws(List<CertificateFiles> files, Disk disk, Time time) {
    List<Flaw> flaws = new ArrayList<>();
    for (CertificateFiles each : files) {
      try {
        expired(new CertificateLoader(disk).load(each), time.now())
            .ifPresent(text -> flaws.add(new Flaw(text + EXPIRED_REMEDY, false)));
      } catch (TlsException e) {
        flaws.add(new Flaw(String.valueOf(e.getMessage()), true));
      }
    }
    return flaws;
  }

  /// What is wrong with a file of `client-authorities`: nobody's certificate would be verified.
  public static Optional<Flaw> flaw(Path authorities, Disk disk) {
    return ClientAuthorities.flaw(authorities, disk).map(text -> new Flaw(text, false));
  }

  /// How to start TLS as a server, with what is in the files now; empty when there is no
  /// certificate.
  public Optional<TlsStart> serverStart() {
    return serverStart(ClientCertificates.OFF);
  }

  /// The same.
  ///
  /// @param asked whether the client is asked for a certificate; any is taken, and
  ///   `TlsFacts.peerVerified` says whether the authorities vouch for it
  public Optional<TlsStart> serverStart(ClientCertificates asked) {
    return serverStart(asked, Set.of());
  }

  /// The same.
  ///
  /// @param tolerated what else this client may do; old TLS only where this process can speak it
  public Optional<TlsStart> serverStart(ClientCertificates asked, Set<Tolerance> tolerated) {
    lookAtFiles();
    var now = loaded;
    var more = OldTls.of(tolerated);
    if (more.isEmpty() || !OldTls.possible()) {
      return asked.requested() ? now.asking.map(start -> asking(start, asked)) : now.start;
    }
    return asked.requested()
        ? now.askingOld.map(start -> asking(old(start, more), asked))
        : now.old.map(start -> old(start, more));
  }

  private static TlsStart old(TlsStart start, List<String> more) {
    List<String> protocols = new ArrayList<>(start.protocols());
    protocols.addAll(more);
    return new TlsStart(start.context(), true, null, false, protocols, null, OldTls.suitesOfOld());
  }

  private void lookAtFiles() {
    long now = time.nanos();
    long due = nextLook.get();
    if (!files.isEmpty()
        && now - due >= 0
        && nextLook.compareAndSet(due, now + LOOK_EVERY.toNanos())) {
      renew();
      warn();
    }
  }

  /// Each concern is told once in the life of these files.
  private void warn() {
    for (InUse each : shown()) {
      each.concern(time.now()).filter(told::add).ifPresent(concern -> LOG.warn("{}", concern));
    }
  }

  private ClientAuthorities authorities(Path file) {
    return authorities.computeIfAbsent(file, any -> new ClientAuthorities(any, disk, time));
  }

  private TlsStart asking(TlsStart start, ClientCertificates asked) {
    Predicate<List<X509Certificate>> check =
        asked
            .authorities()
            .<Predicate<List<X509Certificate>>>map(this::authorities)
            .orElse(_ -> false);
    return new TlsStart(
        start.context(),
        start.server(),
        start.peerName(),
        start.verifyName(),
        start.protocols(),
        check,
        start.suites());
  }

  /// Whether there is a certificate at all, so that TLS can be offered.
  public boolean present() {
    return !files.isEmpty();
  }

  private void renew() {
    var old = loaded;
    List<Held> held = old.held.stream().map(this::now).toList();
    if (held.equals(old.held)) {
      return;
    }
    try {
      boolean same = keys(held).equals(keys(old.held));
      loaded = same ? old.with(held) : Loaded.of(held);
      if (!same) {
        LOG.info("certificates: read anew, {} in use", held.size());
      }
    } catch (TlsException e) {
      loaded = old.with(kept(old.held, held, Optional.of(e.getMessage() + KEPT + NO_START)));
    }
  }

  /// Those before, as the new ones cannot be used together: for which of them nobody knows.
  private static List<Held> kept(List<Held> before, List<Held> now, Optional<String> why) {
    if (before.stream().noneMatch(each -> each.problem.equals(why))) {
      why.ifPresent(LOG::warn);
    }
    List<Held> kept = new ArrayList<>();
    for (int i = 0; i < now.size(); i++) {
      var each = now.get(i);
      kept.add(each.problem.isPresent() ? each : before.get(i).with(why));
    }
    return kept;
  }

  /// The same while its files are, and can be used.
  private Held now(Held before) {
    var files = before.key.files();
    var stamps = stamps(files, disk);
    if (stamps.equals(before.stamps) && before.problem.isEmpty()) {
      return before;
    }
    Optional<String> problem;
    try {
      var key = new CertificateLoader(disk).load(files);
      problem = expired(key, time.now()).map(why -> why + KEPT + ")");
      if (problem.isEmpty() || key.equals(before.key)) {
        return new Held(stamps, key, Optional.empty());
      }
    } catch (TlsException e) {
      problem = Optional.of(e.getMessage() + KEPT + NO_START);
    }
    problem.filter(why -> !before.problem.equals(Optional.of(why))).ifPresent(LOG::warn);
    return new Held(stamps, before.key, problem);
  }

  /// A certificate that is shown to clients.
  ///
  /// @param chain the file it is in
  /// @param names what it stands for, wildcards included
  /// @param problem why its files cannot be used as they are now, so that it is not what is in them
  public record InUse(
      Path chain, List<String> names, Instant starts, Instant expires, Optional<String> problem) {
    /// Renewal comes before: with a third of its life left, as certbot and acme.sh have it.
    private static final int LATE = 6;

    public InUse {
      names = List.copyOf(names);
    }

    static InUse of(CertifiedKey key, Optional<String> problem) {
      var names = new TreeSet<>(key.names());
      key.wildcards().forEach(name -> names.add("*." + name));
      return new InUse(
          key.files().chain(), List.copyOf(names), key.starts(), key.expires(), problem);
    }

    /// It stays in use.
    InUse with(String why) {
      return new InUse(chain, names, starts, expires, Optional.of(why));
    }

    /// What an administrator should know of it now, in one sentence; empty while it is well.
    public Optional<String> concern(Instant now) {
      return concern(now, "", EXPIRED_REMEDY);
    }

    /// The same of one that is shown to others than clients.
    ///
    /// @param where it is shown
    /// @param remedy what it means that it has expired, and what to do
    Optional<String> concern(Instant now, String where, String remedy) {
      String what = "The certificate in " + chain + where;
      if (!expires.isAfter(now)) {
        return Optional.of(what + " expired at " + expires + remedy);
      }
      var left = Duration.between(now, expires);
      var soon = Duration.between(starts, expires).dividedBy(LATE);
      return left.compareTo(SOON) < 0 && left.compareTo(soon) < 0
          ? Optional.of(what + " expires at " + expires + SOON_REMEDY)
          : Optional.empty();
    }
  }

  /// Those in use now, in the order of the configuration.
  public List<InUse> inUse() {
    lookAtFiles();
    return shown();
  }

  /// When the certificate in each file expires, in seconds since 1970.
  public Map<String, Long> expiries() {
    Map<String, Long> expiries = new TreeMap<>();
    for (InUse each : inUse()) {
      expiries.put(each.chain().toString(), each.expires().getEpochSecond());
    }
    return expiries;
  }

  /// What an administrator should know of them, and of files of `client-authorities`, in one
  /// sentence each.
  public List<String> concerns(Collection<Path> authorities) {
    List<String> concerns = new ArrayList<>();
    for (InUse each : inUse()) {
      each.concern(time.now()).ifPresent(concerns::add);
      each.problem().ifPresent(concerns::add);
    }
    for (Path file : authorities) {
      authorities(file).problem().ifPresent(concerns::add);
    }
    return concerns;
  }

  /// Whether files cannot be used as they are now: by the chain, and those of `client-authorities`.
  public Map<String, Boolean> unusable(Collection<Path> authorities) {
    Map<String, Boolean> unusable = new TreeMap<>();
    inUse().forEach(each -> unusable.put(each.chain() + "", each.problem().isPresent()));
    for (Path file : authorities) {
      unusable.merge(file + "", authorities(file).problem().isPresent(), Boolean::logicalOr);
    }
    return unusable;
  }

  private List<InUse> shown() {
    List<InUse> all = new ArrayList<>();
    loaded.held.forEach(each -> all.add(InUse.of(each.key, each.problem)));
    return all;
  }

  private static Optional<String> expired(CertifiedKey key, Instant now) {
    if (key.expires().isAfter(now)) {
      return Optional.empty();
    }
    return Optional.of(
        CertificateLoader.sentence(
            key.files(), key.files().chain(), "the certificate expired at " + key.expires()));
  }

  private static Optional<TlsStart> start(List<CertifiedKey> keys) throws TlsException {
    if (keys.isEmpty()) {
      return Optional.empty();
    }
    try {
      var context = SSLContext.getInstance("TLS");
      context.init(
          new KeyManager[] {new ServerKeys(keys)}, new TrustManager[] {new Anyone()}, null);
      return Optional.of(
          new TlsStart(context, true, null, false, PROTOCOLS, null, OldTls.usualSuites()));
    } catch (GeneralSecurityException e) {
      throw new TlsException("certificates: this Java cannot use them: " + e.getMessage(), e);
    }
  }

  private static List<Stamp> stamps(CertificateFiles files, Disk disk) {
    return List.of(Stamp.of(files.chain(), disk), Stamp.of(files.key(), disk));
  }

  private static List<CertifiedKey> keys(List<Held> held) {
    return held.stream().map(Held::key).toList();
  }

  /// An entry of `certificates`.
  ///
  /// @param stamps of its files when they were read last
  /// @param key what could be used of them last
  /// @param problem why they cannot be used as they are now
  private record Held(List<Stamp> stamps, CertifiedKey key, Optional<String> problem) {
    Held with(Optional<String> why) {
      return new Held(stamps, key, why);
    }
  }

  /// @param asking for where clients are asked for certificates: a session that was begun without
  ///   one must not be taken up again there
  /// @param old for those who may speak old TLS: their sessions are nobody else's
  /// @param askingOld the same, asked for certificates
  private record Loaded(
      List<Held> held,
      Optional<TlsStart> start,
      Optional<TlsStart> asking,
      Optional<TlsStart> old,
      Optional<TlsStart> askingOld) {
    static Loaded of(List<Held> held) throws TlsException {
      var keys = keys(held);
      return new Loaded(
          List.copyOf(held),
          Certificates.start(keys),
          Certificates.start(keys),
          Certificates.start(keys),
          Certificates.start(keys));
    }

    Loaded with(List<Held> newer) {
      return new Loaded(newer, start, asking, old, askingOld);
    }
  }
}
