package dev.poststation.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.poststation.archive.Archive;
import dev.poststation.archive.Bucket;
import java.util.List;

/// How archives are, as JSON. A pure function.
final class ArchiveReport {
  private ArchiveReport() {}

  static ArrayNode of(List<Archive.Standing> archives) {
    var all = JsonNodeFactory.instance.arrayNode();
    for (var each : archives) {
      var entry = all.addObject().put("directory", each.directory().toString());
      entry.put("first", each.first()).put("last", each.last());
      Json.time(entry, "lastAt", each.lastAt());
      entry.put("added", each.added()).put("held", each.held());
      entry.put("usableOctets", each.usable()).put("problem", each.problem());
    }
    return all;
  }

  static ArrayNode ofBuckets(List<Bucket.Standing> buckets) {
    var all = JsonNodeFactory.instance.arrayNode();
    for (var each : buckets) {
      Json.time(all.addObject().put("bucket", each.bucket()), "lastAt", each.lastAt());
    }
    return all;
  }
}
