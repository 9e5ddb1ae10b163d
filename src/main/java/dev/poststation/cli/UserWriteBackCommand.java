package dev.poststation.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.poststation.os.Os;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `user write-back`.
@Command(
    name = "write-back",
    description =
        "Write a users file that is gone anew, with the users that the running relay still has."
            + " Remarks that were in it are lost.")
final class UserWriteBackCommand implements Callable<Integer> {
  @Mixin private final Common common;

  UserWriteBackCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var onDisk = common.users();
    var answer =
        onDisk.putBack(
            () -> common.api().post("users/save", JsonNodeFactory.instance.objectNode()));
    if (common.json()) {
      common.print(answer);
    } else {
      String users = Words.count(answer.path("users").asLong(), "user");
      common.out().println(users + " written to " + answer.path("file").asText() + ".");
    }
    return Exit.OK;
  }
}
