package dev.poststation.content;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.poststation.config.ContentConditions.Direction;
import dev.poststation.config.KeepingService;
import dev.poststation.message.AddressPatterns;
import dev.poststation.message.FieldWatch;
import dev.poststation.message.HeaderAddresses;
import dev.poststation.message.Recipient;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.AddressParser;
import dev.poststation.smtp.Xtext;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.james.mime4j.codec.DecodeMonitor;
import org.apache.james.mime4j.codec.DecoderUtil;

/// The text of a journal report, of which each line says one thing of the envelope: the form is the
/// one that Exchange has written since 2007. Pure functions.
final class JournalText {
  /// Of a value, so that its line may stand in any mail (RFC 5322 2.1.1): each character may have
  /// four octets.
  private static final int VALUE_MAX = 220;

  private JournalText() {}

  /// @param when knows from where to where mail goes
  static String of(
      Message message, Facts facts, FieldWatch watch, When when, KeepingService.Copy copy) {
    var out = new StringBuilder(500);
    line(out, "Sender", facts.sender().isNull() ? "<>" : facts.sender().toString());
    line(out, "Subject", plain(Journaling.first(watch, "subject")));
    line(out, "Message-Id", plain(Journaling.first(watch, "message-id")));
    var direction = when.direction(facts.sender(), facts.recipients());
    // What strangers write into To, Cc and ORCPT need not be true, so Exchange does not repeat it
    // either.
    boolean stranger = direction.filter(Direction.INBOUND::equals).isPresent();
    var named = stranger ? Map.<String, String>of() : named(message);
    for (Recipient each : facts.recipients()) {
      if (stranger) {
        line(out, "Recipient", each.address().toString());
      } else {
        recipient(out, each, facts.recipients(), named);
      }
    }
    direction.ifPresent(each -> line(out, "Direction", each.name().toLowerCase(Locale.ROOT)));
    line(out, "Copy", copy.word());
    return out.toString();
  }

  private static void line(StringBuilder out, String name, String value) {
    out.append(name).append(": ").append(value).append("\r\n");
  }

  private static void recipient(
      StringBuilder out, Recipient recipient, List<Recipient> all, Map<String, String> named) {
    var original = original(recipient);
    String field =
        Optional.ofNullable(named.get(AddressPatterns.mailboxKey(recipient.address())))
            .or(() -> original.map(AddressPatterns::mailboxKey).map(named::get))
            .orElse("Bcc");
    String before =
        original
            .map(each -> ", " + (shared(each, all) ? "Expanded" : "Forwarded") + ": " + each)
            .orElse("");
    line(out, field, recipient.address() + before);
  }

  /// To whom it was first, where that was somebody else (RFC 3461 4.2).
  private static Optional<Address> original(Recipient recipient) {
    String orcpt = recipient.orcpt();
    int semicolon = orcpt == null ? -1 : orcpt.indexOf(';');
    if (orcpt == null || semicolon < 0) {
      return Optional.empty();
    }
    String value = orcpt.substring(semicolon + 1);
    var decoded =
        switch (orcpt.substring(0, semicolon).toLowerCase(Locale.ROOT)) {
          case "rfc822" -> Xtext.decode(value);
          case "utf-8" -> Xtext.decodeUtf8Address(value);
          default -> Optional.<String>empty();
        };
    return decoded
        .flatMap(AddressParser::parse)
        .filter(each -> !each.isSameMailbox(recipient.address()));
  }

  /// Whether several came of it, as of a list.
  private static boolean shared(Address original, List<Recipient> all) {
    return all.stream()
            .filter(each -> original(each).filter(original::isSameMailbox).isPresent())
            .limit(2)
            .count()
        > 1;
  }

  /// In which field whom the header names.
  private static Map<String, String> named(Message message) {
    Map<String, String> named = new HashMap<>();
    for (var field : message.fields().fields()) {
      if (Addressed.FIELDS.contains(field.name())) {
        String shown =
            field.name().endsWith("bcc") ? "Bcc" : field.name().endsWith("cc") ? "Cc" : "To";
        HeaderAddresses.parse(Addressed.text(message, field))
            .ifPresent(
                all ->
                    all.forEach(
                        each -> named.putIfAbsent(AddressPatterns.mailboxKey(each), shown)));
      }
    }
    return named;
  }

  /// In readable form on one line, and cut: nobody makes lines of his own by it.
  static String plain(String value) {
    var decoded = DecoderUtil.decodeEncodedWords(value, DecodeMonitor.SILENT, UTF_8);
    var out = new StringBuilder();
    decoded
        .codePoints()
        .map(each -> isPlain(each) ? each : ' ')
        .limit(VALUE_MAX)
        .forEach(out::appendCodePoint);
    return out.toString().strip();
  }

  private static boolean isPlain(int each) {
    return switch (Character.getType(each)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
