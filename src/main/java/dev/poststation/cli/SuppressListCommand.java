package dev.poststation.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.os.Os;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `suppress list` and `suppress export`.
@Command(name = "list")
final class SuppressListCommand implements Callable<Integer> {
  private static final String ALL = "1000000";

  /// How the list is written.
  enum Form {
    /// For people.
    TABLE,
    /// For `suppress import`, and for others.
    CSV
  }

  @Mixin private final Common common;
  @Mixin private final SuppressFilter filter = new SuppressFilter();
  private final Form form;

  @Option(names = "--limit", paramLabel = "N", description = "Show so many at most.")
  private @Nullable Integer limit;

  SuppressListCommand(Os os, Form form) {
    this.common = new Common(os);
    this.form = form;
  }

  @Override
  public Integer call() {
    Map<String, String> query = new LinkedHashMap<>(filter.given());
    query.put("limit", limit != null ? limit.toString() : form == Form.CSV ? ALL : "100");
    var answer = common.api().get("suppression", query);
    if (common.json()) {
      common.print(answer);
    } else if (form == Form.CSV) {
      SuppressTable.write(answer, common.out());
    } else {
      show(answer);
    }
    return Exit.OK;
  }

  private void show(ObjectNode answer) {
    var out = common.out();
    if (answer.path("for").asText().equals("off")) {
      out.println("Nobody is refused by it, for suppression.for is off.");
    }
    if (answer.path("suppressed").isEmpty()) {
      out.println("There is no such recipient on the suppression list.");
      return;
    }
    var table = new Table("RECIPIENT", "CLIENT", "SINCE", "UNTIL", "CATEGORY", "REASON");
    for (var each : answer.path("suppressed")) {
      table.row(
          each.path("address").asText(),
          each.path("client").asText(),
          Words.time(each.path("since")),
          each.path("until").isNull() ? "you lift it" : Words.time(each.path("until")),
          each.path("category").asText().isEmpty() ? "by hand" : each.path("category").asText(),
          each.path("text").asText());
    }
    table.print(out);
    if (answer.path("more").asBoolean()) {
      out.println("There are more: see --limit.");
    }
  }
}
