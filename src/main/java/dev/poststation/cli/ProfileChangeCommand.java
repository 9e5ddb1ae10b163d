package dev.poststation.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.poststation.os.Os;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `profile accept`, `profile reset`.
@Command
final class ProfileChangeCommand implements Callable<Integer> {
  @Mixin private final Common common;
  private final Change change;

  @Parameters(
      paramLabel = "CLIENT|ADDRESS",
      description = "An entry of clients, the address of a device, or a user.")
  private String name = "";

  /// What to do.
  enum Change {
    ACCEPT(
        "What was unlike a device is usual from now on, and it need not log in any more. Its next"
            + " five mails are learned whatever they are."),
    RESET("Forget what is known of a device: it is learned anew.");

    private final String about;

    Change(String about) {
      this.about = about;
    }

    String about() {
      return about;
    }

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  ProfileChangeCommand(Os os, Change change) {
    this.common = new Common(os);
    this.change = change;
  }

  @Override
  public Integer call() {
    var body = JsonNodeFactory.instance.objectNode().put("name", name);
    var answer = common.api().post("profiles/" + change.word(), body);
    if (common.json()) {
      common.print(answer);
      return Exit.OK;
    }
    var changed = answer.path("changed");
    if (changed.isEmpty()) {
      common.out().println("Nothing was unlike " + Words.shown(name) + ".");
    }
    for (var each : changed) {
      common
          .out()
          .println(
              (change == Change.ACCEPT ? "Accepted: " : "Forgotten: ")
                  + Words.shown(each.path("who").asText())
                  + ", client "
                  + Words.shown(each.path("client").asText()));
    }
    return Exit.OK;
  }
}
