package dev.poststation.mime;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.james.mime4j.codec.DecodeMonitor;
import org.apache.james.mime4j.codec.DecoderUtil;
import org.apache.james.mime4j.stream.ParserCursor;
import org.apache.james.mime4j.stream.RawFieldParser;
import org.apache.james.mime4j.util.ContentUtil;
import org.apache.james.mime4j.util.MimeParameterMapping;

/// What stands in a field with parameters, such as Content-Type: RFC 2045 5.1, with the parameters
/// of RFC 2231 put together, and encoded words (RFC 2047), which do not belong there and are often
/// met, decoded. Immutable.
///
/// @param value in front of the parameters, in lower case
/// @param parameters by name in lower case
public record FieldText(String value, Map<String, String> parameters) {
  static final FieldText NONE = new FieldText("", Map.of());

  public FieldText {
    parameters = Map.copyOf(parameters);
  }

  /// Reads it.
  ///
  /// @param text what stands behind the colon, one octet per character (ISO 8859-1)
  public static FieldText of(String text) {
    var octets = ContentUtil.encode(UTF_8, characters(text)); // As the library takes them.
    var body = RawFieldParser.DEFAULT.parseRawBody(octets, new ParserCursor(0, octets.length()));
    var together = new MimeParameterMapping();
    for (var pair : body.getParams()) {
      String value = pair.getValue();
      together.addParameter(pair.getName().toLowerCase(Locale.ROOT), value == null ? "" : value);
    }
    Map<String, String> parameters = new TreeMap<>();
    together.getParameters().forEach((name, value) -> parameters.put(name, readable(value)));
    String value = body.getValue();
    return new FieldText(value == null ? "" : value.strip().toLowerCase(Locale.ROOT), parameters);
  }

  /// A parameter.
  ///
  /// @param name in lower case
  public Optional<String> parameter(String name) {
    return Optional.ofNullable(parameters.get(name));
  }

  /// As people read it: encoded words decoded, octets above 127 as UTF-8 where they are that.
  static String readable(String text) {
    String characters = characters(text);
    return characters.contains("=?")
        ? DecoderUtil.decodeEncodedWords(characters, DecodeMonitor.SILENT)
        : characters;
  }

  /// Octets above 127 as UTF-8 where they are that, as ISO 8859-1 otherwise.
  private static String characters(String text) {
    if (text.chars().anyMatch(c -> c > 127) && text.chars().allMatch(c -> c < 256)) {
      try {
        var octets = ByteBuffer.wrap(text.getBytes(ISO_8859_1));
        return UTF_8.newDecoder().decode(octets).toString();
      } catch (CharacterCodingException _) {
        return text;
      }
    }
    return text;
  }
}
