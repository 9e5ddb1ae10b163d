package dev.poststation.cli;

import dev.poststation.os.Os;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/// `user`, with its commands.
@Command(
    name = "user",
    description =
        "Say who can log in: users, their passwords and their own addresses. A relay that runs"
            + " takes it over at once.")
final class UserCommand implements Runnable {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show the commands.")
  @SuppressWarnings("UnusedVariable") // picocli reads it.
  private boolean help;

  private UserCommand() {}

  static CommandSpec spec(Os os) {
    var spec = CommandSpec.forAnnotatedObject(new UserCommand());
    spec.addSubcommand("add", CommandSpec.forAnnotatedObject(new UserAddCommand(os)));
    spec.addSubcommand("password", CommandSpec.forAnnotatedObject(new UserPasswordCommand(os)));
    spec.addSubcommand("list", CommandSpec.forAnnotatedObject(new UserListCommand(os)));
    spec.addSubcommand("show", CommandSpec.forAnnotatedObject(new UserShowCommand(os)));
    spec.addSubcommand("change", CommandSpec.forAnnotatedObject(new UserDetailsCommand(os)));
    spec.addSubcommand("blocks", CommandSpec.forAnnotatedObject(new UserBlocksCommand(os)));
    spec.addSubcommand("unblock", CommandSpec.forAnnotatedObject(new UserUnblockCommand(os)));
    for (var change : UserChangeCommand.Change.values()) {
      var changing = CommandSpec.forAnnotatedObject(new UserChangeCommand(os, change));
      changing.usageMessage().description(change.about());
      spec.addSubcommand(change.word(), changing);
    }
    return spec;
  }

  @Override
  public void run() {
    throw new Failure(
        Exit.WRONG,
        "What about users? add, password, list, show, change, disable, enable, delete, blocks or"
            + " unblock: see poststation user COMMAND --help");
  }
}
