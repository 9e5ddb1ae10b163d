package dev.poststation.disclaimer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.poststation.message.HeaderFields;
import java.io.ByteArrayOutputStream;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Changes of the fields that say how a body is written. All other octets of the header stay. Pure
/// functions.
final class FieldChanges {
  private static final String TYPE = "content-type";
  private static final String ENCODING = "content-transfer-encoding";

  /// A quoted text, which is passed over, or the parameter.
  private static final Pattern CHARSET =
      Pattern.compile(
          "(;[ \\t\\r\\n]*charset\\*?[ \\t]*=[ \\t]*)(\"(?:[^\"\\\\]|\\\\.)*+\"|[^\\s;\"]*+)"
              + "|\"(?:[^\"\\\\]|\\\\.)*+\"",
          Pattern.CASE_INSENSITIVE);

  private static final Pattern VALUE = Pattern.compile("[ \\t\\r\\n]*[^\\s;(]+");

  private FieldChanges() {}

  /// The header with `charset=utf-8`.
  static byte[] withUtf8(byte[] header) {
    var type = field(header, TYPE);
    if (type.isEmpty()) {
      String mime = field(header, "mime-version").isEmpty() ? "MIME-Version: 1.0\r\n" : "";
      return added(header, mime + "Content-Type: text/plain; charset=utf-8\r\n");
    }
    int from = type.get().value();
    String text = type.get().raw(header);
    Matcher found = CHARSET.matcher(text);
    while (found.find()) {
      if (found.group(1) != null) {
        String parameter = found.group(1).replace("*", "");
        return edited(header, from + found.start(), from + found.end(), parameter + "utf-8");
      }
    }
    Matcher value = VALUE.matcher(text);
    int at = from + (value.lookingAt() ? value.end() : 0);
    return edited(header, at, at, "; charset=utf-8");
  }

  /// The header with another Content-Transfer-Encoding.
  static byte[] withEncoding(byte[] header, String encoding) {
    var field = field(header, ENCODING);
    if (field.isPresent()) {
      return edited(header, field.get().value(), field.get().end(), " " + encoding + "\r\n");
    }
    boolean mime = field(header, "mime-version").isPresent() || field(header, TYPE).isPresent();
    String version = mime ? "" : "MIME-Version: 1.0\r\n";
    return added(header, version + "Content-Transfer-Encoding: " + encoding + "\r\n");
  }

  private static Optional<HeaderFields.Field> field(byte[] header, String name) {
    return HeaderFields.of(header, true).fields().stream()
        .filter(field -> field.name().equals(name))
        .findFirst();
  }

  /// Behind Content-Type, or in front of the last field: a header need not end with a line end.
  private static byte[] added(byte[] header, String fields) {
    var all = HeaderFields.of(header, true).fields();
    int at = all.isEmpty() ? 0 : all.getLast().start();
    return edited(header, at, at, fields);
  }

  private static byte[] edited(byte[] header, int start, int end, String text) {
    var edited = new ByteArrayOutputStream(header.length + text.length());
    edited.write(header, 0, start);
    edited.writeBytes(text.getBytes(ISO_8859_1));
    edited.write(header, end, header.length - end);
    return edited.toByteArray();
  }
}
