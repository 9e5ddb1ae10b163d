package dev.poststation.cli;

import dev.poststation.os.Os;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/// `outbreak`, with its commands.
@Command(
    name = "outbreak",
    description =
        "Say which clients, users and senders are not themselves any more, and put an end to what"
            + " is done about them.")
final class OutbreakCommand implements Runnable {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show the commands.")
  @SuppressWarnings("UnusedVariable") // picocli reads it.
  private boolean help;

  private OutbreakCommand() {}

  static CommandSpec spec(Os os) {
    var spec = CommandSpec.forAnnotatedObject(new OutbreakCommand());
    spec.addSubcommand("list", CommandSpec.forAnnotatedObject(new OutbreakListCommand(os)));
    spec.addSubcommand("lift", CommandSpec.forAnnotatedObject(new OutbreakLiftCommand(os)));
    return spec;
  }

  @Override
  public void run() {
    throw new Failure(
        Exit.WRONG, "What about outbreaks? list or lift: see poststation outbreak COMMAND --help");
  }
}
