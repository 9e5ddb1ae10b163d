package dev.poststation.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// JSON, written and read by hand: what the API says is in the code that says it. Safe for any
/// thread.
final class Json {
  private static final ObjectMapper MAPPER =
      new ObjectMapper()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION.mappedFeature());

  private Json() {}

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  /// A constant as it is written in the configuration.
  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static ArrayNode texts(List<String> texts) {
    var array = JsonNodeFactory.instance.arrayNode(texts.size());
    texts.forEach(array::add);
    return array;
  }

  /// A time, as exact as in the log; null where there is none.
  static void time(ObjectNode in, String name, @Nullable Instant time) {
    in.put(name, time == null ? null : time.truncatedTo(ChronoUnit.MILLIS).toString());
  }

  static JsonNode parse(String text) {
    try {
      return MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The body of a request, which must be an object.
  static ObjectNode body(String text) {
    try {
      if (MAPPER.readTree(text) instanceof ObjectNode object) {
        return object;
      }
    } catch (JsonProcessingException _) {
      // Said below.
    }
    throw Refusal.badRequest("The body is no JSON object.");
  }

  /// A text of a request; empty when it is missing.
  static Optional<String> text(ObjectNode in, String name) {
    var value = in.get(name);
    if (value == null || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isTextual()) {
      throw Refusal.badRequest("\"" + name + "\" is no text.");
    }
    return Optional.of(value.textValue());
  }

  /// A flag of a request; false when it is missing.
  static boolean flag(ObjectNode in, String name) {
    var value = in.get(name);
    if (value != null && !value.isBoolean()) {
      throw Refusal.badRequest("\"" + name + "\" is neither true nor false.");
    }
    return value != null && value.booleanValue();
  }
}
