package dev.poststation.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.Poststation;
import dev.poststation.admin.Explanation;
import dev.poststation.dns.DnsResolver;
import dev.poststation.os.Os;
import dev.poststation.policy.Policy;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `explain`.
@Command(
    name = "explain",
    description = {
      "Say what would be done with a mail, and which line of the configuration decides it. Nothing"
          + " is sent.",
      "Ends with 0 when the mail would be taken and has a way, else with 1."
    })
final class ExplainCommand implements Callable<Integer> {
  @Mixin private final Common common;

  @Option(names = "--client", required = true, paramLabel = "IP", description = "Who connects.")
  private String client = "";

  @Option(
      names = "--from",
      required = true,
      paramLabel = "ADDRESS",
      description = "The sender; <> for a notice.")
  private String from = "";

  @Option(names = "--to", required = true, paramLabel = "ADDRESS", description = "The recipient.")
  private String to = "";

  @Option(
      names = "--offline",
      description =
          "Ask the configuration file instead of the running relay: for a file that is not in use.")
  private boolean offline;

  ExplainCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var answer = offline ? candidate() : running();
    if (common.json()) {
      common.print(answer);
    } else {
      common.out().print(Explanation.text(answer));
    }
    boolean good = answer.path("accepted").asBoolean() && answer.path("deliverable").asBoolean();
    return good ? Exit.OK : Exit.NO;
  }

  private ObjectNode running() {
    var body = JsonNodeFactory.instance.objectNode();
    body.put("client", client);
    body.put("from", from);
    body.put("to", to);
    try {
      return common.api().post("explain", body);
    } catch (Failure e) {
      throw e.exit() == Exit.UNREACHABLE
          ? new Failure(e.exit(), e.message() + " The file itself is asked with --offline.")
          : e;
    }
  }

  private ObjectNode candidate() {
    var configuration = common.configuration();
    try {
      return new Explanation(
              configuration,
              new Policy(
                  configuration.clients(), new DnsResolver(configuration.dns(), common.os())),
              Poststation.directions(configuration, common.os()))
          .explain(Explanation.Question.parse(client, from, to));
    } catch (IllegalArgumentException e) {
      throw new Failure(Exit.WRONG, String.valueOf(e.getMessage()));
    }
  }
}
