package dev.poststation.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.poststation.config.Loaded;
import dev.poststation.os.Os;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `reload`.
@Command(
    name = "reload",
    description = {
      "Make the running relay read its configuration anew: it takes all of it, or keeps the old one"
          + " and says why. Mail that waits is routed anew."
    })
final class ReloadCommand implements Callable<Integer> {
  @Mixin private final Common common;

  ReloadCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var answer = api().tell("reload", JsonNodeFactory.instance.objectNode());
    boolean done = answer.path("reloaded").asBoolean();
    if (common.json()) {
      common.print(answer);
      return done ? Exit.OK : Exit.WRONG;
    }
    answer.path("problems").forEach(problem -> common.out().println(problem.asText()));
    common.out().println(done ? "The configuration was reloaded." : answer.path("error").asText());
    if (!answer.path("nextStart").isEmpty()) {
      common
          .out()
          .println(
              "Taken only when the relay is started again: "
                  + Words.list(answer.path("nextStart"))
                  + ".");
    }
    return done ? Exit.OK : Exit.WRONG;
  }

  /// The relay tells what is wrong with the file; where it cannot be found by that file, we do.
  private Api api() {
    var loaded = common.load();
    try {
      return common.api(loaded);
    } catch (Failure e) {
      throw loaded instanceof Loaded.Bad
          ? new Failure(
              e.exit(),
              e.message()
                  + "\n"
                  + "Nothing was reloaded: a relay that runs keeps the configuration that it has.")
          : e;
    }
  }
}
