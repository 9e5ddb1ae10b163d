package dev.poststation.backup;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// What a backup has to be: the file `backup.json` in it, written last. Immutable.
///
/// @param about when and of what it was made
/// @param files all that belong to it, but for this one
public record Manifest(About about, List<Entry> files) {
  /// Its name in a backup.
  public static final String FILE = "backup.json";

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]*");

  public Manifest {
    files = List.copyOf(files);
  }

  /// When and of what a backup was made.
  ///
  /// @param program the version of Poststation that made it
  /// @param format of the spool
  /// @param made when
  /// @param data of which directory
  /// @param running whether the relay was running
  /// @param mails in it, about; negative: nobody counted
  public record About(
      String program, int format, Instant made, String data, boolean running, long mails) {}

  /// A file of a backup.
  ///
  /// @param name relative to the backup, with `/`
  /// @param sha256 in hexadecimal digits
  public record Entry(String name, long octets, String sha256) {}

  /// Octets of all files.
  public long octets() {
    return files.stream().mapToLong(Entry::octets).sum();
  }

  /// Whether a file of a backup may have this name: nothing leads out of the directory.
  static boolean isName(String name) {
    for (String part : name.split("/", -1)) {
      if (!NAME.matcher(part).matches()) {
        return false;
      }
    }
    return !name.equals(FILE);
  }

  /// As people and programs read it.
  public ObjectNode json() {
    var json = JsonNodeFactory.instance.objectNode();
    json.put("program", about.program());
    json.put("format", about.format());
    json.put("made", about.made().truncatedTo(ChronoUnit.MILLIS).toString());
    json.put("data", about.data());
    json.put("running", about.running());
    if (about.mails() >= 0) {
      json.put("mails", about.mails());
    }
    var list = json.putArray("files");
    for (Entry file : files) {
      list.addObject()
          .put("name", file.name())
          .put("octets", file.octets())
          .put("sha256", file.sha256());
    }
    return json;
  }

  byte[] encode() {
    try {
      return (JSON.writeValueAsString(json()) + "\n").getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Reads what `encode` wrote.
  ///
  /// @throws IOException when it is something else; the message is a clause
  static Manifest decode(byte[] text) throws IOException {
    try {
      JsonNode json = JSON.readTree(new String(text, StandardCharsets.UTF_8));
      var about =
          new About(
              required(json, "program").asText(),
              required(json, "format").asInt(),
              Instant.parse(required(json, "made").asText()),
              required(json, "data").asText(),
              required(json, "running").asBoolean(),
              json.path("mails").asLong(-1));
      List<Entry> files = new ArrayList<>();
      for (JsonNode file : required(json, "files")) {
        String name = required(file, "name").asText();
        if (!isName(name)) {
          throw new IOException("\"" + name + "\" is no name of a file of a backup");
        }
        files.add(
            new Entry(name, required(file, "octets").asLong(), required(file, "sha256").asText()));
      }
      return new Manifest(about, files);
    } catch (JsonProcessingException | DateTimeException e) {
      throw new IOException("it is cut off or was changed", e);
    }
  }

  private static JsonNode required(JsonNode in, String name) throws IOException {
    var value = in.get(name);
    if (value == null) {
      throw new IOException("\"" + name + "\" is missing");
    }
    return value;
  }
}
