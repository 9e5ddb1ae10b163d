package dev.poststation.content;

import dev.poststation.config.SealService;
import dev.poststation.message.Octets;
import dev.poststation.message.SevenBitForm;
import dev.poststation.os.Os;
import dev.poststation.seal.Kept;
import dev.poststation.seal.Names;
import dev.poststation.seal.SealWork;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.ContentReplies;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Signs mail by the key of its author (multipart/signed, RFC 1847), by S/MIME or OpenPGP. What was
/// in the mail stays as it is, to the octet, unless a part has octets or lines that not every relay
/// takes. Safe for any thread; the work is done by those of [SealWork].
final class Signing<E extends Kept> implements Service {
  private static final int BOUNDARY_OCTETS = 16;

  private final SealService.Signs settings;
  private final Signatures<E> signatures;
  private final SevenBit sevenBit;
  private final boolean leaveTag;
  private final Os os;

  /// A signature as a part of a mail.
  ///
  /// @param protocol the type of the part
  /// @param micalg the digest, as multipart/signed names it
  /// @param more fields of the part besides its type, with CRLF
  /// @param typeMore parameters of its type
  /// @param algorithm for people
  record Signature(
      String protocol,
      String micalg,
      String typeMore,
      String more,
      byte[] octets,
      String algorithm) {}

  /// How a mail is signed. Implementations are safe for any thread.
  interface Signatures<E extends Kept> {
    /// The service, as it is called in the configuration.
    String word();

    /// The way, for people.
    String way();

    /// The key of an author.
    Optional<E> signer(Address author);

    /// Signs.
    ///
    /// @param entity what is signed, with CRLF
    Signature sign(Octets entity, E by) throws IOException;

    /// The threads for it.
    SealWork work();
  }

  /// @param leaveTag whether a service behind this one looks for the same tag
  Signing(
      SealService.Signs settings,
      boolean leaveTag,
      Signatures<E> signatures,
      SevenBit sevenBit,
      Os os) {
    this.settings = settings;
    this.leaveTag = leaveTag;
    this.signatures = signatures;
    this.sevenBit = sevenBit;
    this.os = os;
  }

  @Override
  public String describe() {
    return signatures.word();
  }

  @Override
  public Finding examine(Message came, Facts facts, Duration atMost) throws ServiceException {
    var wished = Wished.of(came, settings.wish());
    var message = leaveTag ? came : wished.without();
    boolean must = wished.wished() || settings.wish().policy() == SealService.Policy.ALWAYS;
    if (!must && settings.wish().policy() == SealService.Policy.NEVER) {
      return new Finding.Unchanged("not signed: its sender does not wish it");
    }
    if (Enclosure.type(message.header()).isSealed()) {
      return unsigned(came, message, "it is signed or encrypted already");
    }
    if (!facts.fromUs()) { // Who writes both sender and author may be anybody.
      return must
          ? refused("it came from outside", facts.cameFromOutside())
          : unsigned(came, message, facts.cameFromOutside());
    }
    var from = Author.of(message);
    if (from.address().isEmpty()) {
      return cannot(came, message, must, from.objection());
    }
    var author = from.address().get();
    if (!settings.anyAuthor() && !isSame(facts.sender(), author)) {
      String sender = facts.sender().isNull() ? "<>" : facts.sender().toString();
      String why = "its sender " + sender + " is not its author " + author;
      return cannot(came, message, must, why);
    }
    var signer = signatures.signer(author);
    if (signer.isEmpty()) {
      return cannot(came, message, must, "there is no valid key of " + author);
    }
    try {
      return signatures
          .work()
          .work(
              () ->
                  switch (sevenBit.of(Enclosure.entity(message))) {
                    case SevenBitForm.Ready(var entity) -> sign(message, entity, signer.get());
                    case SevenBitForm.Impossible(var why) -> cannot(came, message, must, why);
                  },
              atMost);
    } catch (IOException e) {
      throw ServiceException.atThisMail(String.valueOf(e.getMessage()));
    }
  }

  @SuppressWarnings("ReferenceEquality") // What nobody changed is the same one.
  private static Finding unsigned(Message came, Message message, String why) {
    return message == came
        ? new Finding.Unchanged("not signed: " + why)
        : new Finding.Changed(message, "tag removed; not signed: " + why);
  }

  private static Finding cannot(Message came, Message message, boolean must, String why) {
    return must ? refused(why, why) : unsigned(came, message, why);
  }

  private static Finding refused(String told, String why) {
    return new Finding.Refused(ContentReplies.cannotSign(told), "it must be signed, but " + why);
  }

  /// Who may send as somebody, the client rule has decided; who writes somebody into From, perhaps
  /// nobody has.
  private static boolean isSame(Address sender, Address author) {
    return Names.of(sender).equals(Names.of(author));
  }

  private Finding sign(Message message, Octets entity, E signer) throws IOException {
    var signature = signatures.sign(entity, signer);
    String boundary = "=_signed-" + os.chance().hex(BOUNDARY_OCTETS);
    String fields =
        """
        Content-Type: multipart/signed; protocol="%s";\r
         micalg=%s; boundary="%s"\r
        """
            .formatted(signature.protocol(), signature.micalg(), boundary);
    String before =
        "This mail has a signature (" + signatures.way() + ").\r\n\r\n--" + boundary + "\r\n";
    String between =
        """
        \r
        --%s\r
        Content-Type: %s; %s\r
        %s\r
        """
            .formatted(boundary, signature.protocol(), signature.typeMore(), signature.more());
    String behind = "\r\n--" + boundary + "--\r\n";
    var body =
        Octets.joined(
            List.of(
                text(before), entity, text(between), Octets.of(signature.octets()), text(behind)));
    return new Finding.Changed(
        Enclosure.around(message, fields, body),
        "signed by " + signer + ", " + signature.algorithm());
  }

  private static Octets text(String text) {
    return Octets.of(text.getBytes(StandardCharsets.US_ASCII));
  }
}
