package dev.poststation.content;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

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
import java.util.function.Supplier;

/// Decrypts mail that is for one of our keys, as a part of its own (RFC 3156) or in the text, and
/// says so in its header, with what is to be thought of a signature that was in it; fields that
/// claim so before are removed. Safe for any thread; the work is done by those of
/// [dev.poststation.seal.SealWork].
final class OpenPgpDecrypting implements Service {
  /// What says that a mail came encrypted.
  static final String FIELD = "X-Openpgp-Decrypted";

  private static final int HEADER_MAX = 500_000;

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
      return kept.work().work(message.size(), () -> open(came, message, facts, kept, type), atMost);
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
      return closed(
          came, message, "its text is not what is encrypted by OpenPGP, and nothing else");
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
        plain.withFront(field.replaceAll("[^\\r\\n -~]", "?").getBytes(US_ASCII)),
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

  /// RFC 3156 4: the first part says that it is encrypted, the second is what is.
  private static byte[] second(Mime mime) throws IOException {
    var parts = mime.root().parts();
    if (parts.size() < 2) {
      throw new IOException("its parts cannot be told apart");
    }
    return SmimeVerifying.cms(mime, parts.get(1));
  }

  private static Message entity(Message message, byte[] content) throws IOException {
    var inner = Message.of(new byte[0], Octets.of(lines(content)), HEADER_MAX);
    return Enclosure.around(message, Enclosure.contentFields(inner.header()), inner.body());
  }

  /// Programs on Unix encrypt mail with lines of LF; what is binary has an encoding.
  private static byte[] lines(byte[] content) {
    return new String(content, ISO_8859_1)
        .replaceAll("\r?\n", "\r\n")
        .replaceAll("\r(?!\n)", "\r\n")
        .getBytes(ISO_8859_1);
  }

  private static Message text(Message message, byte[] content, String charset) {
    String fields =
        "Content-Type: text/plain; charset=%s\r\nContent-Transfer-Encoding: quoted-printable\r\n"
            .formatted(charset);
    byte[] body = Transfer.encode(lines(content), "quoted-printable");
    return Enclosure.around(message, fields, Octets.of(body));
  }
}
