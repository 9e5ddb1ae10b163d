package dev.poststation.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.os.Os;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `status`.
@Command(
    name = "status",
    description = "Say how the running relay is: where it listens, its spool, its destinations.")
final class StatusCommand implements Callable<Integer> {
  @Mixin private final Common common;

  StatusCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var status = common.api().get("status", Map.of());
    if (common.json()) {
      common.print(status);
    } else {
      show(status);
    }
    return Exit.OK;
  }

  private void show(ObjectNode status) {
    var out = common.out();
    var started = Instant.parse(status.path("started").asText());
    out.println(
        status.path("hostname").asText()
            + ": Poststation "
            + status.path("version").asText()
            + ", process "
            + status.path("process").asLong()
            + ", up "
            + Words.span(started, started.plusSeconds(status.path("uptimeSeconds").asLong())));
    for (var listener : status.path("listeners")) {
      out.println(
          "listens on "
              + listener.path("address").asText()
              + ":"
              + listener.path("port").asInt()
              + " ("
              + listener.path("name").asText()
              + ")");
    }
    var spool = status.path("spool");
    out.println(
        Words.count(status.path("sessions").asLong(), "session")
            + " of clients; "
            + Words.count(spool.path("mails").asLong(), "mail")
            + " in the queue, "
            + status.path("active").asLong()
            + " of them active; "
            + spool.path("accepted").asLong()
            + " accepted since the start");
    out.println(
        "spool "
            + status.path("data").asText()
            + ": "
            + Words.size(spool.path("bytesOnDisk").asLong())
            + " on disk");
    if (!status.path("destinations").isEmpty()) {
      out.println();
      destinations(status);
    }
  }

  private void destinations(ObjectNode status) {
    var now = common.os().time().now();
    var table = new Table("DESTINATION", "READY", "CONNECTIONS", "STATE");
    for (var destination : status.path("destinations")) {
      var until = destination.path("setAsideUntil");
      table.row(
          destination.path("name").asText(),
          destination.path("ready").asText(),
          destination.path("connections").asText() + " of " + destination.path("window").asText(),
          until.isTextual()
              ? "tried again in "
                  + Words.span(now, Instant.parse(until.asText()))
                  + ": "
                  + destination.path("reason").asText()
              : "works");
    }
    table.print(common.out());
  }
}
