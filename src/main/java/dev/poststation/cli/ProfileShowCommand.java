package dev.poststation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.poststation.os.Os;
import dev.poststation.profile.Trait;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `profile show`.
@Command(
    name = "show",
    description =
        "Show what is known of a device: what it has always done, and what was unlike it.")
final class ProfileShowCommand implements Callable<Integer> {
  private static final int VALUES_SHOWN = 6;

  @Mixin private final Common common;

  @Parameters(
      paramLabel = "CLIENT|ADDRESS",
      description = "An entry of clients, the address of a device, or a user.")
  private String name = "";

  ProfileShowCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var answer = common.api().get("profiles", Map.of("name", name));
    var profiles = answer.path("profiles");
    if (profiles.isEmpty()) {
      throw new Failure(
          Exit.NO, "There is no profile of \"" + name + "\": see poststation profile list.");
    }
    if (common.json()) {
      common.print(answer);
      return Exit.OK;
    }
    String between = "";
    for (var profile : profiles) {
      common.out().print(between);
      show(profile);
      between = System.lineSeparator();
    }
    return Exit.OK;
  }

  private void show(JsonNode profile) {
    var out = common.out();
    var now = common.os().time().now();
    out.println(
        Words.shown(profile.path("who").asText() + ", client " + profile.path("client").asText()));
    out.println(
        Words.count(profile.path("mails").asLong(), "mail")
            + " learned, the first "
            + ago(profile.path("first"), now)
            + ", the last "
            + ago(profile.path("last"), now));
    var deviation = profile.path("deviation");
    if (!deviation.isMissingNode()) {
      boolean steppedUp = deviation.path("steppedUp").asBoolean();
      out.println(
          (steppedUp ? "It has to log in" : "It was not as always")
              + ", "
              + Words.count(deviation.path("mails").asLong(), "mail")
              + ", the last "
              + ago(deviation.path("when"), now)
              + ", score "
              + deviation.path("score").asInt()
              + ":");
      for (var reason : deviation.path("reasons")) {
        out.println("  " + Words.shown(reason.asText()));
      }
    }
    var table = new Table("TRAIT", "USUAL", "MAILS", "NEW");
    for (var trait : Trait.values()) {
      var habit = profile.path("traits").path(trait.key());
      if (!habit.isMissingNode()) {
        table.row(
            trait.words(),
            usual(trait, habit.path("values")),
            habit.path("seen").asText(),
            habit.path("surprises").asText());
      }
    }
    table.print(out);
  }

  private static String ago(JsonNode when, Instant now) {
    return when.isTextual()
        ? Words.span(Instant.parse(when.asText()), now) + " ago"
        : "at a time unknown";
  }

  /// The most frequent first.
  private static String usual(Trait trait, JsonNode values) {
    List<Map.Entry<String, JsonNode>> all = new ArrayList<>(values.properties());
    all.sort(
        Comparator.comparingInt((Map.Entry<String, JsonNode> each) -> each.getValue().asInt())
            .reversed());
    var shown = all.stream().limit(VALUES_SHOWN).map(each -> trait.shown(each.getKey())).toList();
    return String.join(" | ", shown) + (all.size() > VALUES_SHOWN ? " | …" : "");
  }
}
