package dev.poststation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.admin.TrialRoutes;
import dev.poststation.os.Os;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `connector reach`.
@Command(
    name = "reach",
    description = {
      "Say which ports of mail get out of this machine: tries 25, 465 and 587 of the hosts of"
          + " connectors, and 25 of the mail exchangers of a domain; directly, and through the"
          + " proxy of a connector that has one. Nobody logs in, and no mail is sent.",
      "Ends with 0 when each connector reaches its own hosts, else with 1."
    })
final class ConnectorReachCommand implements Callable<Integer> {
  @Mixin private final Common common;

  @Parameters(
      paramLabel = "CONNECTOR",
      arity = "0..*",
      description = "Only the hosts of these connectors.")
  private List<String> connectors = List.of();

  @Option(
      names = "--domain",
      paramLabel = "DOMAIN",
      description = "Try port 25 of the mail exchangers of this domain, too.")
  private @Nullable String domain;

  ConnectorReachCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var body = JsonNodeFactory.instance.objectNode();
    connectors.forEach(body.putArray("connectors")::add);
    if (domain != null) {
      body.put("domain", domain);
    }
    var answer = answer(body);
    if (common.json()) {
      common.print(answer);
    } else {
      show(answer);
    }
    for (var way : answer.path("ways")) {
      if (way.path("needed").asBoolean() && !isOpen(way)) {
        return Exit.NO;
      }
    }
    return Exit.OK;
  }

  private static boolean isOpen(JsonNode way) {
    return way.path("state").asText().equals("open");
  }

  private ObjectNode answer(ObjectNode body) {
    var relay = common.trying();
    if (relay.isPresent()) {
      return relay.get().post("connectors/reach", body);
    }
    try {
      return TrialRoutes.reachedFromHere(common.os(), common.configuration(), body);
    } catch (IllegalArgumentException e) {
      throw new Failure(Exit.WRONG, String.valueOf(e.getMessage()));
    }
  }

  private void show(ObjectNode answer) {
    var table = new Table("CONNECTOR", "HOST", "PORT", "WAY", "STATE", "");
    for (var way : answer.path("ways")) {
      String proxy = way.path("proxy").asText();
      String connector = way.path("connector").asText();
      table.row(
          connector.isEmpty() ? "(" + domain + ")" : connector,
          way.path("host").asText(),
          way.path("port").asText() + (way.path("needed").asBoolean() ? " *" : ""),
          proxy.isEmpty() ? "direct" : proxy,
          way.path("state").asText(),
          way.path("text").asText());
    }
    if (table.isEmpty()) {
      common.out().println("No connector names a host: say --domain example.org.");
      return;
    }
    common
        .out()
        .println(
            (TrialText.asRunning(answer)
                    ? "Connectors as the running relay has them, for its file has errors"
                    : "Connectors of the file")
                + ", tried by "
                + TrialText.by(answer));
    common.out().println();
    table.print(common.out());
    common.out().println("(* is what the connector uses)");
    common.out().println();
    answer.path("verdicts").forEach(each -> common.out().println(each.asText()));
  }
}
