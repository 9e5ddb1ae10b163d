package dev.poststation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.poststation.os.Os;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `quarantine report`.
@Command(
    name = "report",
    description = {
      "Say that mails are good: the service that keeps them learns it (learn-at of rspamd, learn of"
          + " spamd).",
      "Ends with 1 when one of them is not in quarantine, or was not learned: nothing is done about"
          + " it then."
    })
final class QuarantineReportCommand implements Callable<Integer> {
  @Mixin private final Common common;
  @Mixin private final QuarantineAct act = new QuarantineAct();

  @Option(names = "--release", description = "And let them go on.")
  private boolean release;

  QuarantineReportCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    if (act.forOne() && !release) {
      throw new Failure(Exit.WRONG, "--for says to whom it goes: write --release, too.");
    }
    var answer = common.api().post("quarantine/report", act.body().put("release", release));
    return QuarantineAct.tell(common, answer, QuarantineReportCommand::line);
  }

  private static String line(JsonNode each) {
    String as = each.path("as").asText();
    return each.path("id").asText()
        + ": "
        + Words.shown(each.path("said").asText())
        + (as.isEmpty() ? "" : "; released as " + as);
  }
}
