package dev.poststation.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.poststation.dkim.KeyRecord;
import dev.poststation.dkim.KeyWatch;
import java.util.List;

/// The keys of DKIM as JSON. Pure functions.
final class DkimReport {
  private DkimReport() {}

  static ArrayNode of(List<KeyWatch.Standing> standings) {
    var all = Json.object().putArray("dkim");
    for (var standing : standings) {
      var entry = standing.held().entry();
      var json = all.addObject();
      json.put("domain", standing.domain().domain());
      json.put("selector", entry.selector());
      json.put("algorithm", entry.algorithm().word());
      json.put("state", entry.state().word());
      Json.time(json, "since", entry.since().orElse(null));
      json.put("dns", standing.found().map(DkimReport::word).orElse("unknown"));
      json.put("problem", standing.held().problem());
    }
    return all;
  }

  private static String word(KeyRecord.Found found) {
    return switch (found) {
      case KeyRecord.Found.Same _ -> "published";
      case KeyRecord.Found.Missing _ -> "missing";
      case KeyRecord.Found.Different _ -> "different";
      case KeyRecord.Found.Unknown _ -> "unknown";
    };
  }
}
