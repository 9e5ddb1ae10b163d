package dev.poststation.content;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Locale.ROOT;

import dev.poststation.config.MimeLimits;
import dev.poststation.message.Octets;
import dev.poststation.message.Recipient;
import dev.poststation.mime.Mime;
import dev.poststation.mime.TooComplexException;
import dev.poststation.mime.Transfer;
import dev.poststation.openpgp.OpenPgp;
import dev.poststation.openpgp.Opener;
import dev.poststation.openpgp.Verdict;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.function.Supplier;

/// Decrypts mail that is for one of our keys, as a part of its own (RFC 3156) or in the text, and
/// says so in its header, with what is to be thought of a signature that was in it; fields that
/// claim so before are removed. Safe for any thread; the work is done by those of
/// [dev.poststation.seal.SealWork].
final class OpenPgpDecrypting implements Service {
  /// What says that a mail came encrypted.
  static final String FIELD = "X-Openpgp-Decrypted";

  /// What programs write where the subject is encrypted.
  private static final Set<String> IN_ITS_PLACE = Set.of("...", "[...]", "encrypted message");

  private final Supplier<OpenPgp> openPgp;
  private final MimeLimits limits;

  OpenPgpDecrypting(Supplier<OpenPgp> openPgp, MimeLimits limits) {
    this.openPgp = openPgp;
    this.limits = limits;
  }

  @Override
  public String describe() {
    return "openpgp-decrypt";
  }

  @Override
  public Finding examine(Message came, Facts facts, Duration atMost) throws ServiceException {
    var message = Claims.without(came, FIELD);
    var type = Enclosure.type(message.header());
    var kept = openPgp.get();
    try {
      boolean whole = isWhole(type);
      if (!whole && !InlinePgp.mayBe(message, type)) {
        return closed(came, message, "it is not encrypted by OpenPGP");
      }
      if (message.size() > kept.work().largest()) {
        return closed(came, message, "with " + message.size() + " octets it is too large");
      }
      // What it will become is not known before.
      return kept.work()
          .work(kept.work().largest(), () -> open(came, message, facts, kept, type), atMost);
    } catch (IOException e) {
      throw ServiceException.atThisMail(String.valueOf(e.getMessage()));
    }
  }

  private static boolean isWhole(Enclosure.Type type) {
    return type.media().equals("multipart/encrypted")
        && type.parameter("protocol").equals("application/pgp-encrypted");
  }

  private static Finding closed(Message came, Message message, String why) {
    return Claims.left(came, message, FIELD, "not decrypted", why);
  }

  private Finding open(
      Message came, Message message, Facts facts, OpenPgp kept, Enclosure.Type type)
      throws IOException {
    byte[] encrypted;
    try {
      var mime = message.mime(limits);
      encrypted = isWhole(type) ? second(mime) : InlinePgp.encrypted(mime);
    } catch (TooComplexException e) {
      return closed(came, message, e.reason());
    }
    if (encrypted.length == 0) {
      String what =
          isWhole(type)
              ? "it has not the two parts of RFC 3156"
              : "its text is not what is encrypted by OpenPGP, and nothing else";
      return closed(came, message, what);
    }
    var of =
        new Opener.Case(
            Author.of(message).address(),
            facts.recipients().stream().map(Recipient::address).toList(),
            kept.now(),
            kept.work().largest());
    var found = Opener.open(encrypted, kept.keystore(), of);
    if (found.isEmpty()) {
      return closed(came, message, "it is for none of our keys");
    }
    var opened = found.get();
    var plain =
        isWhole(type)
            ? entity(message, opened.content())
            : text(message, opened.content(), InlinePgp.charset(encrypted, type));
    String signed = opened.verdict().map(OpenPgpDecrypting::signature).orElse("");
    String field =
        "%s: %s for %s;\r\n key=%s; cipher=%s%s\r\n"
            .formatted(
                FIELD,
                facts.hostname(),
                opened.by().names().getFirst(),
                opened.by().fingerprint(),
                opened.cipher(),
                signed);
    return new Finding.Changed(
        Claims.with(plain, field),
        "decrypted by the key of "
            + opened.by()
            + ", "
            + opened.cipher()
            + opened.verdict().map(OpenPgpVerifying::reason).map(each -> "; " + each).orElse(""));
  }

  private static String signature(Verdict verdict) {
    return ";\r\n signature=%s (%s)%s"
        .formatted(
            OpenPgpVerifying.result(verdict),
            Claims.comment(verdict.why()),
            verdict.signer().map(each -> ";\r\n signed-by=" + each.fingerprint()).orElse(""));
  }

  /// RFC 3156 4: the first part says that it is encrypted, the second is what is; empty: there are
  /// others, which would be lost.
  private static byte[] second(Mime mime) throws IOException {
    var parts = mime.root().parts();
    return parts.size() == 2 ? mime.content(parts.getLast()) : new byte[0];
  }

  private static Message entity(Message message, byte[] content) throws IOException {
    var inner = Enclosure.opened(lines(content));
    return Enclosure.around(
        withSubject(message, inner), Enclosure.contentFields(inner.header()), inner.body());
  }

  /// The one that was encrypted, where nothing stands in its place outside (RFC 9788; Thunderbird).
  private static Message withSubject(Message message, Message inner) {
    var type = Enclosure.type(inner.header());
    boolean hides = !(type.value("protected-headers") + type.value("hp")).isEmpty();
    String within = subject(inner);
    if (!hides || within.isEmpty() || !IN_ITS_PLACE.contains(subject(message).toLowerCase(ROOT))) {
      return message;
    }
    var edits = new FieldEdits(message);
    boolean plain = within.chars().allMatch(c -> c < 128);
    String utf8 = new String(within.getBytes(ISO_8859_1), UTF_8);
    edits.replace("Subject", plain ? within : FieldEdits.encoded("Subject", utf8));
    return edits.apply();
  }

  private static String subject(Message message) {
    return message.fields().fields().stream()
        .filter(each -> each.name().equals("subject"))
        .findFirst()
        .map(each -> each.raw(message.header()).strip())
        .orElse("");
  }

  /// Programs on Unix encrypt mail with lines of LF; what is binary has an encoding.
  private static byte[] lines(byte[] content) {
    return new String(content, ISO_8859_1).replaceAll("\r\n?|\n", "\r\n").getBytes(ISO_8859_1);
  }

  private static Message text(Message message, byte[] content, String charset) {
    String fields =
        "Content-Type: text/plain; charset=%s\r\nContent-Transfer-Encoding: quoted-printable\r\n"
            .formatted(charset);
    byte[] body = Transfer.encode(lines(content), "quoted-printable");
    return Enclosure.around(message, fields, Octets.of(body));
  }
}
