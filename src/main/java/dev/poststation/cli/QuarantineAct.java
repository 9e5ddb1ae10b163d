package dev.poststation.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
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

  /// Tells what was done.
  ///
  /// @return how the command ends
  static int tell(Common common, ObjectNode answer, String done) {
    if (common.json()) {
      common.print(answer);
    } else {
      for (var each : answer.path("done")) {
        String id = each.path("id").asText();
        String as = each.path("as").asText();
        common.out().println(done + " " + id + (as.equals(id) ? "" : ", as mail " + as));
      }
      for (var id : answer.path("missing")) {
        common.out().println(id.asText() + " is not in quarantine, or not for that recipient.");
      }
    }
    return answer.path("missing").isEmpty() ? Exit.OK : Exit.NO;
  }
}
