package dev.poststation.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.config.Units;
import dev.poststation.message.QueueId;
import dev.poststation.queue.Selection;
import dev.poststation.smtp.AddressParser;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Reads which mails a request means, from its query or its body. Pure functions.
final class Filter {
  private static final Set<String> PLACES =
      Set.of("incoming", "active", "deferred", "parked", "held", "quarantine");

  private static final Set<String> FILTERS =
      Set.of("sender", "recipient", "domain", "destination", "reason", "older-than", "place");

  /// What the query of a list may have.
  static final Set<String> QUERY = and("limit", "group");

  /// What the body of an action may have.
  static final Set<String> BODY = and("ids", "all", "dryRun", "unencrypted", "text");

  private Filter() {}

  private static Set<String> and(String... more) {
    var all = new HashSet<>(FILTERS);
    all.addAll(List.of(more));
    return Set.copyOf(all);
  }

  /// @param parameters gives a parameter by its name
  static Selection query(Function<String, Optional<String>> parameters) {
    return selection(List.of(), parameters);
  }

  static Selection body(ObjectNode body) {
    Set<QueueId> ids = new LinkedHashSet<>();
    var listed = body.path("ids");
    if (!listed.isMissingNode() && !listed.isArray()) {
      throw Refusal.badRequest("\"ids\" is no list.");
    }
    listed.forEach(id -> ids.add(id(id.asText())));
    return selection(List.copyOf(ids), name -> Json.text(body, name));
  }

  /// A queue id, as people type it.
  static QueueId id(String text) {
    return QueueId.parse(text)
        .orElseThrow(
            () ->
                Refusal.badRequest(
                    "\"" + text + "\" is no queue id: these have 13 letters and digits."));
  }

  private static Selection selection(
      List<QueueId> ids, Function<String, Optional<String>> parameters) {
    return new Selection(
        ids,
        address("sender", parameters),
        address("recipient", parameters),
        domain(parameters.apply("domain").orElse(null)),
        parameters.apply("destination").orElse(null),
        parameters.apply("reason").orElse(null),
        age(parameters.apply("older-than").orElse(null)),
        place(parameters.apply("place").orElse(null)));
  }

  private static @Nullable String address(
      String name, Function<String, Optional<String>> parameters) {
    String address = parameters.apply(name).map(AddressParser::withoutBrackets).orElse(null);
    if (address != null && !address.equals("<>") && address.indexOf('@') < 0) {
      throw Refusal.badRequest(
          name
              + ": \""
              + address
              + "\" is no address: write user@domain, or @domain for all of it.");
    }
    return address == null ? null : withoutLastDot(address);
  }

  /// `there.example`, also where it is written as in an address, or with the dot of the root.
  private static @Nullable String domain(@Nullable String text) {
    if (text == null) {
      return null;
    }
    String domain = withoutLastDot(text.startsWith("@") ? text.substring(1) : text);
    if (domain.isEmpty() || domain.indexOf('@') >= 0) {
      throw Refusal.badRequest(
          "domain: \"" + text + "\" is no domain: write it as in there.example.");
    }
    return domain;
  }

  private static String withoutLastDot(String name) {
    return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
  }

  private static @Nullable Duration age(@Nullable String text) {
    if (text == null) {
      return null;
    }
    return Units.parse(text)
        .orElseThrow(
            () ->
                Refusal.badRequest(
                    "older-than: \"" + text + "\" is no duration; write, for example, 2h or 3d."));
  }

  private static @Nullable String place(@Nullable String text) {
    if (text != null && !PLACES.contains(text.toLowerCase(Locale.ROOT))) {
      throw Refusal.badRequest(
          "place: \""
              + text
              + "\" is none of incoming, active, deferred, parked, held, quarantine.");
    }
    return text;
  }
}
