package dev.poststation.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.poststation.os.Os;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `outbreak lift`.
@Command(
    name = "lift",
    description = {
      "Say that an outbreak is over: mail is taken again as before.",
      "Mail that is held stays held: look at it with queue list --place held, then let it go with"
          + " queue release or remove it with queue delete."
    })
final class OutbreakLiftCommand implements Callable<Integer> {
  @Mixin private final Common common;

  @Parameters(
      paramLabel = "NAME",
      description =
          "The address, user or sender that outbreak list shows, or an entry of clients, for all"
              + " that came by it.")
  private String name = "";

  OutbreakLiftCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var body = JsonNodeFactory.instance.objectNode().put("name", name);
    var answer = common.api().post("outbreaks/lift", body);
    if (common.json()) {
      common.print(answer);
      return Exit.OK;
    }
    for (var each : answer.path("outbreaks")) {
      common
          .out()
          .println(
              "Lifted: "
                  + each.path("kind").asText()
                  + " "
                  + Words.shown(each.path("name").asText())
                  + " of client "
                  + each.path("client").asText());
    }
    return Exit.OK;
  }
}
