package dev.poststation.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.Poststation;
import dev.poststation.config.ClientRule;
import dev.poststation.message.AddressPatterns;
import dev.poststation.os.Time;
import dev.poststation.policy.Suppressed;
import dev.poststation.policy.Suppression;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.AddressParser;
import io.javalin.http.Context;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The part of the API that is about the suppression list. Safe for any thread.
record SuppressionRoutes(Poststation relay, Time time) {
  private static final int LIMIT = 100;
  private static final int LIMIT_MAX = 1_000_000;

  /// So many entries fit into a request.
  private static final int AT_ONCE = 10_000;

  /// Those that are meant, and how many are shown.
  static final Set<String> QUERY = Set.of("client", "address", "domain", "limit");

  private static final Set<String> ADD = Set.of("entries", "partly");
  private static final Set<String> ENTRY = Set.of("address", "client", "since", "until", "text");
  private static final Set<String> REMOVE = Set.of("client", "address", "domain", "all", "dryRun");

  private Suppression list() {
    return relay
        .clients()
        .suppression()
        .orElseThrow(() -> new IllegalStateException("a relay has a list"));
  }

  ObjectNode list(Context ctx) {
    var meant = meant(name -> Optional.ofNullable(ctx.queryParam(name)));
    int limit = limit(ctx.queryParam("limit"));
    var found = list().now(meant);
    var answer = state();
    SuppressionReport.add(answer, found.stream().limit(limit).toList());
    return answer.put("more", found.size() > limit);
  }

  /// How the list is.
  ObjectNode state() {
    var settings = relay.configuration().suppression();
    var answer = Json.object();
    answer.put("for", settings.reach().word());
    answer.put("count", list().count());
    return answer.put("most", settings.most());
  }

  private static int limit(@Nullable String text) {
    if (text == null || text.isEmpty()) {
      return LIMIT;
    }
    try {
      int limit = Integer.parseInt(text);
      if (limit >= 1 && limit <= LIMIT_MAX) {
        return limit;
      }
    } catch (NumberFormatException _) {
      // Said below.
    }
    throw Refusal.badRequest("\"limit\" is no number from 1 to " + LIMIT_MAX + ".");
  }

  ObjectNode add(String text) {
    var body = Json.body(text);
    Known.keys(body, ADD);
    var given = body.path("entries");
    if (!given.isArray() || given.isEmpty() || given.size() > AT_ONCE) {
      throw Refusal.badRequest("\"entries\" is no list of 1 to " + AT_ONCE + " entries.");
    }
    var now = time.now();
    boolean partly = Json.flag(body, "partly");
    var answer = state();
    var refused = answer.putArray("refused");
    List<Suppressed> entries = new ArrayList<>();
    for (int i = 0; i < given.size(); i++) {
      try {
        var entry = entry(given.get(i), now);
        checkClient(entry.client());
        entries.add(entry);
      } catch (Refusal e) {
        if (!partly) {
          throw e;
        }
        refused.addObject().put("entry", i).put("why", e.message());
      }
    }
    var left = list().add(entries);
    answer.put("count", list().count());
    answer.put("added", entries.size() - left.size());
    SuppressionReport.add(answer, left.stream().limit(LIMIT).toList());
    return answer;
  }

  private static Suppressed entry(JsonNode given, Instant now) {
    if (!(given instanceof ObjectNode each)) {
      throw Refusal.badRequest("An entry is no object.");
    }
    Known.keys(each, ENTRY);
    var address =
        Json.text(each, "address")
            .map(SuppressionRoutes::mailbox)
            .orElseThrow(() -> Refusal.badRequest("An entry has no \"address\"."));
    String client = Json.text(each, "client").filter(it -> !it.isBlank()).orElse(Suppressed.ALL);
    var since = Json.text(each, "since").filter(it -> !it.isBlank()).map(it -> past(it, now));
    var until = Json.text(each, "until").filter(it -> !it.isBlank()).map(it -> time(it, now));
    String why = Json.text(each, "text").orElse("");
    return new Suppressed(client, address, since.orElse(now), until.orElse(null), "", why);
  }

