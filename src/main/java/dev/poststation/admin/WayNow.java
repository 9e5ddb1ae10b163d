package dev.poststation.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.Poststation;
import dev.poststation.oauth.TokenState;
import dev.poststation.queue.DestinationView;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What speaks against a way at this moment in the relay that runs: a destination that is set aside
/// or has no free connection, a host that comes last, an account without a token. Pure functions.
final class WayNow {
  private WayNow() {}

  /// Adds it to an explanation.
  static ObjectNode told(ObjectNode explanation, Poststation relay) {
    var views = relay.queue().destinations();
    for (var entry : explanation.path("connectors")) {
      List<String> words = new ArrayList<>();
      String destination = entry.path("destination").asText();
      views.stream()
          .filter(view -> view.name().equals(destination))
          .forEach(view -> destination(view, words));
      tokens(entry, relay, words);
      if (entry instanceof ObjectNode object && !words.isEmpty()) {
        object.set("now", Json.texts(words));
      }
    }
    return explanation;
  }

  private static void destination(DestinationView view, List<String> words) {
    if (view.setAsideUntil() != null) {
      words.add("nothing is sent there until " + time(view.setAsideUntil()) + ": " + view.reason());
    } else if (view.since() != null) {
      words.add(
          "failing since " + time(view.since()) + ", asked at the next mail: " + view.reason());
    }
    if (!view.busy().isEmpty()) {
      words.add(view.busy());
    }
    if (!view.limitedBy().isEmpty()) {
      words.add("fewer connections, for it said: " + view.limitedBy());
    }
    for (var host : view.hosts()) {
      if (host.last()) {
        words.add("host " + host.name() + " comes last: " + host.reason());
      }
    }
  }

  private static void tokens(JsonNode entry, Poststation relay, List<String> words) {
    for (var state : relay.tokens().states()) {
      var account = state.account();
      boolean its =
          account.connector().equals(entry.path("name").asText())
              && (!entry.has("user") || account.user().equals(entry.path("user").asText()));
      if (its && state.standing() == TokenState.Standing.PAUSED) {
        words.add("pauses, no token for " + account.user() + ": " + state.problem());
      }
    }
  }

  private static String time(@Nullable Instant moment) {
    return moment == null ? "" : WayOut.local(moment.truncatedTo(ChronoUnit.SECONDS));
  }
}
