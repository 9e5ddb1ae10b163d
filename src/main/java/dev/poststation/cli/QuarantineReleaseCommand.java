package dev.poststation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.poststation.os.Os;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `quarantine release`.
@Command(
    name = "release",
    description = {
      "Let mails go on to their recipients. All services of content have had them already, and are"
          + " not asked again.",
      "Ends with 1 when one of them is not in quarantine, or cannot go: the line says why."
    })
final class QuarantineReleaseCommand implements Callable<Integer> {
  @Mixin private final Common common;
  @Mixin private final QuarantineAct act = new QuarantineAct();

  @Option(
      names = "--to",
      paramLabel = "ADDRESS",
      description = "Send a copy to this address instead; the mails stay in quarantine.")
  private @Nullable String to;

  QuarantineReleaseCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    if (to != null && act.forOne()) {
      throw new Failure(Exit.WRONG, "Write --for or --to, not both.");
    }
    var body = act.body();
    if (to != null) {
      body.put("to", to);
    }
    var answer = common.api().post("quarantine/release", body);
    return QuarantineAct.tell(common, answer, this::line);
  }

  private String line(JsonNode each) {
    String id = each.path("id").asText();
    String as = each.path("as").asText();
    return (to == null ? "Released " : "Sent a copy of ")
        + id
        + (as.equals(id) ? "" : ", as mail " + as);
  }
}
