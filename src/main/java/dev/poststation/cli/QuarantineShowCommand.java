package dev.poststation.cli;

import dev.poststation.os.Os;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `quarantine show`.
@Command(
    name = "show",
    description =
        "Show one mail in quarantine: why it is there, for whom, and the beginning of its text.")
final class QuarantineShowCommand implements Callable<Integer> {
  @Mixin private final Common common;

  @Parameters(paramLabel = "ID", description = "The queue id.")
  private String id = "";

  @Option(names = "--header", description = "With all fields of its header.")
  private boolean header;

  QuarantineShowCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var mail = common.api().get("quarantine/" + Api.encoded(id), Map.of());
    if (common.json()) {
      common.print(mail);
      return Exit.OK;
    }
    var now = common.os().time().now();
    var arrived = Instant.parse(mail.path("arrived").asText());
    var until = Instant.parse(mail.path("until").asText());
    var out = common.out();
    out.println(mail.path("id").asText() + ": in quarantine by " + mail.path("service").asText());
    out.println("because  " + Words.shown(mail.path("reason").asText()));
    out.println("arrived  " + Words.time(arrived) + " UTC, " + Words.span(arrived, now) + " ago");
    out.println("until    " + Words.time(until) + " UTC, goes in " + Words.span(now, until));
    out.println("sender   " + Words.address(mail.path("sender").asText()));
    out.println(
        "client   "
            + Words.shown(mail.path("client").asText() + ", " + mail.path("address").asText()));
    for (var to : mail.path("recipients")) {
      out.println("for      " + Words.address(to.asText()));
    }
    for (var other : mail.path("others")) {
      out.println(
          "not for  "
              + Words.address(other.path("address").asText())
              + ": "
              + Words.shown(other.path("state").asText()));
    }
    out.println("size     " + Words.size(mail.path("size").asLong()));
    out.println("from     " + Words.shown(mail.path("from").asText()));
    out.println("subject  " + Words.shown(mail.path("subject").asText()));
    for (var part : mail.path("parts")) {
      out.println("file     " + Words.shown(part.asText()));
    }
    if (header) {
      out.println();
      mail.path("header").forEach(field -> out.println(Words.shown(field.asText())));
    }
    String problem = mail.path("problem").asText();
    if (!problem.isEmpty()) {
      out.println("Its text is not shown: " + Words.shown(problem));
    }
    String text = mail.path("text").asText();
    if (!text.isEmpty()) {
      out.println();
      text.lines().forEach(line -> out.println("| " + Words.shown(line.replace('\t', ' '))));
    }
    return Exit.OK;
  }
}
