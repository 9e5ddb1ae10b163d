package dev.poststation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.config.Loaded;
import dev.poststation.os.Os;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `config`.
@Command(
    name = "config",
    description = {
      "Show the configuration of the file: every value, with the line it comes from or the word"
          + " default; secrets as ***.",
      "What of it the running relay has not taken is said on standard error."
    })
final class ConfigCommand implements Callable<Integer> {
  @Mixin private final Common common;

  ConfigCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var loaded = common.loaded();
    var effective = loaded.effective();
    if (common.json()) {
      common.print(effective.json());
    } else {
      common.out().print(effective.text());
    }
    sayWhatIsNotInForce(loaded);
    return Exit.OK;
  }

  private void sayWhatIsNotInForce(Loaded.Good loaded) {
    ObjectNode answer;
    try {
      answer = common.api(loaded).get("configuration", Map.of());
    } catch (Failure _) {
      return; // None runs with it, or it is not for this user to ask.
    }
    String file = loaded.file().toAbsolutePath().normalize().toString();
    if (!answer.path("file").asText().equals(file)) {
      return; // The relay has another file: this one is a candidate.
    }
    var parts =
        new StringJoiner("; ", "Not in force in the running relay: ", ".").setEmptyValue("");
    name(answer.path("reload"), "taken by poststation reload", parts);
    name(answer.path("nextStart"), "taken when it is started again", parts);
    if (parts.length() > 0) {
      common.err().println(parts);
    }
  }

  private static void name(JsonNode settings, String when, StringJoiner parts) {
    if (!settings.isEmpty()) {
      parts.add(Words.list(settings) + " (" + when + ")");
    }
  }
}
