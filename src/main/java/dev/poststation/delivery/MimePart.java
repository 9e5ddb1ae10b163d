package dev.poststation.delivery;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.james.mime4j.stream.NameValuePair;
import org.apache.james.mime4j.stream.RawBody;
import org.apache.james.mime4j.stream.RawFieldParser;
import org.apache.james.mime4j.util.ContentUtil;
import org.jspecify.annotations.Nullable;

/// One part of a mail (RFC 2045): its header, and what follows from it for the body. Confined to
/// one thread.
final class MimePart {
  /// What the body is.
  enum Kind {
    /// Content that can be encoded.
    LEAF,
    /// Parts between delimiters.
    MULTIPART,
    /// A message: header and body once more.
    MESSAGE,
    /// What nobody may touch: signed content (RFC 1847 2.1), or a type that must stay 7bit (RFC
    /// 2046 5.2).
    OPAQUE
  }

  /// A field with its line ends; a line that is no field has the name "".
  record Field(String name, String raw) {}

  private final int number;
  private final boolean message;
  private final boolean blankLine;
  private final List<Field> fields;
  private final Kind kind;
  private final String type;
  private final String encoding;
  private final boolean labelled;
  private final @Nullable String boundary;

  /// @param header its octets, one per character (ISO 8859-1), with the line ends, without the
  ///   empty line
  /// @param message whether this is the header of a message, not of a part of a multipart
  /// @param digest whether a part without type is a message (RFC 2046 5.1.5)
  /// @param blankLine whether an empty line stands between header and body, as it should
  MimePart(int number, String header, boolean message, boolean digest, boolean blankLine) {
    this.number = number;
    this.message = message;
    this.blankLine = blankLine;
    this.fields = split(header);
    RawBody contentType = body("content-type");
    RawBody transfer = body("content-transfer-encoding");
    this.labelled = contentType != null;
    this.encoding = transfer == null ? "7bit" : transfer.getValue().trim().toLowerCase(Locale.ROOT);
    String unlabelled = digest ? "message/rfc822" : "text/plain";
    this.type =
        contentType == null ? unlabelled : contentType.getValue().trim().toLowerCase(Locale.ROOT);
    this.boundary = contentType == null ? null : parameter(contentType, "boundary");
    this.kind = classify();
  }

  private static List<Field> split(String header) {
    List<Field> fields = new ArrayList<>();
    int start = 0;
    while (start < header.length()) {
      int end = start;
      do {
        int newline = header.indexOf("\r\n", end);
        end = newline < 0 ? header.length() : newline + 2;
      } while (end < header.length() && (header.charAt(end) == ' ' || header.charAt(end) == '\t'));
      String raw = header.substring(start, end);
      int colon = raw.indexOf(':');
      fields.add(
          new Field(colon < 0 ? "" : raw.substring(0, colon).trim().toLowerCase(Locale.ROOT), raw));
      start = end;
    }
    return fields;
  }

  private @Nullable RawBody body(String name) {
    for (Field field : fields) {
      if (field.name.equals(name)) {
        var parser = RawFieldParser.DEFAULT;
        String value = field.raw.substring(field.raw.indexOf(':') + 1);
        var octets = ContentUtil.encode(StandardCharsets.ISO_8859_1, value);
        return parser.parseRawBody(
            octets, new org.apache.james.mime4j.stream.ParserCursor(0, octets.length()));
      }
    }
    return null;
  }

  private static @Nullable String parameter(RawBody body, String name) {
    for (NameValuePair pair : body.getParams()) {
      if (pair.getName().equalsIgnoreCase(name)) {
        return pair.getValue();
      }
    }
    return null;
  }

  private Kind classify() {
    boolean plain = encoding.equals("7bit") || encoding.equals("8bit") || encoding.equals("binary");
    if (type.startsWith("multipart/")) {
      // RFC 2045 6.4: a composite type cannot be encoded; what claims so, or has no boundary, is
      // not looked into.
      boolean readable =
          plain && boundary != null && !boundary.isEmpty() && WireAddress.isAscii(boundary);
      return readable && !type.equals("multipart/signed") ? Kind.MULTIPART : Kind.OPAQUE;
    }
    if (type.equals("message/rfc822")) {
      return plain ? Kind.MESSAGE : Kind.OPAQUE;
    }
    boolean sevenBitOnly = type.equals("message/partial") || type.equals("message/external-body");
    return sevenBitOnly ? Kind.OPAQUE : Kind.LEAF;
  }

  /// Its place in the mail, from 0.
  int number() {
    return number;
  }

  boolean message() {
    return message;
  }

  boolean blankLine() {
    return blankLine;
  }

  List<Field> fields() {
    return fields;
  }

  boolean has(String name) {
    return fields.stream().anyMatch(field -> field.name.equals(name));
  }

  Kind kind() {
    return kind;
  }

  /// Such as `text/plain`, in lower case.
  String type() {
    return type;
  }

  /// Content-Transfer-Encoding in lower case; `7bit` where there is none.
  String encoding() {
    return encoding;
  }

  /// Whether there is a Content-Type.
  boolean labelled() {
    return labelled;
  }

  @Nullable String boundary() {
    return boundary;
  }

  /// Whether NUL is in the header, or CR or LF stands alone there.
  boolean binaryHeader() {
    return fields.stream().anyMatch(field -> !field.raw.equals(textOnly(field.raw)));
  }

  /// The same with a space for each NUL and each CR or LF that stands alone: as a line end, it
  /// would make a header that nobody wrote.
  static String textOnly(String text) {
    StringBuilder clean = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean bare =
          c == 0
              || (c == '\r' && (i + 1 == text.length() || text.charAt(i + 1) != '\n'))
              || (c == '\n' && (i == 0 || text.charAt(i - 1) != '\r'));
      if (bare) {
        clean = clean == null ? new StringBuilder(text) : clean;
        clean.setCharAt(i, ' ');
      }
    }
    return clean == null ? text : clean.toString();
  }

  /// Whether the header has octets above 127.
  boolean eightBitHeader() {
    return fields.stream().anyMatch(field -> !WireAddress.isAscii(field.raw));
  }
}
