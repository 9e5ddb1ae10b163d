package dev.poststation.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.Poststation;
import dev.poststation.os.Time;
import dev.poststation.policy.Outbreak;
import dev.poststation.policy.Outbreaks;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// The part of the API that is about clients: their entries, and outbreaks. Safe for any thread.
record ClientRoutes(Poststation relay, Time time) {
  private static final Set<String> LIFT = Set.of("name");

  /// Outbreaks that a refusal names.
  private static final int NAMED_MOST = 10;

  ObjectNode list() {
    var rules = relay.configuration().clients();
    return ClientReport.of(rules, relay.clients().uses().now(), time.now());
  }

  ObjectNode outbreaks() {
    return OutbreakReport.of(relay.clients().outbreaks().map(Outbreaks::now).orElse(List.of()));
  }

  ObjectNode lift(String text) {
    var body = Json.body(text);
    Known.keys(body, LIFT);
    String name =
        Json.text(body, "name")
            .orElseThrow(() -> Refusal.badRequest("\"name\" is missing: whose is it?"));
    var lifted = relay.clients().outbreaks().map(all -> all.lift(name)).orElse(List.of());
    if (lifted.isEmpty()) {
      throw Refusal.notFound("There is no outbreak of \"" + name + "\"" + others() + ".");
    }
    return OutbreakReport.of(lifted);
  }

  /// Whoever looks for a user may find that one of its senders is meant.
  private String others() {
    var now = relay.clients().outbreaks().map(Outbreaks::now).orElse(List.of());
    String some =
        now.stream().limit(NAMED_MOST).map(Outbreak::who).collect(Collectors.joining(", "));
    return now.isEmpty()
        ? ""
        : ", but of these: " + some + (now.size() > NAMED_MOST ? ", and others" : "");
  }
}
