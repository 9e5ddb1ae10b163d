package dev.poststation.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.delivery.Diagnosis;
import dev.poststation.message.Classification;
import dev.poststation.message.Outcome;
import dev.poststation.message.Outcome.Stage;
import dev.poststation.smtp.EnhancedStatus;
import dev.poststation.smtp.Reply;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What the relay makes of a reply of a next hop, asked of the very tables that decide when it
/// comes: `explain --reply`. The reply may be cut out of a line of the mail log. Pure functions.
final class ReplyMeaning {
  private static final Pattern REPLY =
      Pattern.compile(
          "(?s)(?:^|.*?[\\s\"=:])([245][0-9]{2})(?:[ -]([245]\\.[0-9]{1,3}\\.[0-9]{1,3}))?"
              + "(?:[ -](.*)|$)");

  /// How [Diagnosis] says what a reply answered.
  private static final Map<String, Stage> SAID =
      Map.of(
          "(in reply to MAIL FROM)", Stage.MAIL,
          "(in reply to RCPT TO)", Stage.RCPT,
          "(in reply to DATA)", Stage.DATA,
          "(in reply to the content)", Stage.CONTENT,
          "(in reply to the end of the content)", Stage.END,
          "(in reply to EHLO)", Stage.HELLO,
          "(in reply to STARTTLS)", Stage.TLS,
          "(in reply to AUTH)", Stage.AUTH,
          "refused to talk to us:", Stage.GREETING);

  private ReplyMeaning() {}

  /// As JSON.
  ///
  /// @param text the reply, alone or in a line of the log
  /// @param stage what it answered; null: what the line says, else RCPT
  /// @throws Failure when there is no reply in the text
  static ObjectNode of(String text, @Nullable Stage stage) {
    var found = REPLY.matcher(text.strip());
    if (!found.matches()) {
      throw new Failure(
          Exit.WRONG, "--reply: there is no reply in \"" + text + "\"; it begins like 550 5.1.1 …");
    }
    int code = Integer.parseInt(found.group(1));
    String status = found.group(2);
    String words = found.group(3) == null ? "" : found.group(3);
    var given = status == null ? null : EnhancedStatus.parse(status).orElse(null);
    var reply = new Reply(code, given, List.of(words));
    var answered = stage == null ? said(text) : stage;
    var answer = JsonNodeFactory.instance.objectNode();
    answer.put("reply", reply.toString());
    answer.put("stage", answered.name().toLowerCase(Locale.ROOT));
    if (reply.positive()) {
      return answer.put("becomes", "sent");
    }
    var outcome = Diagnosis.meaning(answered, reply);
    var why = Classification.of(answered, reply);
    answer.put("becomes", outcome instanceof Outcome.Bounced ? "bounced" : "deferred");
    answer.put("status", outcome.status().toString());
    answer.put("category", why.category().word());
    answer.put("meaning", why.category().meaning());
    return answer.put("by", why.by());
  }

  private static Stage said(String text) {
    return SAID.entrySet().stream()
        .filter(each -> text.contains(each.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(Stage.RCPT);
  }

  /// For people.
  static String text(ObjectNode answer) {
    String becomes = answer.path("becomes").asText();
    String head = answer.path("reply").asText() + "\n  answers " + stage(answer) + '\n';
    if (becomes.equals("sent")) {
      return head + "  the next hop takes it\n";
    }
    return head
        + "  "
        + (becomes.equals("bounced")
            ? "bounced with " + answer.path("status").asText() + ": the sender is told"
            : "deferred with " + answer.path("status").asText() + ": it is tried again")
        + "\n  category "
        + answer.path("category").asText()
        + ": "
        + answer.path("meaning").asText()
        + "; by "
        + answer.path("by").asText()
        + '\n';
  }

  private static String stage(ObjectNode answer) {
    return switch (answer.path("stage").asText()) {
      case "connect", "greeting" -> "the connection";
      case "hello" -> "EHLO";
      case "tls" -> "STARTTLS";
      case "content" -> "the content";
      case "end" -> "the end of the content";
      case String other -> other.toUpperCase(Locale.ROOT);
    };
  }
}
