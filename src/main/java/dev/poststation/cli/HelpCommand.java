package dev.poststation.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `help`.
@Command(
    name = "help",
    helpCommand = true,
    description = "Show the help of a command, such as help queue list.")
final class HelpCommand implements Runnable {
  @Parameters(
      paramLabel = "COMMAND",
      arity = "0..*",
      description = "Its whole name; without it, the help of the program.")
  private List<String> words = List.of();

  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    if (spec == null) {
      throw new IllegalStateException("used before the command line was parsed");
    }
    var at = spec.root().commandLine();
    for (String word : words) {
      at = within(at, word);
    }
    at.usage(spec.commandLine().getOut());
  }

  private static CommandLine within(CommandLine at, String word) {
    var found = at.getSubcommands().get(word);
    if (found == null) {
      String name = at.getCommandSpec().qualifiedName();
      throw new Failure(
          Exit.WRONG, "\"" + word + "\" is no command of " + name + ": see " + name + " --help");
    }
    return found;
  }
}
