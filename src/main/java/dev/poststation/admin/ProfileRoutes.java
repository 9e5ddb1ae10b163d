package dev.poststation.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.profile.Profiles;
import io.javalin.http.Context;
import java.util.List;
import java.util.Set;

/// The part of the API that is about devices: what is known of each, and what an administrator says
/// to it. Safe for any thread.
final class ProfileRoutes {
  /// Which profiles are meant: an entry of `clients`, an address or a user.
  static final Set<String> QUERY = Set.of("name");

  private final Profiles profiles;

  ProfileRoutes(Profiles profiles) {
    this.profiles = profiles;
  }

  /// Those of a name, or all.
  ObjectNode list(Context ctx) {
    String name = ctx.queryParam("name");
    var answer = Json.object();
    answer.put("known", profiles.count());
    answer.put("deviating", profiles.deviating());
    var shown = name == null || name.isEmpty() ? profiles.list() : profiles.show(name);
    shown.forEach(answer.putArray("profiles")::add);
    return answer;
  }

  /// Accepts what deviated, or forgets profiles.
  ObjectNode act(Context ctx) {
    String action = ctx.pathParam("action");
    var body = Json.body(ctx.body());
    Known.keys(body, QUERY);
    String name = Json.text(body, "name").filter(text -> !text.isBlank()).orElse("");
    if (name.isEmpty()) {
      throw Refusal.badRequest("name: say whose, an entry of clients, an address or a user.");
    }
    if (profiles.any(name).isEmpty()) {
      throw Refusal.notFound("There is no profile of \"" + name + "\".");
    }
    List<Profiles.Key> changed =
        switch (action) {
          case "accept" -> profiles.accept(name);
          case "reset" -> profiles.reset(name);
          default -> throw Refusal.notFound("\"" + action + "\" is none of accept, reset.");
        };
    var answer = Json.object();
    var list = answer.putArray("changed");
    changed.forEach(key -> list.addObject().put("client", key.client()).put("who", key.who()));
    return answer;
  }
}
