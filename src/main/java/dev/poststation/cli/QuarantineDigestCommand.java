package dev.poststation.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.poststation.os.Os;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `quarantine digest`.
@Command(
    name = "digest",
    description = {
      "Send the digests to recipients now, and not at their time only (quarantine.digest).",
      "Ends with 1 when there is nothing new to tell."
    })
final class QuarantineDigestCommand implements Callable<Integer> {
  @Mixin private final Common common;

  QuarantineDigestCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var answer = common.api().post("quarantine/digest", JsonNodeFactory.instance.objectNode());
    long sent = answer.path("sent").asLong();
    if (common.json()) {
      common.print(answer);
    } else {
      common
          .out()
          .println(
              sent == 0
                  ? "Nobody has anything new to be told of."
                  : Words.count(sent, "digest") + " sent");
    }
    return sent == 0 ? Exit.NO : Exit.OK;
  }
}
