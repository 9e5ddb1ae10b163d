package dev.poststation.cli;

import dev.poststation.os.Os;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/// `profile`, with its commands.
@Command(
    name = "profile",
    description =
        "Look at what devices have always done (profile in clients), and say what is usual from now"
            + " on.")
final class ProfileCommand implements Runnable {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show the commands.")
  @SuppressWarnings("UnusedVariable") // picocli reads it.
  private boolean help;

  private ProfileCommand() {}

  static CommandSpec spec(Os os) {
    var spec = CommandSpec.forAnnotatedObject(new ProfileCommand());
    spec.addSubcommand("list", CommandSpec.forAnnotatedObject(new ProfileListCommand(os)));
    spec.addSubcommand("show", CommandSpec.forAnnotatedObject(new ProfileShowCommand(os)));
    for (var change : ProfileChangeCommand.Change.values()) {
      var changing = CommandSpec.forAnnotatedObject(new ProfileChangeCommand(os, change));
      changing.usageMessage().description(change.about());
      spec.addSubcommand(change.word(), changing);
    }
    return spec;
  }

  @Override
  public void run() {
    throw new Failure(
        Exit.WRONG,
        "What about profiles? list, show, accept or reset: see poststation profile COMMAND --help");
  }
}
