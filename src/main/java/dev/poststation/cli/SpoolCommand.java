package dev.poststation.cli;

import dev.poststation.os.Os;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/// `spool`, with its command.
@Command(name = "spool", description = "Look after the spool itself.")
final class SpoolCommand implements Runnable {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show the commands.")
  @SuppressWarnings("UnusedVariable") // picocli reads it.
  private boolean help;

  private SpoolCommand() {}

  static CommandSpec spec(Os os) {
    var spec = CommandSpec.forAnnotatedObject(new SpoolCommand());
    spec.addSubcommand("check", CommandSpec.forAnnotatedObject(new SpoolCheckCommand(os)));
    return spec;
  }

  @Override
  public void run() {
    throw new Failure(
        Exit.WRONG, "What about the spool? check: see poststation spool check --help");
  }
}
