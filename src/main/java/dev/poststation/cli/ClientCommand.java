package dev.poststation.cli;

import dev.poststation.os.Os;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/// `client`, with its commands.
@Command(name = "client", description = "Look at the entries of `clients`; firewalls and lists.")
final class ClientCommand implements Runnable {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show the commands.")
  @SuppressWarnings("UnusedVariable") // picocli reads it.
  private boolean help;

  private ClientCommand() {}

  static CommandSpec spec(Os os) {
    var spec = CommandSpec.forAnnotatedObject(new ClientCommand());
    spec.addSubcommand("list", CommandSpec.forAnnotatedObject(new ClientListCommand(os)));
    spec.addSubcommand("export", CommandSpec.forAnnotatedObject(new ClientExportCommand(os)));
    spec.addSubcommand("import", Program.hiding(new ClientImportCommand(os), "--config"));
    return spec;
  }

  @Override
  public void run() {
    throw new Failure(
        Exit.WRONG, "Which command of client? See poststation client --help for all of them");
  }
}
