package dev.poststation.content;

import dev.poststation.config.SmimeService;
import dev.poststation.ldap.Directories;
import dev.poststation.message.Octets;
import dev.poststation.mime.Transfer;
import dev.poststation.seal.SealWork;
import dev.poststation.smime.Entry;
import dev.poststation.smime.Enveloper;
import dev.poststation.smime.Recipients;
import dev.poststation.smime.Smime;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.ContentReplies;
import dev.poststation.smtp.Reply;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;

/// Envelopes of S/MIME (application/pkcs7-mime, RFC 8551 3.3, 3.4). Safe for any thread.
record SmimeEnvelopes(SmimeService.Encrypt settings, Supplier<Smime> smime, Directories directories)
    implements Encrypting.Envelopes<Entry> {
  @Override
  public String word() {
    return "smime-encrypt";
  }

  @Override
  public String noun() {
    return "certificate";
  }

  @Override
  public Encrypting.Choice<Entry> of(Address recipient, Encrypting.Ends ends) throws IOException {
    var choice =
        new Recipients(settings, smime.get(), directories)
            .choose(recipient, ends.all(), ends.revocation());
    return new Encrypting.Choice<>(choice.entry(), choice.flaw(), false);
  }

  @Override
  public Message envelope(Message message, byte[] entity, List<Entry> to) throws IOException {
    byte[] cms = Enveloper.envelop(entity, to, settings);
    String fields =
        """
        Content-Type: application/pkcs7-mime; smime-type=%s;\r
         name=smime.p7m\r
        Content-Transfer-Encoding: base64\r
        Content-Disposition: attachment; filename=smime.p7m\r
        """
            .formatted(settings.cipher().authenticates() ? "authEnveloped-data" : "enveloped-data");
    return Enclosure.around(message, fields, Octets.of(Transfer.encode(cms, "base64")));
  }

  @Override
  public String cipher() {
    return settings.cipher().word();
  }

  @Override
  public Reply missing(String names) {
    return ContentReplies.noCertificate(names);
  }

  @Override
  public SealWork work() {
    return smime.get().work();
  }
}
