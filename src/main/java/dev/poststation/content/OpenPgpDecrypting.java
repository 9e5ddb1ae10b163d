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
import dev.poststation.openpgp.Key;
import dev.poststation.openpgp.Keystore;
import dev.poststation.openpgp.OpenPgp;
import dev.poststation.openpgp.Opener;
import dev.poststation.openpgp.Verdict;
import dev.poststation.seal.Attempt;
import dev.poststation.smtp.Address;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// Decrypts mail for those of its recipients whose key it is for, as a part of its own (RFC 3156)
/// or in the text, and says so in its header, with what is to be thought of a signature that was in
/// it; fields that claim so before are removed. Safe for any thread; the work is done by those of
/// [dev.poststation.seal.SealWork].
final class OpenPgpDecrypting implements Service {
  /// What says that a mail came encrypted.
  static final String FIELD = "X-Openpgp-Decrypted";

  /// What says that it did, and cannot be read.
  private static final String NOT = "X-Openpgp-Not-Decrypted";

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
  public Message withoutClaims(Message message, String hostname) {
    return Claims.without(Claims.without(message, FIELD), NOT);
  }

  @Override
  public Finding examine(Message came, Facts facts, Duration atMost) throws ServiceException {
    var message = withoutClaims(came, facts.hostname());
    var type = Enclosure.type(message.header());
    var kept = openPgp.get();
    long end = kept.work().nanos() + atMost.toNanos();
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
          .work(kept.work().largest(), () -> open(came, message, facts, kept, type, end), atMost);
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
      Message came, Message message, Facts facts, OpenPgp kept, Enclosure.Type type, long end)
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
    Opener opener;
    try {
      opener = Opener.of(encrypted);
    } catch (IOException e) { // It is not better when it comes again.
      return closed(came, message, String.valueOf(e.getMessage()));
    }
    var addresses = facts.recipients().stream().map(Recipient::address).toList();
    long largest = kept.work().largest();
    var letter =
        new Letter(
            opener,
            opener.keys(kept.keystore(), addresses),
            message,
            isWhole(type) ? Optional.empty() : Optional.of(InlinePgp.charset(encrypted, type)),
            facts.hostname(),
            kept.keystore(),
            new Opener.Case(Author.of(message).address(), kept.now(), largest));
    return new Opening<>(letter, message, largest, () -> kept.work().nanos() - end < 0)
        .of(facts.recipients(), closed(came, message, SmimeDecrypting.FOR_OTHERS));
  }

  /// A mail by OpenPGP.
  ///
  /// @param charset of what is encrypted in the text; empty: it is a part of its own
  private record Letter(
      Opener opener,
      Map<Address, List<Key>> keys,
      Message message,
      Optional<String> charset,
      String hostname,
      Keystore keystore,
      Opener.Case of)
      implements Opening.Letter<Key> {
    @Override
    public List<Key> keys(Recipient recipient) {
      return keys.getOrDefault(recipient.address(), List.of());
    }

    @Override
    public Attempt<Opening.Text> open(Key key) throws IOException {
      return switch (opener.open(key, keystore, of)) {
        case Attempt.Opened<Opener.Opened>(var opened) ->
            new Attempt.Opened<>(
                new Opening.Text(
                    opened.content(),
                    opened.cipher(),
                    opened.verdict().map(OpenPgpDecrypting::signature).orElse(""),
                    opened.verdict().map(OpenPgpVerifying::reason).orElse("")));
        case Attempt.Foreign<Opener.Opened>() -> new Attempt.Foreign<>();
        case Attempt.Damaged<Opener.Opened>(var why, long octets) ->
            new Attempt.Damaged<>(why, octets);
      };
    }

    @Override
    public Message plain(byte[] content) throws IOException {
      return charset.isPresent() ? text(message, content, charset.get()) : entity(message, content);
    }

    @Override
    public String field(Key key, Opening.Text text) {
      return "%s: %s for %s;\r\n key=%s; cipher=%s%s\r\n"
          .formatted(
              FIELD,
              hostname,
              key.names().getFirst(),
              key.fingerprint(),
              text.cipher(),
              text.signature());
    }

    @Override
    public String damaged() {
      return "%s: %s; it is damaged\r\n".formatted(NOT, hostname);
    }
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
