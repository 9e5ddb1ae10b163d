package dev.poststation.intake;

import dev.poststation.message.HeaderAddresses;
import dev.poststation.smtp.Address;
import java.io.ByteArrayOutputStream;
import java.util.List;

/// Gives a mail another author: what stands in the From field is taken out of the header, and put
/// in front of it in another way. Pure functions.
final class NewAuthor {
  private static final String FROM = "from";

  /// Names, and old authors, that are longer are left out.
  private static final int TEXT_MAX = 500;

  /// RFC 5322 2.1.1.
  private static final int LINE_USUAL = 78;

  private NewAuthor() {}

  /// The fields to put in front, with CRLF at the end of each: From, with the name that stood
  /// there; and Reply-To with who stood there, unless the mail has that.
  ///
  /// @param old the text of each From field
  static String fields(Address author, List<String> old, boolean hasReplyTo) {
    String address = "<" + author + ">";
    String name = name(old);
    var fields = new StringBuilder("From: ").append(name);
    if (!name.isEmpty()) {
      fields.append(name.length() + address.length() + 7 > LINE_USUAL ? "\r\n\t" : " ");
    }
    fields.append(address).append("\r\n");
    if (!hasReplyTo && !old.isEmpty()) {
      List<String> texts = old.stream().map(NewAuthor::unfolded).toList();
      boolean good =
          texts.stream().allMatch(text -> HeaderAddresses.parse(text).isPresent())
              && isPlain(String.join(", ", texts));
      if (good) {
        fields.append("Reply-To: ").append(String.join(",\r\n\t", texts)).append("\r\n");
      }
    }
    return fields.toString();
  }

  /// What stands before the brackets of the only author.
  private static String name(List<String> old) {
    if (old.size() != 1) {
      return "";
    }
    String text = unfolded(old.getFirst());
    var parsed = HeaderAddresses.parse(text);
    if (parsed.isEmpty() || parsed.get().size() != 1 || !isPlain(text)) {
      return "";
    }
    boolean quoted = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\') {
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (!quoted && (c == '(' || c == ':')) {
        return ""; // A comment or a group.
      } else if (!quoted && c == '<') {
        return text.substring(0, i).strip();
      }
    }
    return "";
  }

  private static String unfolded(String text) {
    return text.replace("\r", "").replace("\n", "").replace('\t', ' ').strip();
  }

  private static boolean isPlain(String text) {
    return text.length() <= TEXT_MAX && text.chars().allMatch(c -> c >= ' ' && c < 127);
  }

  /// The header without its From fields.
  static byte[] without(byte[] octets, int length) {
    var rest = new ByteArrayOutputStream(length);
    boolean dropped = false;
    for (int at = 0; at < length; ) {
      int end = at;
      while (end < length && octets[end] != '\n') {
        end++;
      }
      end = Math.min(length, end + 1);
      boolean continues = octets[at] == ' ' || octets[at] == '\t';
      dropped = continues ? dropped : isFrom(octets, at, end);
      if (!dropped) {
        rest.write(octets, at, end - at);
      }
      at = end;
    }
    return rest.toByteArray();
  }

  /// As [HeaderScan] sees it: white space before the colon is obsolete but legal (RFC 5322 4.5.1).
  private static boolean isFrom(byte[] octets, int start, int end) {
    int at = start;
    for (int i = 0; i < FROM.length(); i++, at++) {
      if (at >= end || (octets[at] | 0x20) != FROM.charAt(i)) {
        return false;
      }
    }
    while (at < end && (octets[at] == ' ' || octets[at] == '\t')) {
      at++;
    }
    return at < end && octets[at] == ':';
  }
}
