package dev.poststation.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.config.ClientRule;
import dev.poststation.policy.ClientUse.Use;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;

/// Says in JSON what entries `clients` has, and when each was last of use. Pure functions.
public final class ClientReport {
  private ClientReport() {}

  /// As `clients`, in the order of the file.
  ///
  /// @param uses by names
  public static ObjectNode of(List<ClientRule> rules, Map<String, Use> uses, Instant now) {
    var answer = Json.object();
    var array = answer.putArray("clients");
    var today = now.atZone(ZoneId.systemDefault()).toLocalDate();
    for (var rule : rules) {
      var each = array.addObject();
      var expires = rule.when().expires();
      var use = uses.get(rule.name());
      each.put("name", rule.name());
      each.put("origin", rule.origin().text());
      each.put("zone", rule.zone());
      each.put("owner", rule.owner());
      each.put("comment", rule.comment());
      each.put("expires", expires == null ? null : expires.toString());
      each.put("expired", expires != null && today.isAfter(expires));
      Json.time(each, "since", use == null ? null : use.since());
      Json.time(each, "lastUsed", use == null ? null : use.last());
      Json.time(each, "lastInClear", use == null ? null : use.clear());
    }
    return answer;
  }
}
