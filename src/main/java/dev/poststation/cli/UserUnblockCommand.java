package dev.poststation.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.poststation.dns.NumericAddress;
import dev.poststation.os.Os;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `user unblock`.
@Command(
    name = "unblock",
    description =
        "Let somebody log in again at once who is blocked after failed logins: a user, an address,"
            + " or all. What failed so far is forgotten.")
final class UserUnblockCommand implements Callable<Integer> {
  @Mixin private final Common common;

  @Parameters(
      arity = "0..1",
      paramLabel = "NAME|ADDRESS",
      description = "A user, or an address or network as user blocks lists it.")
  private @Nullable String whom;

  @Option(names = "--all", description = "All of them.")
  private boolean all;

  UserUnblockCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    if (all == (whom != null)) {
      throw new Failure(Exit.WRONG, "Whom? Name a user or an address, or say --all.");
    }
    var body = JsonNodeFactory.instance.objectNode();
    if (whom == null) {
      body.put("all", true);
    } else {
      body.put(NumericAddress.parseNetwork(whom).isPresent() ? "address" : "user", whom);
    }
    var answer = common.api().post("users/unblock", body);
    long lifted = answer.path("lifted").asLong();
    if (lifted == 0 && !all) {
      throw new Failure(Exit.NO, "There is no such block: see poststation user blocks.");
    }
    if (common.json()) {
      common.print(answer);
    } else {
      common.out().println(Words.count(lifted, "block") + " lifted.");
    }
    return Exit.OK;
  }
}
