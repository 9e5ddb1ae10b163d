package dev.poststation.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.poststation.account.User;
import dev.poststation.account.UsersFile;
import dev.poststation.account.UsersFile.UnusableException;
import dev.poststation.os.Os;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `user disable`, `user enable`, `user delete`.
@Command
final class UserChangeCommand implements Callable<Integer> {
  @Mixin private final Common common;
  private final Change change;

  @Parameters(paramLabel = "NAME", description = "Which user.")
  private String name = "";

  /// What to do.
  enum Change {
    DISABLE(
        "Let a user log in no more. His passwords stay, and are good again when he is enabled."),
    ENABLE("Let a user log in again."),
    DELETE("Delete a user with his passwords. Mail that he sent is delivered all the same.");

    private final String about;

    Change(String about) {
      this.about = about;
    }

    String about() {
      return about;
    }

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  UserChangeCommand(Os os, Change change) {
    this.common = new Common(os);
    this.change = change;
  }

  @Override
  public Integer call() {
    var users = common.users();
    users.change(before -> changed(before, UsersOnDisk.find(before.users(), name)));
    String done = change == Change.DELETE ? "deleted" : change.word() + "d";
    if (common.json()) {
      common.print(JsonNodeFactory.instance.objectNode().put("user", name).put("done", done));
    } else {
      common.out().println("User " + name + " " + done + ".");
    }
    return Exit.OK;
  }

  private UsersFile changed(UsersFile before, User user) throws UnusableException {
    return switch (change) {
      case DISABLE -> before.with(user.disabled(true));
      case ENABLE -> before.with(user.disabled(false));
      case DELETE -> before.without(user);
    };
  }
}
