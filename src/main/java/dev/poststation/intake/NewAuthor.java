package dev.poststation.intake;

import dev.poststation.message.HeaderAddresses;
import dev.poststation.smtp.Address;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.james.mime4j.codec.EncoderUtil;

/// Gives a mail another author: what stands in the From field is taken out of the header, and put
/// in front of it in another way. Pure functions.
final class NewAuthor {
  private static final String FROM = "from";

  /// Names, and old authors, that are longer are left out.
  private static final int TEXT_MAX = 500;

  /// What stands for octets that are no UTF-8.
  private static final char UNREADABLE = '\ufffd';

  /// RFC 5322 2.1.1.
  private static final int LINE_USUAL = 78;

  private NewAuthor() {}

  /// The fields to put in front, with CRLF at the end of each: From, with the name that stood
  /// there; and Reply-To with who stood there, unless the mail has that. They have ASCII only, as
  /// they may: a name that is none becomes encoded words (RFC 2047).
  ///
  /// @param old the text of each From field, read as UTF-8
  static String fields(Address author, List<String> old, boolean hasReplyTo) {
    List<String> texts = old.stream().map(NewAuthor::unfolded).toList();
    List<List<Address>> authors =
        texts.stream().flatMap(text -> HeaderAddresses.parse(text).stream()).toList();
    boolean understood = authors.size() == texts.size();
    boolean alone = understood && authors.size() == 1 && authors.getFirst().size() == 1;
    String name = alone ? name(texts.getFirst()) : "";
    String fields = "From: " + named(name, author, "From: ") + "\r\n";
    if (hasReplyTo || !understood) {
      return fields;
    }
    String told =
        isPlain(String.join(", ", texts))
            ? String.join(",\r\n\t", texts)
            : told(authors.stream().flatMap(List::stream).toList(), name);
    return told.isEmpty() ? fields : fields + "Reply-To: " + told + "\r\n";
  }

  /// Those that a field can name without SMTPUTF8.
  private static String told(List<Address> authors, String name) {
    List<Address> plain = authors.stream().filter(each -> !each.isInternational()).toList();
    if (plain.size() == 1) {
      return named(name, plain.getFirst(), "Reply-To: ");
    }
    String all = String.join(",\r\n\t", plain.stream().map(each -> "<" + each + ">").toList());
    return all.length() <= TEXT_MAX ? all : "";
  }

  private static String named(String name, Address author, String field) {
    String address = "<" + author + ">";
    if (name.isEmpty()) {
      return address;
    }
    int length = field.length() + name.length() + 1 + address.length();
    return name + (length > LINE_USUAL ? "\r\n\t" : " ") + address;
  }

  /// What stands before the brackets of an only author, as a field may have it.
  private static String name(String text) {
    String name = written(text);
    if (isPlain(text) || name.isEmpty() || text.length() > TEXT_MAX) {
      return isPlain(text) ? name : "";
    }
    String meant = unquoted(name);
    boolean readable = meant.chars().noneMatch(c -> c < ' ' || c == 127 || c == UNREADABLE);
    return readable && !meant.contains("=?") ? encoded(meant) : "";
  }

  /// No line is longer than an encoded word may make it (RFC 2047 2): the first one is told what
  /// stands before it in the longer of both fields.
  private static String encoded(String name) {
    return EncoderUtil.encodeEncodedWord(
            name,
            EncoderUtil.Usage.WORD_ENTITY,
            "Reply-To: ".length(),
            StandardCharsets.UTF_8,
            null)
        .replace("?= =?", "?=\r\n\t=?");
  }

  private static String unquoted(String name) {
    var meant = new StringBuilder(name.length());
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '\\' && i + 1 < name.length()) {
        meant.append(name.charAt(++i));
      } else if (c != '"') {
        meant.append(c);
      }
    }
    return meant.toString().strip();
  }

  private static String written(String text) {
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
