package dev.poststation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.poststation.os.Os;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `profile list`.
@Command(
    name = "list",
    description = "List the devices that are known, and which is not as always.")
final class ProfileListCommand implements Callable<Integer> {
  @Mixin private final Common common;

  ProfileListCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var answer = common.api().get("profiles", Map.of());
    if (common.json()) {
      common.print(answer);
      return Exit.OK;
    }
    if (answer.path("profiles").isEmpty()) {
      common.out().println("No device is known: write profile = report in an entry of clients.");
      return Exit.OK;
    }
    var now = common.os().time().now();
    var table = new Table("CLIENT", "DEVICE", "MAILS", "LAST", "STATE");
    for (var profile : answer.path("profiles")) {
      table.row(
          profile.path("client").asText(),
          profile.path("who").asText(),
          profile.path("mails").asText(),
          Words.span(Instant.parse(profile.path("last").asText()), now) + " ago",
          state(profile));
    }
    table.print(common.out());
    return Exit.OK;
  }

  /// In a few words.
  static String state(JsonNode profile) {
    var deviation = profile.path("deviation");
    if (deviation.isMissingNode()) {
      return profile.path("mails").asLong() < 5 ? "learning" : "as always";
    }
    String first = deviation.path("reasons").path(0).asText();
    if (deviation.path("steppedUp").asBoolean()) {
      return "has to log in: " + first;
    }
    boolean lately = profile.path("deviates").asBoolean();
    return lately ? "not as always: " + first : "as always; once it was not: " + first;
  }
}
