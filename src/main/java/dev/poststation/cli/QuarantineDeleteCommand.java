package dev.poststation.cli;

import dev.poststation.os.Os;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `quarantine delete`.
@Command(
    name = "delete",
    description = {
      "Throw mails in quarantine away; nobody is told.",
      "Ends with 1 when one of them is not in quarantine, or not for that recipient."
    })
final class QuarantineDeleteCommand implements Callable<Integer> {
  @Mixin private final Common common;
  @Mixin private final QuarantineAct act = new QuarantineAct();

  QuarantineDeleteCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    return QuarantineAct.tell(
        common,
        common.api().post("quarantine/delete", act.body()),
        each -> "Deleted " + each.path("id").asText());
  }
}
