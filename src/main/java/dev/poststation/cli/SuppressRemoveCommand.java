package dev.poststation.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.os.Os;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `suppress remove`.
@Command(
    name = "remove",
    description = {
      "Take recipients off the suppression list: mail to them is tried again.",
      "Ends with 1 when none of them was on it."
    })
final class SuppressRemoveCommand implements Callable<Integer> {
  @Mixin private final Common common;
  @Mixin private final SuppressFilter filter = new SuppressFilter();

  @Parameters(arity = "0..*", paramLabel = "ADDRESS", description = "Which; or say it by a filter.")
  private List<String> addresses = new ArrayList<>();

  @Option(names = "--all", description = "All of them.")
  private boolean all;

  @Option(names = "--dry-run", description = "Only say which.")
  private boolean dryRun;

  SuppressRemoveCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var body = JsonNodeFactory.instance.objectNode();
    filter.given().forEach(body::put);
    if (!addresses.isEmpty()) {
      addresses.forEach(body.putArray("address")::add);
    }
    if (body.isEmpty() != all) {
      throw new Failure(
          Exit.WRONG, "Say which: addresses, --domain or --client; or all of them by --all.");
    }
    if (all) {
      body.put("all", true);
    }
    var answer = common.api().post("suppression/remove", body.put("dryRun", dryRun));
    long found = answer.path(dryRun ? "would" : "removed").asLong();
    if (common.json()) {
      common.print(answer);
    } else {
      show(answer, found);
    }
    return found == 0 ? Exit.NO : Exit.OK;
  }

  private void show(ObjectNode answer, long found) {
    var out = common.out();
    int shown = 0;
    for (var each : answer.path("suppressed")) {
      shown++;
      out.println(
          (dryRun ? "Would remove: " : "Removed: ")
              + Words.shown(each.path("address").asText())
              + (each.path("client").asText().equals("*")
                  ? ""
                  : " of client " + Words.shown(each.path("client").asText())));
    }
    if (found > shown) {
      out.println("… and " + (found - shown) + " more");
    }
    if (found == 0) {
      out.println("There is no such recipient on the suppression list.");
    }
  }
}
