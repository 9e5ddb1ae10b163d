package dev.poststation.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.sts.Policies;
import java.util.List;

/// The policies of MTA-STS that are kept, as JSON. Pure functions.
final class PolicyReport {
  private PolicyReport() {}

  /// All of them.
  static ObjectNode of(List<Policies.Found.Policy> policies) {
    var answer = Json.object();
    var list = answer.putArray("policies");
    for (var each : policies) {
      var entry = list.addObject();
      entry.put("domain", each.domain());
      entry.put("mode", each.policy().mode().word());
      entry.set("mx", Json.texts(each.policy().mx()));
      entry.put("id", each.id());
      entry.put("fetched", each.at().toString());
      entry.put("until", each.until().toString());
      entry.put("problem", each.problem());
    }
    return answer;
  }
}
