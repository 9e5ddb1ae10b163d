package dev.poststation.content;

import dev.poststation.config.MimeLimits;
import dev.poststation.config.SmimeService;
import dev.poststation.mime.Mime;
import dev.poststation.mime.TooComplexException;
import dev.poststation.seal.Names;
import dev.poststation.smime.Certificates;
import dev.poststation.smime.Smime;
import dev.poststation.smime.Verifier;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Says in Authentication-Results what is to be thought of a signature by S/MIME (RFC 7281); what
/// others have said there in our name is removed. The mail stays signed, to the octet. Safe for any
/// thread; the work is done by those of [dev.poststation.seal.SealWork].
final class SmimeVerifying implements Service {
  /// RFC 8551 3.5.3.2, and the name of before.
  private static final Set<String> SIGNATURES =
      Set.of("application/pkcs7-signature", "application/x-pkcs7-signature");

  private static final Verifier.Verdict NO_PARTS =
      new Verifier.Verdict(
          Verifier.Outcome.UNREADABLE,
          "its parts are not what is signed, its signature, and nothing else",
          null);

  private final SmimeService.Verify settings;
  private final Supplier<Smime> smime;
  private final MimeLimits limits;

  SmimeVerifying(SmimeService.Verify settings, Supplier<Smime> smime, MimeLimits limits) {
    this.settings = settings;
    this.smime = smime;
    this.limits = limits;
  }

  /// What is signed, and the signature.
  ///
  /// @param content null: it is in the signature
  private record Signed(byte @Nullable [] content, byte[] cms) {}

  @Override
  public String describe() {
    return "smime-verify";
  }

  @Override
  public Message withoutClaims(Message message, String hostname) {
    return Claims.withoutResults(message, hostname, "smime");
  }

  @Override
  public Finding examine(Message came, Facts facts, Duration atMost) throws ServiceException {
    var message = withoutClaims(came, facts.hostname());
    var type = Enclosure.type(message.header());
    boolean detached =
        type.media().equals("multipart/signed") && type.parameter("protocol").contains("pkcs7");
    boolean opaque = type.isCms() && type.parameter("smime-type").equals("signed-data");
    if (!detached && !opaque) {
      return unverified(came, message, "it is not signed by S/MIME");
    }
    var kept = smime.get();
    if (message.size() > kept.work().largest()) {
      return unverified(came, message, "with " + message.size() + " octets it is too large");
    }
    long end = kept.work().nanos() + atMost.toNanos();
    try {
      var looked =
          kept.work()
              .work(
                  message.size(),
                  () -> looked(kept, message, detached, () -> kept.work().nanos() - end > 0),
                  atMost);
      return switch (looked) {
        case Looked.Left(var why) -> unverified(came, message, why);
        case Looked.At(var verdict) ->
            told(message, facts, kept, kept.revocation().applied(verdict, half(kept, end)), end);
      };
    } catch (IOException e) {
      throw ServiceException.atThisMail(String.valueOf(e.getMessage()));
    }
  }

  /// Places that do not answer leave time for the rest.
  private static long half(Smime kept, long end) {
    long now = kept.work().nanos();
    return now + (end - now) / 2;
  }

  /// What became of a look at a signature.
  private sealed interface Looked {
    /// There was none.
    record Left(String why) implements Looked {}

    record At(Verifier.Verdict verdict) implements Looked {}
  }

  private Looked looked(Smime kept, Message message, boolean detached, BooleanSupplier isOver)
      throws IOException {
    Mime mime;
    try {
      mime = message.mime(limits);
    } catch (TooComplexException e) {
      return new Looked.Left(e.reason());
    }
    var signed = signed(mime, detached);
    return new Looked.At(
        signed.isPresent() ? verify(kept, message, signed.get(), isOver) : NO_PARTS);
  }

  private static Finding unverified(Message came, Message message, String why) {
    return Claims.left(came, message, "result", "not verified", why);
  }

  private static Verifier.Verdict verify(
      Smime kept, Message message, Signed signed, BooleanSupplier isOver) throws IOException {
    String author = Author.of(message).address().map(Names::of).orElse("");
    return Verifier.verify(
        signed.content,
        signed.cms,
        kept.trusted(),
        author,
        kept.now(),
        kept.keystore().harvests(),
        isOver);
  }

  /// RFC 1847 2.1: the first part, to the octet, and the signature in the second; empty: there are
  /// others, which readers may see.
  private static Optional<Signed> signed(Mime mime, boolean detached) throws IOException {
    if (!detached) {
      return Optional.of(new Signed(null, mime.content(mime.root())));
    }
    var parts = mime.root().parts();
    return parts.size() == 2 && SIGNATURES.contains(parts.getLast().type())
        ? Optional.of(
            new Signed(mime.whole(parts.getFirst()).bytes(), mime.content(parts.getLast())))
        : Optional.empty();
  }

  /// The certificate of the author is of use for answers.
  private static String harvested(
      Message message, Facts facts, Smime kept, Verifier.Verdict verdict, long end) {
    var offer = verdict.offer();
    var author = Author.of(message).address();
    if (offer == null || author.isEmpty() || facts.trial()) {
      return "";
    }
    try {
      var left = Duration.ofNanos(Math.max(0, end - kept.work().nanos()));
      BooleanSupplier isOver = () -> kept.work().nanos() - end > 0;
      String done = kept.work().work(() -> kept.harvest(author.get(), offer, isOver), left);
      return done.isEmpty() ? "" : "; " + done;
    } catch (IOException e) {
      return "; his certificate is not kept: " + e.getMessage(); // The next mail brings it again.
    }
  }

  private Finding told(
      Message message, Facts facts, Smime kept, Verifier.Verdict verdict, long end) {
    String result =
        switch (verdict.outcome()) {
          case GOOD -> "pass";
          case BROKEN -> "fail";
          case WEAK, EXPIRED, UNTRUSTED, REVOKED, OTHER_AUTHOR -> "policy";
          case UNCHECKED -> "temperror";
          case UNREADABLE -> "permerror";
        };
    var signer = verdict.signer();
    String of = signer == null ? "" : String.join(", ", Certificates.addresses(signer));
    String field =
        "Authentication-Results: %s;\r\n smime=%s (%s)\r\n"
            .formatted(facts.hostname(), result, Claims.comment(verdict.why()));
    if (signer != null && of.matches("[A-Za-z0-9.@_+-]+")) {
      field =
          field.stripTrailing()
              + "\r\n body.smime-identifier=%s body.smime-serial=%s\r\n"
                  .formatted(of, signer.getSerialNumber().toString(16));
    }
    String reason =
        "smime="
            + result
            + ": "
            + verdict.why()
            + (of.isEmpty() ? "" : " (" + of + ")")
            + harvested(message, facts, kept, verdict, end);
    boolean isBroken = verdict.outcome() == Verifier.Outcome.BROKEN;
    return Claims.judged(Claims.with(message, field), isBroken, settings, reason);
  }
}
