package dev.poststation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// What commands that do something about mail in quarantine have in common.
final class QuarantineAct {
  @Parameters(paramLabel = "ID", arity = "1..*", description = "These mails.")
  private List<String> ids = List.of();

  @Option(
      names = "--for",
      paramLabel = "ADDRESS",
      description = "Only for this recipient; for the others it stays in quarantine.")
  private @Nullable String recipient;

  @Option(names = "--text", paramLabel = "TEXT", description = "Why: for log and trace.")
  private @Nullable String text;

  /// Whether it is about one recipient.
  boolean forOne() {
    return recipient != null;
  }

  ObjectNode body() {
    var body = JsonNodeFactory.instance.objectNode();
    ids.forEach(body.putArray("ids")::add);
    body.put("by", who());
    if (recipient != null) {
      body.put("recipient", recipient);
    }
    if (text != null) {
      body.put("text", text);
    }
    return body;
  }

  /// Who it is, for log and trace; behind sudo, who was there before.
  private static String who() {
    String user = System.getProperty("user.name", "?");
    String before = System.getenv("SUDO_USER");
    return before == null || before.isBlank() || before.equals(user)
        ? user
        : before + " as " + user;
  }

  /// Tells what was done, and what was not.
  ///
  /// @param line says it of a mail
  /// @return how the command ends
  static int tell(Common common, ObjectNode answer, Function<JsonNode, String> line) {
    var failed = answer.path("failed");
    var missing = answer.path("missing");
    if (common.json()) {
      common.print(answer);
    } else {
      var out = common.out();
      answer.path("done").forEach(each -> out.println(line.apply(each)));
      failed.forEach(
          each ->
              out.println(
                  each.path("id").asText() + ": " + Words.shown(each.path("why").asText())));
      missing.forEach(id -> out.println(id.asText() + " is not in quarantine."));
    }
    return failed.isEmpty() && missing.isEmpty() ? Exit.OK : Exit.NO;
  }
}
