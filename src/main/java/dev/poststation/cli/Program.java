package dev.poststation.cli;

import dev.poststation.os.Os;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// The command line: finds the command, runs it, and turns what goes wrong into one sentence and an
/// exit code. Confined to the main thread.
public final class Program {
  private static final String NAME = "poststation";

  private final CommandLine line;

  /// @param out where answers go
  /// @param err where complaints go
  Program(Os os, PrintWriter out, PrintWriter err) {
    var root = CommandSpec.forAnnotatedObject(new Root());
    line = new CommandLine(root);
    for (Object command : commands(os)) {
      line.addSubcommand(command);
    }
    line.addSubcommand(new HelpCommand());
    line.setOut(out).setErr(err).setCaseInsensitiveEnumValuesAllowed(true);
    line.setExecutionExceptionHandler((e, at, _) -> failed(e, at));
    line.setParameterExceptionHandler((e, _) -> misused(e));
  }

  private static List<Object> commands(Os os) {
    return List.of(
        hiding(new RunCommand(os), "--json"),
        new CheckCommand(os),
        new ConfigCommand(os),
        CommandGroups.queue(os),
        CommandGroups.quarantine(os),
        new TraceCommand(os),
        new ExplainCommand(os),
        new SendCommand(os),
        new StatusCommand(os),
        CommandGroups.user(os),
        CommandGroups.profile(os),
        CommandGroups.client(os),
        CommandGroups.outbreak(os),
        CommandGroups.connector(os),
        CommandGroups.source(os),
        CommandGroups.credential(os),
        CommandGroups.suppress(os),
        new UnsubscribeCommand(os),
        CommandGroups.oauth(os),
        CommandGroups.sts(os),
        CommandGroups.tlsReport(os),
        CommandGroups.dkim(os),
        CommandGroups.smime(os),
        CommandGroups.pgp(os),
        CommandGroups.archive(os),
        new ReloadCommand(os),
        new BackupCommand(os),
        new RestoreCommand(os),
        CommandGroups.spool(os),
        new VersionCommand(os),
        hiding(new DemoCommand(os), "--json", "--config"));
  }

  /// The command, with a help that does not name these options: it refuses them and says why.
  static CommandSpec hiding(Object command, String... options) {
    var spec = CommandSpec.forAnnotatedObject(command);
    for (String name : options) {
      var option = spec.findOption(name);
      spec.remove(option);
      spec.addOption(OptionSpec.builder(option).hidden(true).build());
    }
    return spec;
  }

  /// The program of the real machine, writing to its terminal.
  public static Program real() {
    return new Program(
        Os.real(),
        new PrintWriter(System.out, true, StandardCharsets.UTF_8),
        new PrintWriter(System.err, true, StandardCharsets.UTF_8));
  }

  /// Runs a command.
  ///
  /// @return the exit code
  public int run(String... args) {
    if (args.length == 1 && (args[0].equals("--version") || args[0].equals("-V"))) {
      return run("version");
    }
    if (args.length == 0) {
      line.usage(line.getOut());
      return Exit.WRONG;
    }
    if (!args[0].equals("run")) {
      System.setProperty("poststation.log", "ERROR");
    }
    int exit = line.execute(args);
    line.getOut().flush();
    line.getErr().flush();
    return exit;
  }

  private static int failed(Exception e, CommandLine at) {
    if (e instanceof Failure failure) {
      at.getErr().println(failure.message());
      return failure.exit();
    }
    LoggerFactory.getLogger(Program.class).error("Internal error of {}", at.getCommandName(), e);
    at.getErr()
        .println(
            "Internal error: what stands above is for those who make Poststation; please report"
                + " it.");
    return Exit.INTERNAL;
  }

  private static int misused(ParameterException thrown) {
    var at = thrown.getCommandLine();
    ParameterException e = thrown;
    // What is missing may well be what was misspelt.
    var unknown = at.getUnmatchedArguments();
    if (e instanceof MissingParameterException
        && unknown.stream().anyMatch(word -> word.startsWith("-"))) {
      e = new UnmatchedArgumentException(at, unknown);
    }
    at.getErr().println(e.getMessage());
    UnmatchedArgumentException.printSuggestions(e, at.getErr());
    at.getErr().println("See " + at.getCommandSpec().qualifiedName() + " --help");
    return Exit.WRONG;
  }

  @Command(
      name = NAME,
      synopsisSubcommandLabel = "COMMAND",
      description = "A smarthost: the mail relay between your mail systems and the Internet.",
      footer = {
        "",
        "Each command has its own --help. Exit codes:",
        "  0   done",
        "  1   the answer is no: not found, refused, undeliverable, not in time",
        "  2   wrong usage or configuration",
        "  3   no relay answers",
        "  4   not authorised: the token may not be read, or is another one",
        "  70  internal error"
      })
  private static final class Root implements Runnable {
    @CommandLine.Option(
        names = {"-h", "--help"},
        usageHelp = true,
        description = "Show the commands.")
    @SuppressWarnings("UnusedVariable") // picocli reads it.
    private boolean help;

    @Override
    public void run() {
      throw new Failure(Exit.WRONG, "Which command? See poststation --help");
    }
  }
}
