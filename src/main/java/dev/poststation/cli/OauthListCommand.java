package dev.poststation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.os.Os;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `oauth list`.
@Command(
    name = "list",
    description = "List the accounts that log in by tokens, and how it is with their tokens.")
final class OauthListCommand implements Callable<Integer> {
  @Mixin private final Common common;

  OauthListCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var answer = common.api().get("oauth", Map.of());
    if (common.json()) {
      common.print(answer);
    } else {
      show(common, answer);
    }
    return Exit.OK;
  }

  /// Shows accounts as a table.
  static void show(Common common, ObjectNode answer) {
    if (answer.path("accounts").isEmpty()) {
      common.out().println("No account logs in by tokens.");
      return;
    }
    var now = common.os().time().now();
    var table = new Table("CONNECTOR", "ACCOUNT", "STATE", "EXPIRES", "LAST SUCCESS", "LAST ERROR");
    for (var each : answer.path("accounts")) {
      String problem = each.path("problem").asText();
      table.row(
          each.path("connector").asText(),
          each.path("user").asText(),
          each.path("state").asText(),
          expires(each, now),
          each.path("lastSuccess").isTextual() ? ago(each, "lastSuccess", now) : "none yet",
          problem.isEmpty() ? "" : problem + " (since " + ago(each, "since", now) + ")");
    }
    table.print(common.out());
  }

  static String expires(JsonNode account, Instant now) {
    if (!account.path("expires").isTextual()) {
      return "-";
    }
    var expires = Instant.parse(account.path("expires").asText());
    return expires.isAfter(now)
        ? "in " + Words.span(now, expires)
        : Words.span(expires, now) + " ago";
  }

  static String ago(JsonNode account, String key, Instant now) {
    return account.path(key).isTextual()
        ? Words.span(Instant.parse(account.path(key).asText()), now) + " ago"
        : "-";
  }
}
