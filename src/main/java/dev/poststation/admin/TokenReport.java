package dev.poststation.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.oauth.TokenState;
import java.util.List;

/// How it is with the tokens of accounts at next hops, as JSON; never a token itself. Pure
/// functions.
public final class TokenReport {
  private TokenReport() {}

  /// All of them.
  public static ObjectNode of(List<TokenState> states) {
    var answer = Json.object();
    answer.set("accounts", list(states));
    return answer;
  }

  static ArrayNode list(List<TokenState> states) {
    var accounts = JsonNodeFactory.instance.arrayNode();
    for (var state : states) {
      var entry = accounts.addObject();
      entry.put("connector", state.account().connector());
      entry.put("user", state.account().user());
      entry.put("grant", Json.word(state.grant().type()));
      entry.put("clientId", state.grant().clientId());
      entry.put("tokenUrl", state.grant().tokenUrl().toString());
      entry.put("state", Json.word(state.standing()));
      Json.time(entry, "expires", state.expires());
      Json.time(entry, "lastSuccess", state.lastSuccess());
      entry.put("problem", state.problem());
      Json.time(entry, "since", state.since());
    }
    return accounts;
  }
}
