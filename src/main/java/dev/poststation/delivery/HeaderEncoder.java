package dev.poststation.delivery;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Set;

/// Makes header fields with raw octets above 127 fit for a next hop of seven bits: encoded words
/// (RFC 2047) in text and in the names before addresses, extended parameters (RFC 2231) in
/// Content-Type and Content-Disposition. In any other structured field, and within an address, such
/// octets cannot be expressed: they stay, as they came. Strings hold one octet per character. Used
/// once per field; confined to one thread.
final class HeaderEncoder {
  private static final Set<String> ADDRESSES =
      Set.of(
          "from",
          "sender",
          "reply-to",
          "to",
          "cc",
          "bcc",
          "resent-from",
          "resent-sender",
          "resent-reply-to",
          "resent-to",
          "resent-cc",
          "resent-bcc",
          "disposition-notification-to");
  private static final Set<String> PARAMETERS = Set.of("content-type", "content-disposition");
  private static final Set<String> OTHERS =
      Set.of(
          "received",
          "return-path",
          "message-id",
          "in-reply-to",
          "references",
          "date",
          "resent-date",
          "resent-message-id",
          "mime-version",
          "content-transfer-encoding",
          "content-id",
          "dkim-signature",
          "arc-seal",
          "arc-message-signature",
          "arc-authentication-results",
          "authentication-results",
          "list-id",
          "list-unsubscribe",
          "list-post",
          "list-help",
          "list-archive",
          "list-owner",
          "list-subscribe",
          "autocrypt",
          "");

  /// An encoded word has at most 75 characters: these are the octets that fit with the longer
  /// charset name.
  private static final int WORD_OCTETS = 42;

  private final String field;
  private final String charset;
  private final StringBuilder out;
  private int at;

  private HeaderEncoder(String field) {
    this.field = field;
    var check = new Utf8Check();
    byte[] octets = field.getBytes(StandardCharsets.ISO_8859_1);
    check.add(octets, 0, octets.length);
    this.charset = check.valid() ? "utf-8" : "unknown-8bit"; // RFC 1428 3.
    this.out = new StringBuilder(field.length() * 2);
  }

  /// Encodes a field.
  ///
  /// @param name in lower case
  /// @param raw with name, colon, and line ends
  static String encode(String name, String raw) {
    if (OTHERS.contains(name)) {
      return raw;
    }
    var encoder = new HeaderEncoder(raw);
    encoder.at = raw.indexOf(':') + 1;
    encoder.out.append(raw, 0, encoder.at);
    if (PARAMETERS.contains(name)) {
      encoder.encodeParameters();
    } else {
      encoder.encodeWords(ADDRESSES.contains(name));
    }
    return encoder.out.toString();
  }

  /// Goes from word to word; white space and folding stay as they are. What stands between two
  /// encoded words would be lost (RFC 2047 6.2): so the second one has it within.
  private void encodeWords(boolean addresses) {
    boolean afterEncoded = false;
    String gap = "";
    while (at < field.length()) {
      int start = at;
      char c = field.charAt(at);
      if (isSpace(c)) {
        while (at < field.length() && isSpace(field.charAt(at))) {
          at++;
        }
        out.append(field, start, at);
        gap = field.substring(start, at).replace("\r\n", "");
        continue;
      }
      boolean quoted = addresses && c == '"';
      at = wordEnd(addresses, c);
      String word = field.substring(start, at);
      if (WireAddress.isAscii(word) || !isEncodable(addresses, word, c)) {
        out.append(word);
        afterEncoded = false;
        gap = "";
        continue;
      }
      boolean comment = addresses && c == '(';
      String text = quoted || comment ? unescape(word.substring(1, word.length() - 1)) : word;
      out.append(comment ? "(" : "");
      putEncoded(afterEncoded && !comment ? gap + text : text);
      out.append(comment ? ")" : "");
      afterEncoded = !comment;
      gap = "";
    }
  }

  private int wordEnd(boolean addresses, char first) {
    int end = at + 1;
    if (!addresses) {
      while (end < field.length() && !isSpace(field.charAt(end))) {
        end++;
      }
      return end;
    }
    char closing = first == '"' ? '"' : first == '(' ? ')' : first == '<' ? '>' : 0;
    if (closing != 0) {
      while (end < field.length() && field.charAt(end) != closing) {
        end += field.charAt(end) == '\\' ? 2 : 1;
      }
      return Math.min(end + 1, field.length());
    }
    if (first == ',' || first == ';' || first == ':') {
      return end;
    }
    while (end < field.length()
        && !isSpace(field.charAt(end))
        && "\"(<,;:".indexOf(field.charAt(end)) < 0) {
      end++;
    }
    return end;
  }

  private boolean isEncodable(boolean addresses, String word, char first) {
    if (!addresses) {
      return true;
    }
    if (first == '"' || first == '(') {
      char closing = first == '"' ? '"' : ')';
      boolean localPart = at < field.length() && field.charAt(at) == '@';
      return word.length() > 1 && word.charAt(word.length() - 1) == closing && !localPart;
    }
    return first != '<' && word.indexOf('@') < 0;
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
  }

  private static String unescape(String text) {
    if (text.indexOf('\\') < 0) {
      return text;
    }
    var plain = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) == '\\' && i + 1 < text.length()) {
        i++;
      }
      plain.append(text.charAt(i));
    }
    return plain.toString();
  }

  private void putEncoded(String text) {
    int start = 0;
    while (start < text.length()) {
      int end = Math.min(start + WORD_OCTETS, text.length());
      if (charset.equals("utf-8")) {
        // A character is not divided (RFC 2047 5).
        while (end < text.length() && (text.charAt(end) & 0xc0) == 0x80) {
          end--;
        }
      }
      byte[] octets = text.substring(start, end).getBytes(StandardCharsets.ISO_8859_1);
      out.append(start == 0 ? "" : "\r\n ");
      out.append("=?").append(charset).append("?B?");
      out.append(Base64.getEncoder().encodeToString(octets)).append("?=");
      start = end;
    }
  }

  /// `name="…"` becomes `name*=utf-8''…` (RFC 2231 4) where the value is not ASCII.
  private void encodeParameters() {
    while (at < field.length()) {
      int start = at;
      int equals = field.indexOf('=', at);
      int value = equals + 1;
      if (equals < 0) {
        out.append(field, start, field.length());
        return;
      }
      boolean quoted = value < field.length() && field.charAt(value) == '"';
      int end = value + 1;
      if (quoted) {
        while (end < field.length() && field.charAt(end) != '"') {
          end += field.charAt(end) == '\\' ? 2 : 1;
        }
        end = Math.min(end + 1, field.length());
      } else {
        while (end < field.length() && field.charAt(end) != ';' && !isSpace(field.charAt(end))) {
          end++;
        }
        end = Math.min(end, field.length());
      }
      String text = field.substring(Math.min(value, end), end);
      if (WireAddress.isAscii(text)) {
        out.append(field, start, end);
      } else {
        String plain =
            quoted && text.length() > 1 ? unescape(text.substring(1, text.length() - 1)) : text;
        out.append(field, start, equals);
        putExtended(plain);
      }
      at = end;
    }
  }

  private void putExtended(String text) {
    out.append("*=").append(charset).append("''");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if ((c >= '0' && c <= '9')
          || (c >= 'A' && c <= 'Z')
          || (c >= 'a' && c <= 'z')
          || c == '.'
          || c == '-'
          || c == '_') {
        out.append(c);
      } else {
        out.append('%')
            .append(Character.forDigit((c >> 4) & 15, 16))
            .append(Character.forDigit(c & 15, 16));
      }
    }
  }
}
