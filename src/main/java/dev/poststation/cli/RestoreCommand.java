package dev.poststation.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.poststation.backup.BackupException;
import dev.poststation.backup.Holding;
import dev.poststation.backup.Restore;
import dev.poststation.os.Os;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `restore`.
@Command(
    name = "restore",
    description = {
      "Bring a backup back into an empty data directory, while no relay runs on it. Each file is"
          + " compared with what the backup says of it.",
      "Mail that was delivered since the backup was made is delivered again, unless you say --hold"
          + " and decide."
    })
final class RestoreCommand implements Callable<Integer> {
  @Mixin private final Common common;

  @Parameters(paramLabel = "DIRECTORY", description = "The backup.")
  private Path backup = Path.of("");

  @Option(
      names = "--hold",
      description = "Hold all mail: nothing is delivered until you release it.")
  private boolean hold;

  private long held;

  RestoreCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var loaded = common.load();
    var configuration = hold ? common.configuration() : null;
    Path data = common.dataOf(loaded);
    try {
      var restore = Restore.of(common.os(), backup);
      String why = "restored from a backup of " + Words.time(restore.manifest().about().made());
      restore.into(
          data,
          directory -> {
            if (configuration != null) {
              held = Holding.all(common.os(), directory, configuration, why);
            }
          });
      show(restore, data, warnings(restore, data));
      return Exit.OK;
    } catch (BackupException e) {
      throw BackupCommand.failure(e);
    }
  }

  private List<String> warnings(Restore restore, Path data) throws BackupException {
    List<String> warnings = new ArrayList<>();
    if (!hold) {
      warnings.add("Mail that was delivered since then is delivered again when the relay starts.");
    }
    var owner = restore.otherOwner(data);
    if (owner.isPresent()) {
      warnings.add(
          "What was restored does not belong to the user "
              + owner.get()
              + ", as "
              + data
              + " does: before you start the relay run chown -R "
              + owner.get()
              + " "
              + data);
    }
    return warnings;
  }

  private void show(Restore restore, Path data, List<String> warnings) {
    var about = restore.manifest().about();
    if (common.json()) {
      var json = restore.manifest().json();
      var answer = JsonNodeFactory.instance.objectNode();
      answer.put("backup", backup.toAbsolutePath().normalize().toString());
      answer.put("data", data.toAbsolutePath().normalize().toString());
      answer.set("made", json.path("made"));
      if (hold) {
        answer.put("held", held);
      }
      warnings.forEach(answer.putArray("warnings")::add);
      common.print(answer);
      return;
    }
    common
        .out()
        .println(
            "Restored into " + data + " what was there at " + Words.time(about.made()) + " UTC.");
    if (hold) {
      common
          .out()
          .println(
              Words.count(held, "mail")
                  + " held: nothing is delivered until poststation queue release --all.");
    }
    warnings.forEach(common.out()::println);
  }
}
