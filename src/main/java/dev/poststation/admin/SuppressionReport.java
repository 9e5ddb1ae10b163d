package dev.poststation.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.policy.Suppressed;
import java.util.List;

/// Says in JSON which recipients are on the suppression list. Pure functions.
final class SuppressionReport {
  private SuppressionReport() {}

  /// As `suppressed`.
  static ObjectNode add(ObjectNode answer, List<Suppressed> entries) {
    var array = answer.putArray("suppressed");
    for (var entry : entries) {
      var each = array.addObject();
      each.put("address", entry.address());
      each.put("client", entry.client());
      Json.time(each, "since", entry.since());
      Json.time(each, "until", entry.until());
      each.put("category", entry.category());
      each.put("text", entry.text());
    }
    return answer;
  }
}
