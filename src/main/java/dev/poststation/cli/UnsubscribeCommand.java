package dev.poststation.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.poststation.config.ListUnsubscribe;
import dev.poststation.content.UnsubscribeToken;
import dev.poststation.os.Os;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `unsubscribe`.
@Command(
    name = "unsubscribe",
    description = {
      "Tell who wants no more of which mail, by the token of a List-Unsubscribe field. It ends with"
          + " 1 when the token is none that this configuration has made."
    })
final class UnsubscribeCommand implements Callable<Integer> {
  @Mixin private final Common common;

  @Parameters(paramLabel = "TOKEN", description = "What came in the URL, or in the subject.")
  private String token = "";

  @Option(names = "--recipient", description = "Say the address of the recipient alone.")
  private boolean recipient;

  UnsubscribeCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var read =
        read()
            .orElseThrow(
                () ->
                    new Failure(
                        Exit.NO,
                        "This is no token that use = list-unsubscribe of content has made with its"
                            + " secrets."));
    if (common.json()) {
      var answer = JsonNodeFactory.instance.objectNode();
      answer.put("recipient", read.recipient());
      answer.put("sender", read.sender());
      answer.put("id", read.mail());
      answer.put("time", read.when().toString());
      common.print(answer);
    } else if (recipient) {
      common.out().println(Words.shown(read.recipient()));
    } else {
      var out = common.out();
      out.println("recipient  " + Words.shown(read.recipient()));
      out.println("sender     " + Words.shown(read.sender()));
      out.println("mail       " + read.mail() + " of " + read.when());
    }
    return Exit.OK;
  }

  private Optional<UnsubscribeToken> read() {
    for (var rule : common.configuration().content()) {
      if (rule.service() instanceof ListUnsubscribe(_, _, var secrets)) {
        for (var secret : secrets) {
          try {
            var read = UnsubscribeToken.read(token.strip(), secret.reveal());
            if (read.isPresent()) {
              return read;
            }
          } catch (IOException e) {
            throw new Failure(Exit.WRONG, String.valueOf(e.getMessage()));
          }
        }
      }
    }
    return Optional.empty();
  }
}
