package dev.poststation.archive;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poststation.os.Disk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/// From where to where the chain of an archive goes: what stands in `chain.json`. Immutable.
///
/// @param first the number of the first entry that has not been removed for its age
/// @param before the hash of the entry before that one
/// @param last the number of the last entry; one less than `first` when there is none
/// @param hash of the last entry
public record Chain(long first, String before, long last, String hash) {
  static final Chain EMPTY = new Chain(1, Hashes.NOTHING, 0, Hashes.NOTHING);

  static final String FILE = "chain.json";

  private static final ObjectMapper MAPPER = new ObjectMapper();

  /// With one more entry.
  Chain with(String hashOfIt) {
    return new Chain(first, before, last + 1, hashOfIt);
  }

  /// Without its first entry.
  Chain without(String hashOfIt) {
    return new Chain(first + 1, hashOfIt, last, hash);
  }

  /// That of an archive; empty: it has none.
  ///
  /// @throws IOException when it cannot be read
  static Optional<Chain> read(Disk disk, Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    if (disk.identity(file).isEmpty()) {
      return Optional.empty();
    }
    try {
      var json = MAPPER.readTree(new String(disk.read(file), StandardCharsets.UTF_8));
      var chain =
          new Chain(
              json.path("first").asLong(),
              json.path("before").asText(),
              json.path("last").asLong(-1),
              json.path("hash").asText());
      if (chain.isPossible()) {
        return Optional.of(chain);
      }
    } catch (JsonProcessingException _) {
      // Said below.
    }
    throw new IOException(file + " cannot be read: somebody has changed it");
  }

  /// A chain that were taken for an empty one would make strangers of all its entries.
  private boolean isPossible() {
    return first > 0 && last >= first - 1 && Hashes.is(before) && Hashes.is(hash);
  }

  void write(Disk disk, Path directory) throws IOException {
    var json = MAPPER.createObjectNode();
    json.put("first", first).put("before", before).put("last", last).put("hash", hash);
    byte[] octets = (json + "\n").getBytes(StandardCharsets.UTF_8);
    disk.replace(directory.resolve(FILE), octets, true);
  }
}
