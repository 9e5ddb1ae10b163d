package dev.poststation.content;

import dev.poststation.config.SmimeService;
import dev.poststation.message.HeaderAddresses;
import dev.poststation.message.Octets;
import dev.poststation.message.Recipient;
import dev.poststation.mime.Transfer;
import dev.poststation.smime.Entry;
import dev.poststation.smime.Enveloper;
import dev.poststation.smime.Keystore;
import dev.poststation.smime.Smime;
import dev.poststation.smtp.ContentReplies;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/// Encrypts mail for its recipients (application/pkcs7-mime, RFC 8551 3.3, 3.4). Those that To and
/// Cc name share one mail; everybody else gets one of his own, for who is in an envelope can be
/// seen by all who get it. Safe for any thread; the work is done by those of S/MIME.
final class SmimeEncrypting implements Service {
  /// What is made of one mail may be as large as this many of the largest.
  private static final int ENVELOPED_MAX = 2;

  /// Names in a reply.
  private static final int NAMES_MAX = 3;

  private final SmimeService.Encrypt settings;
  private final Supplier<Smime> smime;

  SmimeEncrypting(SmimeService.Encrypt settings, Supplier<Smime> smime) {
    this.settings = settings;
    this.smime = smime;
  }

  @Override
  public String describe() {
    return "smime-encrypt";
  }

  @Override
  public Finding examine(Message came, Facts facts, Duration atMost) throws ServiceException {
    var wished = Wished.of(came, settings.wish());
    var message = wished.without();
    boolean must = wished.wished() || settings.wish().policy() == SmimeService.Policy.ALWAYS;
    if (!must && settings.wish().policy() == SmimeService.Policy.NEVER) {
      return new Finding.Unchanged("not encrypted: its sender does not wish it");
    }
    if (Enclosure.type(message.header()).isEncrypted()) {
      return plain(came, message, "it is encrypted already");
    }
    var kept = smime.get();
    Map<Recipient, Entry> certificates = new LinkedHashMap<>();
    List<Recipient> without = new ArrayList<>();
    boolean domain = settings.prefer() == SmimeService.Prefer.DOMAIN;
    for (var each : facts.recipients()) {
      kept.keystore()
          .recipient(each.address(), domain)
          .ifPresentOrElse(entry -> certificates.put(each, entry), () -> without.add(each));
    }
    String lacks = without.isEmpty() ? "" : why(without, kept.keystore());
    if (must && !without.isEmpty()) {
      return missing(names(without), lacks);
    }
    if (certificates.isEmpty()) {
      return plain(came, message, lacks);
    }
    var groups = groups(message, certificates);
    long size = message.size();
    long most = kept.largest();
    long whole = size * groups.size();
    if (size > most || whole > most * ENVELOPED_MAX) {
      String why = "with " + size + " octets for " + groups.size() + " envelopes it is too large";
      return must
          ? new Finding.Refused(ContentReplies.TOO_LARGE_TO_ENCRYPT, why)
          : plain(came, message, why);
    }
    try {
      return kept.work(
          whole, () -> encrypted(came, message, groups, certificates, without, lacks), atMost);
    } catch (IOException e) {
      throw ServiceException.atThisMail(String.valueOf(e.getMessage()));
    }
  }

  @SuppressWarnings("ReferenceEquality") // What nobody changed is the same one.
  private static Finding plain(Message came, Message message, String why) {
    return message == came
        ? new Finding.Unchanged("not encrypted: " + why)
        : new Finding.Changed(message, "tag removed; not encrypted: " + why);
  }

  private static String why(List<Recipient> without, Keystore keystore) {
    var first = without.getFirst().address();
    return "there is no valid certificate of "
        + names(without)
        + keystore.unusable(first).map(each -> " (" + each + ")").orElse("");
  }

  private Finding missing(String names, String lacks) {
    String why = "it must be encrypted, but " + lacks;
    return settings.onMissing() == SmimeService.OnMissing.HOLD
        ? new Finding.Held("on-missing = hold: " + why)
        : new Finding.Refused(ContentReplies.noCertificate(names), why);
  }

  private static String names(List<Recipient> of) {
    var names = of.stream().limit(NAMES_MAX).map(each -> each.address().toString()).toList();
    int more = of.size() - names.size();
    return String.join(", ", names) + (more > 0 ? " and " + more + " more" : "");
  }

  /// Who shares an envelope.
  private static List<List<Recipient>> groups(Message message, Map<Recipient, Entry> certificates) {
    var named = named(message);
    List<Recipient> shown = new ArrayList<>();
    List<List<Recipient>> groups = new ArrayList<>();
    for (var each : certificates.keySet()) {
      if (named.contains(Keystore.nameOf(each.address()))) {
        shown.add(each);
      } else {
        groups.add(List.of(each));
      }
    }
    if (!shown.isEmpty()) {
      groups.addFirst(shown);
    }
    return groups;
  }

  private static Set<String> named(Message message) {
    Set<String> names = new HashSet<>();
    for (var field : message.fields().fields()) {
      if (field.name().equals("to") || field.name().equals("cc")) {
        HeaderAddresses.parse(field.raw(message.header()))
            .ifPresent(all -> all.forEach(each -> names.add(Keystore.nameOf(each))));
      }
    }
    return names;
  }

  @SuppressWarnings("ReferenceEquality") // What nobody changed is the same one.
  private Finding encrypted(
      Message came,
      Message message,
      List<List<Recipient>> groups,
      Map<Recipient, Entry> certificates,
      List<Recipient> without,
      String lacks)
      throws IOException {
    byte[] entity = Enclosure.entity(message).bytes();
    List<Finding.Share> shares = new ArrayList<>(groups.size() + 1);
    for (var group : groups) {
      var to = group.stream().map(certificates::get).distinct().toList();
      var prints = to.stream().map(Entry::toString).toList();
      String reason = settings.cipher().word() + " for " + String.join(", ", prints);
      shares.add(new Finding.Share(envelope(message, entity, to), group, reason));
    }
    if (!without.isEmpty()) {
      shares.add(
          new Finding.Share(message == came ? null : message, without, "not encrypted: " + lacks));
    }
    return new Finding.Divided(shares);
  }

  private Message envelope(Message message, byte[] entity, List<Entry> to) throws IOException {
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
}
