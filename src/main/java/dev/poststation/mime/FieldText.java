package dev.poststation.mime;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.james.mime4j.codec.DecodeMonitor;
import org.apache.james.mime4j.codec.DecoderUtil;

/// What stands in a field with parameters, such as Content-Type: RFC 2045 5.1. A parameter is what
/// stands there, one octet per character, without its quotes: mail programs find the parts of a
/// mail by exactly that. Immutable, safe for any thread.
///
/// Names with `*` are put together as RFC 2231 says, and names of files are decoded further: as
/// UTF-8, and from encoded words (RFC 2047), which do not belong there and are often met.
///
/// @param value in front of the parameters, in lower case
/// @param parameters by name in lower case, the first one of each; where one stands there plainly
///   and by RFC 2231, too, the other one is that of the name with `*` behind it
public record FieldText(String value, Map<String, String> parameters) {
  static final FieldText NONE = new FieldText("", Map.of());

  /// Of which people read the text.
  private static final Set<String> FILE_NAMES = Set.of("name", "filename");

  public FieldText {
    parameters = Map.copyOf(parameters);
  }

  /// Reads it.
  ///
  /// @param text what stands behind the colon, one octet per character (ISO 8859-1)
  public static FieldText of(String text) {
    var reader = new FieldReader(text);
    String value = reader.value();
    Map<String, String> parameters = new TreeMap<>();
    Map<String, Sections> divided = new TreeMap<>();
    for (String key = reader.name(); !key.isEmpty(); key = reader.name()) {
      int star = key.indexOf('*');
      String name = star < 0 ? key : key.substring(0, star);
      String words = FILE_NAMES.contains(name) ? reader.all() : reader.word();
      if (star < 0) {
        parameters.putIfAbsent(name, read(name, words));
      } else {
        divided.computeIfAbsent(name, _ -> new Sections()).add(key.substring(star + 1), words);
      }
    }
    divided.forEach(
        (name, sections) -> {
          String key = parameters.containsKey(name) ? name + "*" : name;
          sections
              .text()
              .ifPresent(
                  told -> parameters.put(key, sections.isEncoded() ? told : read(name, told)));
        });
    return new FieldText(value, parameters);
  }

  private static String read(String name, String value) {
    return FILE_NAMES.contains(name) ? readable(value) : value;
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
  static String characters(String text) {
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
