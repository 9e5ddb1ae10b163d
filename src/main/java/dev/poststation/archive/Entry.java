package dev.poststation.archive;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// A mail of the archive: what stands in its `.json`. Immutable.
///
/// @param number its place in the chain; the first is 1
/// @param previous the hash of the `.json` of the entry before
/// @param archived when
/// @param octets of its `.eml`
/// @param sha256 of its `.eml`
public record Entry(
    long number, String previous, Instant archived, long octets, String sha256, About about) {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /// Its file, as it is hashed.
  byte[] json() {
    ObjectNode json = MAPPER.createObjectNode();
    json.put("entry", number);
    json.put("previous", previous);
    describe(json, archived, octets, sha256, about);
    return (json + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /// What is told of every mail, wherever it lies.
  static void describe(ObjectNode json, Instant archived, long octets, String sha256, About about) {
    json.put("archived", archived.toString());
    json.put("octets", octets);
    json.put("sha256", sha256);
    json.put("id", about.id());
    json.put("service", about.service());
    json.put("copy", about.copy());
    json.put("direction", about.direction());
    json.put("sender", about.sender());
    texts(json.putArray("recipients"), about.recipients());
    texts(json.putArray("unnamed"), about.unnamed());
    json.put("client", about.client());
    json.put("address", about.address());
    json.put("hello", about.hello());
    json.put("protocol", about.protocol());
    json.put("user", about.user());
    json.put("messageId", about.messageId());
    json.put("subject", about.subject());
    json.put("date", about.date());
  }

  private static void texts(ArrayNode into, List<String> texts) {
    texts.forEach(into::add);
  }

  /// Reads a file.
  ///
  /// @throws IOException when it is none of an entry; the message is a clause
  static Entry of(byte[] octets) throws IOException {
    JsonNode json;
    try {
      json = MAPPER.readTree(new String(octets, StandardCharsets.UTF_8));
      return new Entry(
          json.path("entry").asLong(),
          json.path("previous").asText(),
          Instant.parse(json.path("archived").asText()),
          json.path("octets").asLong(),
          json.path("sha256").asText(),
          about(json));
    } catch (JsonProcessingException | DateTimeException _) {
      throw new IOException("it cannot be read");
    }
  }

  private static About about(JsonNode json) {
    return new About(
        json.path("id").asText(),
        json.path("service").asText(),
        json.path("copy").asText(),
        json.path("sender").asText(),
        texts(json.path("recipients")),
        texts(json.path("unnamed")),
        json.path("client").asText(),
        json.path("address").asText(),
        json.path("hello").asText(),
        json.path("protocol").asText(),
        json.path("user").asText(),
        json.path("direction").asText(),
        json.path("messageId").asText(),
        json.path("subject").asText(),
        json.path("date").asText());
  }

  private static List<String> texts(JsonNode array) {
    List<String> all = new ArrayList<>(array.size());
    array.forEach(each -> all.add(each.asText()));
    return all;
  }
}
