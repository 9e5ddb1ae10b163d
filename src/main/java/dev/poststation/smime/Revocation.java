package dev.poststation.smime;

import dev.poststation.config.SmimeSettings;
import dev.poststation.config.SmimeSettings.Mode;
import dev.poststation.dns.Resolver;
import dev.poststation.ldap.Recent;
import dev.poststation.os.Os;
import dev.poststation.seal.SealWork;
import dev.poststation.tls.Fingerprint;
import java.io.IOException;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Whether certificates were revoked: asks the places that they name, by OCSP, and where that says
/// nothing by CRL, and remembers what they said. Safe for any thread but those of [SealWork], which
/// it has verify the answers; blocks the calling one while a place is asked.
public final class Revocation {
  /// What was said is asked for anew after that.
  private static final Duration FRESH = Duration.ofHours(1);

  private static final int ANSWER_MAX = 64 * 1024;

  private final Os os;
  private final Supplier<SmimeSettings.Revocation> settings;
  private final SealWork work;
  private final StatusPosts posts;
  private final RevocationLists lists;
  private final Recent<Said> answers = new Recent<>();

  /// @param asked when
  private record Said(Ocsp.Said said, Instant asked) {
    private boolean holds(Instant now) {
      return now.isBefore(said.until());
    }

    private boolean isFresh(Instant now) {
      return holds(now) && now.isBefore(asked.plus(FRESH));
    }
  }

  Revocation(Os os, Resolver resolver, Supplier<SmimeSettings.Revocation> settings, SealWork work) {
    this.os = os;
    this.settings = settings;
    this.work = work;
    this.posts = new StatusPosts(os, resolver, settings);
    this.lists = new RevocationLists(os, posts, work);
  }

  /// A verdict with what is known of the certificates of those who signed.
  ///
  /// @param end by the clock that never goes back
  public Verifier.Verdict applied(Verifier.Verdict verdict, long end) {
    if (settings.get().mode() == Mode.OFF || verdict.outcome() != Verifier.Outcome.GOOD) {
      return verdict;
    }
    String unknown = "";
    for (var path : verdict.paths()) {
      switch (status(path, end)) {
        case CertificateStatus.Good _ -> {}
        case CertificateStatus.Revoked(var how) -> {
          String why = "its certificate was revoked" + how;
          return new Verifier.Verdict(Verifier.Outcome.REVOKED, why, path.certificate());
        }
        case CertificateStatus.Unknown(var why) -> unknown = why;
      }
    }
    if (unknown.isEmpty()) {
      return verdict;
    }
    String why = "whether its certificate was revoked is not known: " + unknown;
    return settings.get().mode() == Mode.REQUIRE
        ? new Verifier.Verdict(Verifier.Outcome.UNCHECKED, why, verdict.signer())
        : new Verifier.Verdict(
            Verifier.Outcome.GOOD,
            verdict.why() + "; " + why,
            verdict.signer(),
            verdict.paths(),
            verdict.offer());
  }

  /// Whether anything is asked.
  boolean isOn() {
    return settings.get().mode() != Mode.OFF;
  }

  /// Why nothing is encrypted by a certificate; empty: nothing stands against it.
  ///
  /// @param path those above it; empty: nobody who is trusted has issued it, so nobody is asked,
  ///   for whoever made it would say whom we call
  /// @param end until when others may be asked; what was not said then is not known
  /// @throws IOException when it has to be known, and is not; the message is a clause
  Optional<String> objection(Entry entry, Optional<Trusted> path, long end) throws IOException {
    if (!isOn()) {
      return Optional.empty();
    }
    String name = "the certificate of " + entry.names().getFirst();
    var status =
        path.isPresent()
            ? status(path.get(), end)
            : new CertificateStatus.Unknown("nobody who is trusted has issued it");
    return switch (status) {
      case CertificateStatus.Good _ -> Optional.empty();
      case CertificateStatus.Revoked(var how) -> Optional.of(name + " was revoked" + how);
      case CertificateStatus.Unknown(var why) -> {
        if (settings.get().mode() == Mode.REQUIRE) {
          throw new IOException("whether " + name + " was revoked is not known: " + why);
        }
        yield Optional.empty();
      }
    };
  }

