package dev.poststation.cli;

import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// A command that is only the first word of others, such as `queue` of `queue list`.
@Command
final class CommandGroup implements Runnable {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show the commands.")
  @SuppressWarnings("UnusedVariable") // picocli reads it.
  private boolean help;

  @Spec private CommandSpec spec = CommandSpec.create();

  private CommandGroup() {}

  /// @param commands by their second words, in the order in which help shows them
  static CommandSpec of(String name, String description, Map<String, CommandSpec> commands) {
    var spec = CommandSpec.forAnnotatedObject(new CommandGroup()).name(name);
    spec.usageMessage().description(description).synopsisSubcommandLabel("COMMAND");
    commands.forEach(spec::addSubcommand);
    return spec;
  }

  @Override
  public void run() {
    String words = String.join(", ", spec.subcommands().keySet());
    throw new Failure(
        Exit.WRONG,
        "Which command of %s? %s: see %s COMMAND --help"
            .formatted(spec.name(), words, spec.qualifiedName()));
  }
}
