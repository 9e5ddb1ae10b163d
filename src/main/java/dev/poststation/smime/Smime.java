package dev.poststation.smime;

import dev.poststation.config.Configuration;
import dev.poststation.config.ContentRule;
import dev.poststation.config.Origin;
import dev.poststation.config.Problem;
import dev.poststation.config.SmimeService;
import dev.poststation.config.SmimeSettings;
import dev.poststation.dns.Resolver;
import dev.poststation.os.FileFault;
import dev.poststation.os.Os;
import dev.poststation.seal.Ending;
import dev.poststation.seal.Readiness;
import dev.poststation.seal.SealWork;
import dev.poststation.smtp.Address;
import dev.poststation.tls.ClientTls;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.TrustAnchor;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// S/MIME in a running relay: what is kept, and the threads that do the work. Safe for any thread.
public final class Smime {
  private final Os os;
  private final Supplier<SmimeSettings> settings;
  private final Keystore keystore;
  private final SealWork work;
  private final Revocation revocation;
  private volatile @Nullable Anchors anchors;

  /// @param data that of the relay
  /// @param settings `smime` of the configuration in force
  /// @param work the threads for it
  public Smime(
      Os os, Path data, Supplier<SmimeSettings> settings, Resolver resolver, SealWork work) {
    this.os = os;
    this.settings = settings;
    this.keystore = new Keystore(os, data, settings);
    this.work = work;
    this.revocation = new Revocation(os, resolver, () -> settings.get().revocation(), work);
  }

  /// Whether certificates were revoked.
  public Revocation revocation() {
    return revocation;
  }

  /// The certificates and keys.
  public Keystore keystore() {
    return keystore;
  }

  /// The time.
  public Instant now() {
    return os.time().now();
  }

  /// Who may issue the certificates of those who sign, read anew when the file has changed.
  ///
  /// @throws IOException when the file cannot be read; the message is a clause
  public Set<TrustAnchor> trusted() throws IOException {
    var file =
        Optional.ofNullable(settings.get().authorities()).orElse(ClientTls.SYSTEM_AUTHORITIES);
    var mark = file + " " + os.disk().identity(file) + " " + os.disk().modified(file);
    var before = anchors;
    if (before == null || !before.mark.equals(mark)) {
      before = new Anchors(mark, Certificates.anchors(os.disk().read(file)));
      anchors = before;
    }
    return before.all;
  }

  /// Who stands above a certificate, up to one of those who are trusted. Waits for one of the
  /// threads of the work.
  ///
  /// @param end by the clock that never goes back
  /// @throws IOException when there is no time left to say so; the message is a clause
  Chain.Found chain(Entry entry, Set<TrustAnchor> trusted, long end) throws IOException {
    var left = Duration.ofNanos(Math.max(0, end - work.nanos()));
    return work.work(() -> Chain.find(entry, trusted, now(), () -> work.nanos() - end > 0), left);
  }

  /// Keeps the certificate by which an author wants to be written to. Called by the threads of the
  /// work.
  ///
  /// @param author who was verified
  /// @param isOver whether there is no time left
  /// @return what was done, a clause; empty: nothing
  /// @throws IOException as with [#trusted]
  public String harvest(Address author, Trusted offer, BooleanSupplier isOver) throws IOException {
    var trusted = trusted();
    return keystore.harvest(author, offer, kept -> counts(kept, trusted, isOver));
  }

  /// Whether one that is kept does still: its authority may be trusted no more.
  private boolean counts(Entry kept, Set<TrustAnchor> trusted, BooleanSupplier isOver) {
    try {
      var found = Chain.find(kept, trusted, now(), isOver);
      return found.objection().isEmpty()
          && !revocation.isKnownRevoked(new Trusted(kept.certificate(), found.authorities()));
    } catch (IOException _) {
      return true; // There was no time to look; the next mail is another chance.
    }
  }

  private record Anchors(String mark, Set<TrustAnchor> all) {}

  /// The threads for the work, and its bounds.
  public SealWork work() {
    return work;
  }

  /// What of it cannot do what the configuration wants, on a machine where no relay need run: all
  /// keys are tried, unless a command would have to be run for the password. That takes about a
  /// quarter of a second for each: nothing for a start.
  ///
  /// @param origins where a setting stands
  public List<Problem> problems(Configuration configuration, Function<String, Origin> origins) {
    var password = configuration.smime().password();
    if (password == null || !password.byCommand()) {
      keystore.openAll();
    }
    return readiness(configuration, origins);
  }

  private List<Problem> readiness(Configuration configuration, Function<String, Origin> origins) {
    var look = new Readiness("smime", "poststation smime import FILE.p12", origins);
    look.locked(keystore.locked());
    for (var rule : configuration.content()) {
      switch (rule.service()) {
        case SmimeService.Sign sign -> look.signing(rule, sign.wish().policy(), keystore.signing());
        case SmimeService.Decrypt _ -> look.decrypting(rule, !keystore.own().isEmpty());
        case SmimeService.Verify _ ->
            distrust(rule)
                .ifPresent(
                    text ->
                        look.warning(
                            origins.apply("smime.authorities"),
                            text,
                            "name a PEM file with the authorities that you trust"));
        default -> {}
      }
    }
    boolean verifies =
        configuration.content().stream()
            .anyMatch(each -> each.service() instanceof SmimeService.Verify);
    if (configuration.smime().harvest().on() && !verifies) {
      look.warning(
          origins.apply("smime.harvest"),
          "smime.harvest = on, and nothing finds certificates",
          "add { use = smime-verify } to content, or remove harvest");
    }
    return look.all();
  }

  /// Why no signature can be trusted; empty: nothing stands against it.
  private Optional<String> distrust(ContentRule rule) {
    try {
      return trusted().isEmpty()
          ? Optional.of("smime.authorities has no certificate: no signature is trusted")
          : Optional.empty();
    } catch (IOException e) {
      String fails = rule.name() + " fails at signed mail (on-error = " + rule.onError().word();
      return Optional.of(
          "smime.authorities cannot be read (" + FileFault.why(e) + "): " + fails + ")");
    }
  }

  /// What an administrator should know, a sentence each.
  public List<String> concerns(Configuration configuration) {
    keystore.openSoon();
    List<String> all = new ArrayList<>();
    for (var problem : readiness(configuration, _ -> Origin.DEFAULT)) {
      all.add(problem.message() + "; " + problem.remedy());
    }
    keystore.flaws().forEach(each -> all.add("smime: " + each));
    all.addAll(revocation.concerns());
    var harvest = settings.get().harvest();
    if (harvest.on() && keystore.harvest().isFull()) {
      all.add(
          "smime: there are "
              + keystore.harvest().count()
              + " certificates that came with mail: no more are kept; raise smime.harvest-most");
    }
    all.addAll(
        Ending.concerns(
            endings(), "smime", now(), settings.get().warnBefore(), "import the next one"));
    return all;
  }

  /// How many certificates came with mail and are kept.
  public int harvested() {
    return keystore.harvest().count();
  }

  private List<Ending> endings() {
    return keystore.own().stream()
        .filter(each -> !keystore.isReplaced(each))
        .map(each -> new Ending(described(each), keystore.file(each), each.expires()))
        .toList();
  }

  private static String described(Entry entry) {
    return "the certificate of " + String.join(", ", entry.names());
  }

  /// When certificates of ours end that no later one replaces, by file: those that end first.
  public Map<String, Long> expiries() {
    return Ending.expiries(endings());
  }
}
