package dev.poststation.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.Poststation;
import dev.poststation.config.SourceAddress;
import dev.poststation.dns.NumericAddress;
import dev.poststation.os.IpText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The part of the API that is about the addresses of ours that mail leaves from. Pure functions
/// but for what they order.
final class SourceRoutes {
  private static final Set<String> RESTORE = Set.of("address");

  private SourceRoutes() {}

  static ObjectNode restore(Poststation relay, String text) {
    var body = Json.body(text);
    Known.keys(body, RESTORE);
    String written =
        Json.text(body, "address")
            .orElseThrow(() -> Refusal.badRequest("\"address\" is missing: which one is it?"));
    var address =
        NumericAddress.parse(written)
            .orElseThrow(() -> Refusal.badRequest("\"" + written + "\" is no numeric address."));
    String shown = IpText.of(address);
    if (!relay.sources().restore(relay.configuration(), address)) {
      throw Refusal.notFound("No source " + shown + " of a connector is listed anywhere.");
    }
    return Json.object().put("address", shown);
  }

  /// Adds to an explanation which addresses are not used as usual now, and why.
  static ObjectNode told(ObjectNode explanation, Poststation relay) {
    Map<String, SourceAddress> known = new HashMap<>();
    for (var connector : relay.configuration().departing()) {
      connector.egress().sources().forEach(source -> known.put(source.toString(), source));
    }
    for (var entry : explanation.path("connectors")) {
      if (entry instanceof ObjectNode object && object.has("sources")) {
        List<String> sources = new ArrayList<>();
        for (var shown : object.path("sources")) {
          var source = known.get(shown.asText());
          String why = source == null ? "" : relay.sources().view(source).text();
          sources.add(shown.asText() + (why.isEmpty() ? "" : " (" + why + ")"));
        }
        object.set("sources", Json.texts(sources));
      }
    }
    return explanation;
  }
}
