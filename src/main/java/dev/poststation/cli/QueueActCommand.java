package dev.poststation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.os.Os;
import dev.poststation.queue.Control;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `queue hold`, `release`, `retry`, `bounce`, `delete`.
@Command
final class QueueActCommand implements Callable<Integer> {
  private static final int SHOWN = 20;

  /// Ids that are named in one line.
  private static final int NAMED = 10;

  @Mixin private final Common common;
  @Mixin private final FilterOptions filter = new FilterOptions();

  @Parameters(paramLabel = "ID", arity = "0..*", description = "These mails.")
  private List<String> ids = List.of();

  @Option(names = "--all", description = "Every mail of the queue.")
  private boolean all;

  @Option(
      names = {"-n", "--dry-run"},
      description = "Only say which mails these are.")
  private boolean dryRun;

  @Option(
      names = "--text",
      paramLabel = "TEXT",
      description = "Why: for the trace, and for the sender of a mail that is returned.")
  private @Nullable String text;

  /// Of a release only.
  static final String UNENCRYPTED = "--unencrypted";

  @Option(
      names = UNENCRYPTED,
      description = "Also what should have been encrypted and is not: it goes out in the clear.")
  private boolean unencrypted;

  private final Control.Action action;

  QueueActCommand(Os os, Control.Action action) {
    this.common = new Common(os);
    this.action = action;
  }

  @Override
  public Integer call() {
    boolean chosen = !ids.isEmpty() || !filter.given().isEmpty();
    if (!chosen && !all) {
      throw new Failure(
          Exit.WRONG, "Which mails? Name ids or a filter, or say --all for the whole queue.");
    }
    if (chosen && all) {
      throw new Failure(Exit.WRONG, "--all means every mail: leave out ids and filters, or --all.");
    }
    var answer = common.api().post("queue/" + name(), body());
    if (common.json()) {
      common.print(answer);
    } else {
      show(answer);
    }
    boolean all = answer.path("missing").isEmpty();
    return all && treated(answer) > 0 ? Exit.OK : Exit.NO;
  }

  private String name() {
    return action.name().toLowerCase(Locale.ROOT);
  }

  /// How many mails something was done about, or would be.
  private int treated(ObjectNode answer) {
    return answer.path(dryRun ? "would" : "done").asInt();
  }

  /// What is with the mails about which nothing was done.
  private String others() {
    return switch (action) {
      case HOLD -> "the others are held already, or gone";
      case RELEASE -> "the others are not held, or gone";
      case RETRY -> "the others are gone by now, or held, which release ends";
      case BOUNCE, DELETE -> "the others are gone";
    };
  }

  private ObjectNode body() {
    var body = JsonNodeFactory.instance.objectNode();
    filter.given().forEach(body::put);
    var list = body.putArray("ids");
    ids.forEach(list::add);
    body.put("all", all);
    body.put("dryRun", dryRun);
    body.put("unencrypted", unencrypted);
    if (text != null) {
      body.put("text", text);
    }
    return body;
  }

  private void show(ObjectNode answer) {
    int matched = answer.path("matched").asInt();
    var missing = answer.path("missing");
    int inAll = matched + missing.size();
    if (inAll == 0) {
      common.out().println("No mail matches.");
      return;
    }
    int treated = treated(answer);
    int open = answer.path("unencrypted").asInt();
    String rest =
        (missing.isEmpty() ? "" : "; " + missing(missing))
            + (open > 0 ? "; " + open(open) : "")
            + (treated + open < matched ? "; " + others() : "");
    if (dryRun) {
      String which = (rest.isEmpty() ? "" : treated + " of ") + Words.count(inAll, "mail");
      common.out().println(which + " would be meant" + rest + (treated > 0 ? ":" : ""));
      if (treated > 0) {
        meant(answer.path("mails"));
      }
      return;
    }
    common.out().println(name() + ": " + treated + " of " + Words.count(inAll, "mail") + rest);
    int shown = 0;
    for (var id : answer.path("ids")) {
      if (++shown > SHOWN) {
        common.out().println("...");
        break;
      }
      common.out().println(id.asText());
    }
  }

  private static String open(int mails) {
    return mails == 1
        ? "1 should have been encrypted and is not: --unencrypted releases it, too"
        : mails + " should have been encrypted and are not: --unencrypted releases them, too";
  }

  private static String missing(JsonNode ids) {
    if (ids.size() > NAMED) {
      return ids.size() + " of them are not in the queue";
    }
    return Words.list(ids) + (ids.size() == 1 ? " is" : " are") + " not in the queue";
  }

  private void meant(JsonNode mails) {
    var table = new Table("ID", "SENDER", "RECIPIENT");
    int rows = 0;
    int others = 0;
    for (var mail : mails) {
      boolean first = true;
      for (var recipient : mail.path("recipients")) {
        if (++rows <= SHOWN) {
          table.row(
              first ? mail.path("id").asText() : "",
              first ? Words.address(mail.path("sender").asText()) : "",
              Words.address(recipient.asText()));
        }
        first = false;
      }
      rows += mail.path("more").asInt();
      others += mail.path("others").asInt();
    }
    table.print(common.out());
    if (rows > SHOWN) {
      common.out().println("...");
    }
    if (others > 0) {
      common
          .out()
          .println(Words.count(others, "other recipient") + " of these mails would be left alone.");
    }
  }
}
