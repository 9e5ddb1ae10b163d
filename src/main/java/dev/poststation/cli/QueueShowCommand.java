package dev.poststation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.poststation.os.Os;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `queue show`.
@Command(
    name = "show",
    description = "Show one mail with all its recipients. What happened to it tells trace ID.")
final class QueueShowCommand implements Callable<Integer> {
  @Mixin private final Common common;

  @Parameters(paramLabel = "ID", description = "The queue id.")
  private String id = "";

  QueueShowCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var mail = common.api().get("queue/" + Api.encoded(id), Map.of());
    if (common.json()) {
      common.print(mail);
      return Exit.OK;
    }
    var now = common.os().time().now();
    var arrived = Instant.parse(mail.path("arrived").asText());
    var out = common.out();
    out.println(mail.path("id").asText() + ": " + mail.path("place").asText());
    out.println("from     " + Words.address(mail.path("sender").asText()));
    out.println("client   " + mail.path("client").asText());
    out.println("arrived  " + arrived + ", " + Words.span(arrived, now) + " ago");
    out.println("size     " + Words.size(mail.path("size").asLong()));
    out.println();
    var table = new Table("RECIPIENT", "PHASE", "ATTEMPTS", "DESTINATION", "REASON");
    for (var recipient : mail.path("recipients")) {
      table.row(
          Words.address(recipient.path("address").asText()),
          recipient.path("phase").asText(),
          recipient.path("attempts").asText(),
          recipient.path("destination").asText(),
          recipient.path("reason").asText() + next(recipient, now));
    }
    table.print(out);
    return Exit.OK;
  }

  /// When a recipient is tried next, to stand behind the reason.
  static String next(JsonNode recipient, Instant now) {
    var next = recipient.path("next");
    if (!next.isTextual()) {
      return "";
    }
    var time = Instant.parse(next.asText());
    return time.isAfter(now) ? " (next in " + Words.span(now, time) + ")" : " (due)";
  }
}
