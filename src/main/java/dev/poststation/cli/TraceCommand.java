package dev.poststation.cli;

import dev.poststation.os.Os;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `trace`.
@Command(
    name = "trace",
    description = {
      "Tell the story of a mail: who sent it, which rules decided, each attempt with its dialogue.",
      "Also of mails that are gone, as long as trace.keep says."
    })
final class TraceCommand implements Callable<Integer> {
  @Mixin private final Common common;

  @Parameters(paramLabel = "ID", description = "The queue id: it is in the log and in the reply.")
  private String id = "";

  TraceCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var answer = common.api().get("trace/" + Api.encoded(id), Map.of());
    if (common.json()) {
      common.print(answer.path("entries"));
    } else {
      common.out().print(answer.path("text").asText());
    }
    return Exit.OK;
  }
}
