package dev.poststation.content;

import dev.poststation.config.SmimeService;
import dev.poststation.message.Octets;
import dev.poststation.message.SevenBitForm;
import dev.poststation.mime.Transfer;
import dev.poststation.os.Os;
import dev.poststation.smime.Entry;
import dev.poststation.smime.Keystore;
import dev.poststation.smime.Signer;
import dev.poststation.smime.Smime;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.ContentReplies;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Supplier;

/// Signs mail by the key of its author (multipart/signed, RFC 8551 3.5.3). What was in the mail
/// stays as it is, to the octet, unless a part has octets or lines that not every relay takes. Safe
/// for any thread; the work is done by those of S/MIME.
final class SmimeSigning implements Service {
  private static final int BOUNDARY_OCTETS = 16;

  private final SmimeService.Sign settings;
  private final Supplier<Smime> smime;
  private final SevenBit sevenBit;
  private final boolean leaveTag;
  private final Os os;

  /// @param leaveTag whether a service behind this one looks for the same tag
  SmimeSigning(
      SmimeService.Sign settings,
      boolean leaveTag,
      Supplier<Smime> smime,
      SevenBit sevenBit,
      Os os) {
    this.settings = settings;
    this.leaveTag = leaveTag;
    this.smime = smime;
    this.sevenBit = sevenBit;
    this.os = os;
  }

  @Override
  public String describe() {
    return "smime-sign";
  }

  @Override
  public Finding examine(Message came, Facts facts, Duration atMost) throws ServiceException {
    var wished = Wished.of(came, settings.wish());
    var message = leaveTag ? came : wished.without();
    boolean must = wished.wished() || settings.wish().policy() == SmimeService.Policy.ALWAYS;
    if (!must && settings.wish().policy() == SmimeService.Policy.NEVER) {
      return new Finding.Unchanged("not signed: its sender does not wish it");
    }
    if (Enclosure.type(message.header()).isSealed()) {
      return unsigned(came, message, "it is signed or encrypted already");
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
    var kept = smime.get();
    var signer = kept.keystore().signer(author);
    if (signer.isEmpty()) {
      return cannot(came, message, must, "there is no valid key of " + author);
    }
    try {
      return kept.work(
          () ->
              switch (sevenBit.of(Enclosure.entity(message))) {
                case SevenBitForm.Ready(var entity) ->
                    sign(message, entity, signer.get(), kept.keystore());
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
    return must
        ? new Finding.Refused(ContentReplies.cannotSign(why), "it must be signed, but " + why)
        : unsigned(came, message, why);
  }

  /// Who may send as somebody, the client rule has decided; who writes somebody into From, perhaps
  /// nobody has.
  private static boolean isSame(Address sender, Address author) {
    return Keystore.nameOf(sender).equals(Keystore.nameOf(author));
  }

  private Finding sign(Message message, Octets entity, Entry signer, Keystore keystore)
      throws IOException {
    var signature = Signer.sign(entity, signer, keystore.key(signer), settings, os.time().now());
    byte[] random = new byte[BOUNDARY_OCTETS];
    os.chance().fill(random);
    String boundary = "=_signed-" + HexFormat.of().formatHex(random);
    String fields =
        """
        Content-Type: multipart/signed; protocol="application/pkcs7-signature";\r
         micalg=%s; boundary="%s"\r
        """
            .formatted(signature.micalg(), boundary);
    String before = "This mail has a signature (S/MIME).\r\n\r\n--" + boundary + "\r\n";
    String between =
        """
        \r
        --%s\r
        Content-Type: application/pkcs7-signature; name=smime.p7s\r
        Content-Transfer-Encoding: base64\r
        Content-Disposition: attachment; filename=smime.p7s\r
        \r
        """
            .formatted(boundary);
    String behind = "\r\n--" + boundary + "--\r\n";
    var body =
        Octets.joined(
            List.of(
                text(before),
                entity,
                text(between),
                Octets.of(Transfer.encode(signature.cms(), "base64")),
                text(behind)));
    return new Finding.Changed(
        Enclosure.around(message, fields, body),
        "signed by " + signer + ", " + signature.algorithm());
  }

  private static Octets text(String text) {
    return Octets.of(text.getBytes(StandardCharsets.US_ASCII));
  }
}
