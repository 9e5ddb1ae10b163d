package dev.poststation.content;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.poststation.config.OpenPgpService;
import dev.poststation.config.SealService;
import dev.poststation.message.Octets;
import dev.poststation.openpgp.Enveloper;
import dev.poststation.openpgp.Key;
import dev.poststation.openpgp.OpenPgp;
import dev.poststation.openpgp.Recipients;
import dev.poststation.os.Os;
import dev.poststation.seal.SealWork;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.ContentReplies;
import dev.poststation.smtp.Reply;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;

/// Envelopes of OpenPGP (multipart/encrypted, RFC 3156 4). Safe for any thread.
record OpenPgpEnvelopes(OpenPgpService.Encrypt settings, Supplier<OpenPgp> openPgp, Os os)
    implements Encrypting.Envelopes<Key> {
  private static final int BOUNDARY_OCTETS = 16;

  @Override
  public String word() {
    return "openpgp-encrypt";
  }

  @Override
  public String noun() {
    return "key";
  }

  @Override
  public Encrypting.Choice<Key> of(Address recipient, Encrypting.Ends ends) throws IOException {
    boolean domain = settings.prefer() == SealService.Prefer.DOMAIN;
    var choice = new Recipients(openPgp.get(), domain).choose(recipient, ends.all());
    return new Encrypting.Choice<>(choice.key(), choice.flaw(), choice.later());
  }

  @Override
  public Message envelope(Message message, byte[] entity, List<Key> to) throws IOException {
    byte[] armored = Enveloper.envelop(entity, to, openPgp.get().now());
    String boundary = "=_encrypted-" + os.chance().hex(BOUNDARY_OCTETS);
    String fields =
        """
        Content-Type: multipart/encrypted; protocol="application/pgp-encrypted";\r
         boundary="%s"\r
        """
            .formatted(boundary);
    String before =
        """
        This mail is encrypted (OpenPGP).\r
        \r
        --%1$s\r
        Content-Type: application/pgp-encrypted\r
        Content-Description: PGP/MIME version identification\r
        \r
        Version: 1\r
        \r
        --%1$s\r
        Content-Type: application/octet-stream; name=encrypted.asc\r
        Content-Disposition: inline; filename=encrypted.asc\r
        \r
        """
            .formatted(boundary);
    String behind = "\r\n--" + boundary + "--\r\n";
    var body =
        Octets.joined(
            List.of(
                Octets.of(before.getBytes(US_ASCII)),
                Octets.of(armored),
                Octets.of(behind.getBytes(US_ASCII))));
    return Enclosure.around(message, fields, body);
  }

  @Override
  public String cipher() {
    return Enveloper.CIPHER;
  }

  @Override
  public Reply missing(String names) {
    return ContentReplies.noKey(names);
  }

  @Override
  public SealWork work() {
    return openPgp.get().work();
  }
}
