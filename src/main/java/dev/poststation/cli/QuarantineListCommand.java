package dev.poststation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.poststation.os.Os;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `quarantine list`.
@Command(
    name = "list",
    description = {
      "List mails in quarantine, the latest first. What is written is looked for in any part of"
          + " the text, whatever the case.",
      "Ends with 1 when there is none."
    })
final class QuarantineListCommand implements Callable<Integer> {
  @Mixin private final Common common;

  @Option(
      names = "--from",
      paramLabel = "TEXT",
      description = "From this sender or author; <> for notices.")
  private @Nullable String from;

  @Option(names = "--to", paramLabel = "TEXT", description = "For this recipient.")
  private @Nullable String to;

  @Option(names = "--subject", paramLabel = "TEXT", description = "With this in the subject.")
  private @Nullable String subject;

  @Option(names = "--service", paramLabel = "NAME", description = "Kept by this entry of content.")
  private @Nullable String service;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      description = "Not older than, say, 2d, or from that day on: 2026-11-30 (UTC).")
  private @Nullable String since;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "100",
      description = "Show so many at most (default: ${DEFAULT-VALUE}).")
  private int limit = 100;

  QuarantineListCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    Map<String, String> query = new LinkedHashMap<>();
    put(query, "from", from);
    put(query, "to", to);
    put(query, "subject", subject);
    put(query, "service", service);
    put(query, "since", since);
    boolean all = query.isEmpty();
    query.put("limit", Integer.toString(limit));
    var answer = common.api().get("quarantine", query);
    var mails = answer.path("mails");
    if (common.json()) {
      common.print(answer);
    } else if (mails.isEmpty()) {
      common.out().println(all ? "The quarantine is empty." : "No mail matches.");
    } else {
      show(mails);
      if (answer.path("more").asBoolean()) {
        common.out().println("... and more: narrow it down, or raise --limit.");
      }
    }
    return mails.isEmpty() ? Exit.NO : Exit.OK;
  }

  private static void put(Map<String, String> query, String name, @Nullable String value) {
    if (value != null) {
      query.put(name, value);
    }
  }

  private void show(JsonNode mails) {
    var now = common.os().time().now();
    var table = new Table("ID", "AGE", "GOES IN", "SERVICE", "SENDER", "RECIPIENT", "SUBJECT");
    for (var mail : mails) {
      var to = mail.path("recipients");
      table.row(
          mail.path("id").asText(),
          Words.span(Instant.parse(mail.path("arrived").asText()), now),
          Words.span(now, Instant.parse(mail.path("until").asText())),
          mail.path("service").asText(),
          Words.address(mail.path("sender").asText()),
          Words.address(to.path(0).asText())
              + (to.size() > 1 ? " and " + (to.size() - 1) + " more" : ""),
          Words.shown(mail.path("subject").asText()));
    }
    table.print(common.out());
  }
}