  /// Whether it was said already that a certificate, or one above it, was revoked. Asks nobody.
  boolean isKnownRevoked(Trusted path) {
    if (!isOn()) {
      return false;
    }
    var at = path.certificate();
    for (var issuer : path.authorities()) {
      if (isKnownRevoked(at, issuer)) {
        return true;
      }
      at = issuer;
    }
    return false;
  }

  private boolean isKnownRevoked(X509Certificate certificate, X509Certificate issuer) {
    var noted = answers.get(name(certificate, issuer));
    return held(noted == null ? null : noted.value(), os.time().now())
            .filter(CertificateStatus.Revoked.class::isInstance)
            .isPresent()
        || StatusPlaces.of(certificate).lists().stream()
            .anyMatch(each -> lists.has(each, certificate, issuer));
  }

  private static String name(X509Certificate certificate, X509Certificate issuer) {
    return Fingerprint.of(certificate) + " " + Fingerprint.of(issuer);
  }

  /// The worst that is said of a certificate and those above it, but for the one that is trusted.
  /// Those above come first: who has one that was revoked could have the places of what he issues
  /// take all of the time.
  private CertificateStatus status(Trusted path, long end) {
    var authorities = path.authorities();
    if (authorities.isEmpty() && !Chain.isRoot(path.certificate())) {
      return new CertificateStatus.Unknown("who issued it is not known");
    }
    CertificateStatus worst = new CertificateStatus.Good();
    for (int i = authorities.size() - 1; i >= 0; i--) {
      var certificate = i == 0 ? path.certificate() : authorities.get(i - 1);
      var status = status(certificate, authorities.get(i), end);
      if (status instanceof CertificateStatus.Revoked) {
        return status;
      }
      worst = status instanceof CertificateStatus.Unknown ? status : worst;
    }
    return worst;
  }

  private CertificateStatus status(X509Certificate certificate, X509Certificate issuer, long end) {
    var places = StatusPlaces.of(certificate);
    if (places.isEmpty()) {
      return new CertificateStatus.Unknown("it names no place that says so");
    }
    String name = name(certificate, issuer);
    var noted = answers.get(name);
    var known = noted == null ? null : noted.value();
    var now = os.time().now();
    if (known != null && known.isFresh(now)) {
      return known.said.status();
    }
    String why = "";
    for (var each : places.responders()) {
      try {
        var said = asked(each, certificate, issuer, end);
        answers.put(name, new Said(said, now), os.time().nanos());
        return said.status();
      } catch (IOException e) {
        why = String.valueOf(e.getMessage());
      }
    }
    for (var each : places.lists()) {
      try {
        return lists.status(each, certificate, issuer, end);
      } catch (IOException e) {
        why = String.valueOf(e.getMessage());
      }
    }
    return held(known, now).orElse(new CertificateStatus.Unknown(why));
  }

  /// What was said before, as long as that counts.
  private static Optional<CertificateStatus> held(@Nullable Said known, Instant now) {
    return Optional.ofNullable(known)
        .filter(each -> each.holds(now))
        .map(each -> each.said.status());
  }

  private Ocsp.Said asked(URI to, X509Certificate certificate, X509Certificate issuer, long end)
      throws IOException {
    byte[] question = Ocsp.question(certificate, issuer);
    return posts.ask(
        to,
        Fingerprint.of(certificate),
        question,
        ANSWER_MAX,
        end,
        (answer, atMost) ->
            work.work(() -> Ocsp.answer(answer, certificate, issuer, os.time().now()), atMost));
  }

  /// What an administrator should know, a sentence each.
  List<String> concerns() {
    return posts.concerns();
  }

  /// How often a place said something since the start.
  public long asked() {
    return posts.asked();
  }

  /// How often one did not.
  public long failed() {
    return posts.failed();
  }
}