  /// A slip in it would keep nobody's mail from anybody.
  private void checkClient(String client) {
    var known = relay.configuration().clients().stream().map(ClientRule::name).toList();
    if (!client.equals(Suppressed.ALL) && !known.contains(client)) {
      throw Refusal.badRequest(
          "There is no client \"" + client + "\"; there are: " + String.join(", ", known) + ".");
    }
  }

  private static Instant past(String text, Instant now) {
    try {
      var since = Instant.parse(text);
      if (!since.isAfter(now)) {
        return since;
      }
    } catch (DateTimeParseException _) {
      // Said below.
    }
    throw Refusal.badRequest(
        "since: \"" + text + "\" is no time that has passed; write it as in 2026-01-31T00:00:00Z.");
  }

  private static Instant time(String text, Instant now) {
    try {
      var until = Instant.parse(text);
      if (until.isAfter(now)) {
        return until;
      }
    } catch (DateTimeParseException _) {
      // Said below.
    }
    throw Refusal.badRequest(
        "until: \"" + text + "\" is no time to come; write it as in 2027-01-31T00:00:00Z.");
  }

  private static String mailbox(String text) {
    return AddressPatterns.mailboxKey(address(text));
  }

  private static Address address(String text) {
    return AddressParser.parse(AddressParser.withoutBrackets(text.strip()))
        .filter(it -> !it.isNull() && !it.domain().isEmpty())
        .orElseThrow(
            () ->
                Refusal.badRequest("address: \"" + text + "\" is no address: write user@domain."));
  }

  ObjectNode remove(String text) {
    var body = Json.body(text);
    Known.keys(body, REMOVE);
    var addresses = body.path("address");
    boolean all = Json.flag(body, "all");
    boolean filtered = body.has("client") || body.has("address") || body.has("domain");
    if (all == filtered) {
      throw Refusal.badRequest(
          "Say which: address, domain or client, or all of them with \"all\": true.");
    }
    Predicate<Suppressed> meant;
    if (addresses.isArray()) {
      Set<String> named = new HashSet<>();
      addresses.forEach(each -> named.add(mailbox(each.asText())));
      Predicate<Suppressed> rest =
          meant(name -> name.equals("address") ? Optional.empty() : Json.text(body, name));
      meant = rest.and(each -> named.contains(each.address()));
    } else {
      meant = meant(name -> Json.text(body, name));
    }
    boolean dryRun = Json.flag(body, "dryRun");
    var gone = dryRun ? list().now(meant) : list().remove(meant);
    var answer = state();
    answer.put("removed", dryRun ? 0 : gone.size());
    answer.put("dryRun", dryRun);
    if (dryRun) {
      answer.put("would", gone.size());
    }
    SuppressionReport.add(answer, gone.stream().limit(LIMIT).toList());
    return answer;
  }

  private static Predicate<Suppressed> meant(Function<String, Optional<String>> parameters) {
    Predicate<Suppressed> meant = _ -> true;
    var client = parameters.apply("client");
    if (client.isPresent()) {
      meant = meant.and(each -> each.client().equals(client.get()));
    }
    var address = parameters.apply("address").map(SuppressionRoutes::mailbox);
    if (address.isPresent()) {
      meant = meant.and(each -> each.address().equals(address.get()));
    }
    var domain = parameters.apply("domain").map(SuppressionRoutes::domain);
    if (domain.isPresent()) {
      meant = meant.and(each -> each.address().endsWith(domain.get()));
    }
    return meant;
  }

  private static String domain(String text) {
    String plain = text.startsWith("@") ? text.substring(1) : text;
    if (plain.isBlank() || plain.indexOf('@') >= 0) {
      throw Refusal.badRequest(
          "domain: \"" + text + "\" is no domain: write it as in there.example.");
    }
    return "@" + plain.toLowerCase(Locale.ROOT);
  }
}
