package dev.poststation.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.policy.Outbreak;
import java.util.List;

/// Says in JSON which outbreaks go on, and which were lifted. Pure functions.
public final class OutbreakReport {
  private OutbreakReport() {}

  /// As `outbreaks`.
  public static ObjectNode of(List<Outbreak> outbreaks) {
    var answer = Json.object();
    var array = answer.putArray("outbreaks");
    for (var outbreak : outbreaks) {
      var each = array.addObject();
      each.put("kind", outbreak.kind());
      each.put("name", outbreak.name());
      each.put("client", outbreak.client());
      each.put("action", outbreak.action().word());
      Json.time(each, "since", outbreak.since());
      Json.time(each, "until", outbreak.until());
      each.put("reason", outbreak.reason());
    }
    return answer;
  }
}
