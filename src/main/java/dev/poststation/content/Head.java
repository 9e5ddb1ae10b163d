package dev.poststation.content;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The beginning of an answer in HTTP (RFC 9112), or in what is made like it: a line with a status,
/// and fields. Immutable.
///
/// @param status the number behind the first word
/// @param line the first line
/// @param fields by their names in lower case; of several, the first
record Head(int status, String line, Map<String, String> fields) {
  private static final int FIELDS_MAX = 200;
  private static final int CHUNK_MAX = 4 * 1024 * 1024;
  private static final Pattern STATUS = Pattern.compile("[^ ]+ +([0-9]{1,4})(?: |$)");
  private static final Pattern LENGTH = Pattern.compile("[0-9A-Fa-f]{1,7}");
  private static final Pattern CONTROL = Pattern.compile("[\\x00-\\x1f\\x7f]");

  Head {
    fields = Map.copyOf(fields);
  }

  /// Reads one.
  ///
  /// @param protocol how its first line begins
  static Head read(Wire wire, String protocol) throws IOException {
    String line = wire.line();
    return fields(wire, line, status(line, protocol));
  }

  /// Reads the one of somebody who has seen enough of a request, answers, and does not read on.
  ///
  /// @param failed why no more of the request could be written
  static Head early(Wire wire, String protocol, IOException failed) throws IOException {
    try {
      return read(wire, protocol);
    } catch (IOException e) {
      failed.addSuppressed(e);
      throw failed;
    }
  }

  /// The status in a first line.
  ///
  /// @param protocol how it begins
  static int status(String line, String protocol) throws IOException {
    var words = STATUS.matcher(line);
    if (!words.lookingAt() || !line.startsWith(protocol)) {
      throw new IOException("it does not answer in " + protocol);
    }
    return Integer.parseInt(words.group(1));
  }

  /// Reads the fields behind a first line.
  static Head fields(Wire wire, String line, int status) throws IOException {
    Map<String, String> fields = new HashMap<>();
    String last = "";
    for (int i = 0; ; i++) {
      String field = wire.line();
      if (field.isEmpty()) {
        return new Head(status, line, fields);
      }
      if (i == FIELDS_MAX) {
        throw new IOException("its answer has too many fields");
      }
      int colon = field.indexOf(':');
      if (field.startsWith(" ") || field.startsWith("\t")) {
        fields.computeIfPresent(last, (_, value) -> (value + " " + field.strip()).strip());
      } else if (colon > 0) {
        last = field.substring(0, colon).strip().toLowerCase(Locale.ROOT);
        fields.putIfAbsent(last, field.substring(colon + 1).strip());
      }
    }
  }

  @Nullable String field(String name) {
    return fields.get(name);
  }

  /// The body that follows it: chunked, counted, or up to the end of the connection.
  ///
  /// @param most octets
  byte[] body(Wire wire, int most) throws IOException {
    String coding = fields.getOrDefault("transfer-encoding", "");
    if (coding.equalsIgnoreCase("chunked")) {
      return chunked(wire, most);
    }
    var length = fields.get("content-length");
    if (length == null) {
      return wire.rest(most);
    }
    if (!length.matches("[0-9]{1,9}") || Integer.parseInt(length) > most) {
      throw new IOException("its answer is too long");
    }
    return wire.exactly(Integer.parseInt(length));
  }

  /// Chunks up to the last one.
  ///
  /// @param most octets
  static byte[] chunked(Wire wire, int most) throws IOException {
    var body = new ByteArrayOutputStream();
    while (true) {
      byte[] chunk = chunk(wire);
      if (chunk.length == 0) {
        return body.toByteArray();
      }
      if (body.size() + chunk.length > most) {
        throw new IOException("its answer is too long");
      }
      body.writeBytes(chunk);
    }
  }

  /// A chunk, behind its length (RFC 9112 7.1); an empty one is the last.
  static byte[] chunk(Wire wire) throws IOException {
    String size = wire.line().split(";", 2)[0].strip();
    if (!LENGTH.matcher(size).matches()) {
      throw new IOException("its answer has a chunk without a length");
    }
    int count = Integer.parseInt(size, 16);
    if (count > CHUNK_MAX) {
      throw new IOException("its answer is too long");
    }
    byte[] chunk = wire.exactly(count);
    if (count > 0) {
      wire.line();
    } else {
      while (!wire.line().isEmpty()) {} // Trailers.
    }
    return chunk;
  }

  /// A text that goes into one line of a request: nobody begins another line with it.
  static String oneLine(String text) {
    return CONTROL.matcher(text).replaceAll("?");
  }
}
