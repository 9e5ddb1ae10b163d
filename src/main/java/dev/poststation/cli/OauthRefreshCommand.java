package dev.poststation.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.poststation.os.Os;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `oauth refresh`.
@Command(
    name = "refresh",
    description = {
      "Have the running relay get new tokens for a connector now, for example after a secret was"
          + " changed.",
      "Ends with 0 when all were given, else with 1."
    })
final class OauthRefreshCommand implements Callable<Integer> {
  @Mixin private final Common common;

  @Parameters(paramLabel = "CONNECTOR", description = "The connector.")
  private String connector = "";

  @Option(names = "--user", paramLabel = "USER", description = "Only this account of it.")
  private @Nullable String user;

  OauthRefreshCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var body = JsonNodeFactory.instance.objectNode().put("connector", connector);
    if (user != null) {
      body.put("user", user);
    }
    var answer = common.api().post("oauth/refresh", body);
    if (common.json()) {
      common.print(answer);
    } else {
      OauthListCommand.show(common, answer);
    }
    return answer.path("renewed").asBoolean() ? Exit.OK : Exit.NO;
  }
}
