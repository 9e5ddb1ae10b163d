package dev.poststation.content;

import dev.poststation.config.MimeLimits;
import dev.poststation.message.Recipient;
import dev.poststation.mime.TooComplexException;
import dev.poststation.seal.Attempt;
import dev.poststation.smime.Entry;
import dev.poststation.smime.Keystore;
import dev.poststation.smime.Opener;
import dev.poststation.smime.Smime;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// Decrypts mail for those of its recipients whose key it is for, and says so in its header; fields
/// that claim so before are removed. Safe for any thread; the work is done by those of
/// [dev.poststation.seal.SealWork].
final class SmimeDecrypting implements Service {
  /// What says that a mail came encrypted.
  static final String FIELD = "X-Smime-Decrypted";

  /// What says that it did, and cannot be read.
  private static final String NOT = "X-Smime-Not-Decrypted";

  /// Why a mail stays closed.
  static final String FOR_OTHERS = "it is for none of our keys that are for its recipients";

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
  public Message withoutClaims(Message message, String hostname) {
    return Claims.without(Claims.without(message, FIELD), NOT);
  }

  @Override
  public Finding examine(Message came, Facts facts, Duration atMost) throws ServiceException {
    var message = withoutClaims(came, facts.hostname());
    var type = Enclosure.type(message.header());
    if (!type.isCms()) {
      return closed(came, message, "it is not encrypted by S/MIME");
    }
    var kept = smime.get();
    if (message.size() > kept.work().largest()) {
      return closed(came, message, "with " + message.size() + " octets it is too large");
    }
    long end = kept.work().nanos() + atMost.toNanos();
    try {
      return kept.work().work(message.size(), () -> open(came, message, facts, kept, end), atMost);
    } catch (IOException e) {
      throw ServiceException.atThisMail(String.valueOf(e.getMessage()));
    }
  }

  private static Finding closed(Message came, Message message, String why) {
    return Claims.left(came, message, FIELD, "not decrypted", why);
  }

  private Finding open(Message came, Message message, Facts facts, Smime kept, long end)
      throws IOException {
    byte[] cms;
    try {
      var mime = message.mime(limits);
      cms = mime.content(mime.root());
    } catch (TooComplexException e) {
      return closed(came, message, e.reason());
    }
    Optional<Opener> opener;
    try {
      opener = Opener.of(cms);
    } catch (IOException e) { // It is not better when it comes again.
      return closed(came, message, String.valueOf(e.getMessage()));
    }
    if (opener.isEmpty()) {
      return closed(came, message, "it is signed, not encrypted");
    }
    var letter = new Letter(opener.get(), message, facts.hostname(), kept.keystore());
    var work = kept.work();
    return new Opening<>(letter, message, work.largest(), () -> work.nanos() - end < 0)
        .of(facts.recipients(), closed(came, message, FOR_OTHERS));
  }

  /// A mail by S/MIME.
  private record Letter(Opener opener, Message message, String hostname, Keystore keystore)
      implements Opening.Letter<Entry> {
    @Override
    public List<Entry> keys(Recipient recipient) {
      return opener.keys(keystore, recipient.address());
    }

    @Override
    public Attempt<Opening.Text> open(Entry key) throws IOException {
      return switch (opener.open(key, keystore)) {
        case Attempt.Opened<byte[]>(var content) ->
            new Attempt.Opened<>(new Opening.Text(content, opener.cipher(), "", ""));
        case Attempt.Foreign<byte[]>() -> new Attempt.Foreign<>();
        case Attempt.Damaged<byte[]>(var why, long octets) -> new Attempt.Damaged<>(why, octets);
      };
    }

    @Override
    public Message plain(byte[] content) throws IOException {
      var inner = Enclosure.opened(content);
      return Enclosure.around(message, Enclosure.contentFields(inner.header()), inner.body());
    }

    @Override
    public String field(Entry key, Opening.Text text) {
      return "%s: %s for %s;\r\n key=%s; cipher=%s\r\n"
          .formatted(FIELD, hostname, key.names().getFirst(), key.shortPrint(), text.cipher());
    }

    @Override
    public String damaged() {
      return "%s: %s; it is damaged\r\n".formatted(NOT, hostname);
    }
  }
}
