package dev.poststation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.poststation.os.Os;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `queue list`.
@Command(name = "list", description = "List mails, or count them by destination and reason.")
final class QueueListCommand implements Callable<Integer> {
  /// So much of a reason makes a line that can be read; `queue show` has the whole.
  private static final int REASON_MAX = 100;

  @Mixin private final Common common;
  @Mixin private final FilterOptions filter = new FilterOptions();

  @Option(
      names = "--by",
      paramLabel = "destination",
      description = "Count waiting recipients by destination and reason instead.")
  private @Nullable String by;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "100",
      description = "Show so many at most (default: ${DEFAULT-VALUE}).")
  private int limit = 100;

  QueueListCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    if (by != null && !by.equals("destination")) {
      throw new Failure(Exit.WRONG, "--by: \"" + by + "\" is not known; write --by destination.");
    }
    var query = new LinkedHashMap<>(filter.given());
    query.put("limit", Integer.toString(limit));
    if (by != null) {
      query.put("group", "destination");
    }
    var answer = common.api().get("queue", query);
    if (common.json()) {
      common.print(answer);
      return Exit.OK;
    }
    var list = answer.path(by == null ? "mails" : "groups");
    if (list.isEmpty()) {
      common.out().println(filter.given().isEmpty() ? "The queue is empty." : "No mail matches.");
      return Exit.OK;
    }
    if (by == null) {
      mails(list);
    } else {
      groups(list);
    }
    if (answer.path("more").asBoolean()) {
      common.out().println("... and more: narrow it down, or raise --limit.");
    }
    return Exit.OK;
  }

  private void mails(JsonNode mails) {
    var now = common.os().time().now();
    var table = new Table("ID", "PLACE", "AGE", "SIZE", "SENDER", "RECIPIENT", "STATE");
    for (var mail : mails) {
      boolean first = true;
      for (var recipient : mail.path("recipients")) {
        if (!recipient.path("phase").asText().equals("waiting")) {
          continue;
        }
        table.row(
            first ? mail.path("id").asText() : "",
            first ? mail.path("place").asText() : "",
            first ? Words.span(Instant.parse(mail.path("arrived").asText()), now) : "",
            first ? Words.size(mail.path("size").asLong()) : "",
            first ? Words.address(mail.path("sender").asText()) : "",
            Words.address(recipient.path("address").asText()),
            Words.cut(recipient.path("reason").asText(), REASON_MAX)
                + QueueShowCommand.next(recipient, now));
        first = false;
      }
      int more = mail.path("more").asInt();
      if (more > 0) {
        table.row("", "", "", "", "", "and " + more + " more", "");
      }
    }
    table.print(common.out());
  }

  private void groups(JsonNode groups) {
    var now = common.os().time().now();
    var table = new Table("MAILS", "RECIPIENTS", "OLDEST", "DESTINATION", "REASON");
    for (var group : groups) {
      String destination = group.path("destination").asText();
      table.row(
          group.path("mails").asText(),
          group.path("recipients").asText(),
          Words.span(Instant.parse(group.path("oldest").asText()), now),
          destination.isEmpty() ? "-" : destination,
          group.path("reason").asText());
    }
    table.print(common.out());
  }
}
