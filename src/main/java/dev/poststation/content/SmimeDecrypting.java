package dev.poststation.content;

import dev.poststation.config.MimeLimits;
import dev.poststation.mime.TooComplexException;
import dev.poststation.smime.Keystore;
import dev.poststation.smime.Opener;
import dev.poststation.smime.Smime;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Supplier;

/// Decrypts mail that is for one of our keys, and says so in its header; fields that claim so
/// before are removed. Safe for any thread; the work is done by those of
/// [dev.poststation.seal.SealWork].
final class SmimeDecrypting implements Service {
  /// What says that a mail came encrypted.
  static final String FIELD = "X-Smime-Decrypted";

  private final Supplier<Smime> smime;
  private final MimeLimits limits;

  SmimeDecrypting(Supplier<Smime> smime, MimeLimits limits) {
    this.smime = smime;
    this.limits = limits;
  }

  @Override
  public String describe() {
    return "smime-decrypt";
  }

  @Override
  public Finding examine(Message came, Facts facts, Duration atMost) throws ServiceException {
    var message = Claims.without(came, FIELD);
    var type = Enclosure.type(message.header());
    if (!type.isCms()) {
      return closed(came, message, "it is not encrypted by S/MIME");
    }
    var kept = smime.get();
    if (message.size() > kept.work().largest()) {
      return closed(came, message, "with " + message.size() + " octets it is too large");
    }
    try {
      return kept.work()
          .work(
              message.size(), () -> open(came, message, facts.hostname(), kept.keystore()), atMost);
    } catch (IOException e) {
      throw ServiceException.atThisMail(String.valueOf(e.getMessage()));
    }
  }

  private static Finding closed(Message came, Message message, String why) {
    return Claims.left(came, message, FIELD, "not decrypted", why);
  }

  private Finding open(Message came, Message message, String hostname, Keystore keystore)
      throws IOException {
    byte[] cms;
    try {
      var mime = message.mime(limits);
      cms = mime.content(mime.root());
    } catch (TooComplexException e) {
      return closed(came, message, e.reason());
    }
    if (!Opener.isEncrypted(cms)) {
      return closed(came, message, "it is signed, not encrypted");
    }
    var opened = Opener.open(cms, keystore);
    if (opened.isEmpty()) {
      return closed(came, message, "it is for none of our keys");
    }
    var by = opened.get().by();
    var inner = Enclosure.opened(opened.get().content());
    String field =
        "%s: %s for %s;\r\n key=%s; cipher=%s\r\n"
            .formatted(
                FIELD, hostname, by.names().getFirst(), by.shortPrint(), opened.get().cipher());
    var plain = Enclosure.around(message, Enclosure.contentFields(inner.header()), inner.body());
    return new Finding.Changed(
        Claims.with(plain, field), "decrypted by the key of " + by + ", " + opened.get().cipher());
  }
}
