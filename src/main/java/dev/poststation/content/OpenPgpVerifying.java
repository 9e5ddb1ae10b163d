package dev.poststation.content;

import dev.poststation.config.MimeLimits;
import dev.poststation.config.OpenPgpService;
import dev.poststation.mime.Mime;
import dev.poststation.mime.TooComplexException;
import dev.poststation.openpgp.OpenPgp;
import dev.poststation.openpgp.Verdict;
import dev.poststation.openpgp.Verifier;
import dev.poststation.smtp.Address;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/// Says in Authentication-Results what is to be thought of a signature by OpenPGP; what others have
/// said there in our name is removed. The mail stays signed, to the octet. Safe for any thread; the
/// work is done by those of [dev.poststation.seal.SealWork].
final class OpenPgpVerifying implements Service {
  /// Of Authentication-Results: there is no registered one (RFC 8601 2.7.6).
  private static final String METHOD = "openpgp";

  private final OpenPgpService.Verify settings;
  private final Supplier<OpenPgp> openPgp;
  private final MimeLimits limits;

  OpenPgpVerifying(OpenPgpService.Verify settings, Supplier<OpenPgp> openPgp, MimeLimits limits) {
    this.settings = settings;
    this.openPgp = openPgp;
    this.limits = limits;
  }

  @Override
  public String describe() {
    return "openpgp-verify";
  }

  @Override
  public Message withoutClaims(Message message, String hostname) {
    return Claims.withoutResults(message, hostname, METHOD);
  }

  @Override
  public Finding examine(Message came, Facts facts, Duration atMost) throws ServiceException {
    long end = openPgp.get().work().nanos() + atMost.toNanos();
    return switch (verified(came, facts, atMost)) {
      case Finding.Unchanged(var why) -> new Finding.Unchanged(why + harvested(came, facts, end));
      case Finding.Changed(var told, var why) ->
          new Finding.Changed(told, why + harvested(came, facts, end));
      case Finding refusedOrHeld -> refusedOrHeld;
    };
  }

  /// The key of the author is of use for answers. What counts is the mail as it came, for that is
  /// what his domain has signed.
  private String harvested(Message now, Facts facts, long end) {
    var kept = openPgp.get();
    var came = facts.came() == null ? now : facts.came();
    var author = Author.of(came).address();
    if (author.isEmpty() || facts.fromUs() || facts.trial()) {
      return "";
    }
    var left = Duration.ofNanos(Math.max(0, end - kept.work().nanos()) / 2);
    String done = kept.autocrypt().harvest(came.header(), came.body()::open, author.get(), left);
    return done.isEmpty() ? "" : "; " + done;
  }

  private Finding verified(Message came, Facts facts, Duration atMost) throws ServiceException {
    var message = withoutClaims(came, facts.hostname());
    var type = Enclosure.type(message.header());
    boolean detached =
        type.media().equals("multipart/signed")
            && type.parameter("protocol").equals("application/pgp-signature");
    var kept = openPgp.get();
    try {
      if (!detached && !InlinePgp.mayBe(message, type)) {
        return unverified(came, message, "it is not signed by OpenPGP");
      }
      if (message.size() > kept.work().largest()) {
        return unverified(came, message, "with " + message.size() + " octets it is too large");
      }
      return kept.work()
          .work(
              message.size(),
              () -> {
                Mime mime;
                try {
                  mime = message.mime(limits);
                } catch (TooComplexException e) {
                  return unverified(came, message, e.reason());
                }
                var author = Author.of(message).address();
                var verdict =
                    detached
                        ? Optional.of(detached(mime, kept, author))
                        : around(mime, kept, author);
                return verdict.isPresent()
                    ? told(message, facts.hostname(), verdict.get())
                    : unverified(came, message, "its text is not signed as a whole");
              },
              atMost);
    } catch (IOException e) {
      throw ServiceException.atThisMail(String.valueOf(e.getMessage()));
    }
  }

  private static Finding unverified(Message came, Message message, String why) {
    return Claims.left(came, message, "result", "not verified", why);
  }

  /// RFC 3156 5: the first part, to the octet, and the signature in the second. Readers may see
  /// what is in a third one.
  private static Verdict detached(Mime mime, OpenPgp kept, Optional<Address> author)
      throws IOException {
    var parts = mime.root().parts();
    if (parts.size() != 2 || !parts.getLast().type().equals("application/pgp-signature")) {
      String why = "its parts are not what is signed, its signature, and nothing else";
      return new Verdict(Verdict.Outcome.UNREADABLE, why, Optional.empty());
    }
    byte[] signature = mime.content(parts.getLast());
    try (var content = mime.whole(parts.getFirst()).open()) {
      return Verifier.detached(content, signature, kept.keystore(), author, kept.now());
    }
  }

  private static Optional<Verdict> around(Mime mime, OpenPgp kept, Optional<Address> author)
      throws IOException {
    return InlinePgp.signed(mime)
        .map(
            found ->
                Verifier.detached(
                    new ByteArrayInputStream(found.text()),
                    found.signature(),
                    kept.keystore(),
                    author,
                    kept.now()));
  }

  /// As Authentication-Results says it.
  static String result(Verdict verdict) {
    return switch (verdict.outcome()) {
      case GOOD -> "pass";
      case BROKEN -> "fail";
      case OTHER_AUTHOR, BAD_KEY -> "policy";
      case UNKNOWN -> "neutral";
      case UNREADABLE -> "permerror";
    };
  }

  /// As the trace says it.
  static String reason(Verdict verdict) {
    return METHOD
        + "="
        + result(verdict)
        + ": "
        + verdict.why()
        + verdict.signer().map(each -> " (key " + each + ")").orElse("");
  }

  private Finding told(Message message, String hostname, Verdict verdict) {
    String field =
        "Authentication-Results: %s;\r\n %s=%s (%s)%s\r\n"
            .formatted(
                hostname,
                METHOD,
                result(verdict),
                Claims.comment(verdict.why()),
                verdict
                    .signer()
                    .map(each -> "\r\n body.openpgp-key=" + each.fingerprint())
                    .orElse(""));
    boolean isBroken = verdict.outcome() == Verdict.Outcome.BROKEN;
    return Claims.judged(Claims.with(message, field), isBroken, settings, reason(verdict));
  }
}
