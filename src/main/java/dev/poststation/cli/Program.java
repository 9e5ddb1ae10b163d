package dev.poststation.cli;

import dev.poststation.os.Os;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
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

  private final Os os;
  private final PrintWriter out;
  private final PrintWriter err;

  /// @param out where answers go
  /// @param err where complaints go
  Program(Os os, PrintWriter out, PrintWriter err) {
    this.os = os;
    this.out = out;
    this.err = err;
  }

  /// Knows the command that is wanted, and the others only where nobody knows which one that is:
  /// what all of them take would be most of what a small one costs.
  private CommandLine line(String wanted) {
    var line = new CommandLine(CommandSpec.forAnnotatedObject(new Root()));
    var commands = commands(os);
    var command = commands.get(wanted);
    if (command != null) {
      line.addSubcommand(wanted, command.get());
    } else {
      commands.forEach((name, each) -> line.addSubcommand(name, each.get()));
      line.addSubcommand(new HelpCommand());
    }
    line.setOut(out).setErr(err).setCaseInsensitiveEnumValuesAllowed(true);
    line.setExecutionExceptionHandler((e, at, _) -> failed(e, at));
    line.setParameterExceptionHandler((e, _) -> misused(e));
    return line;
  }

  /// The commands by their names, in the order in which the help shows them.
  static Map<String, Supplier<Object>> commands(Os os) {
    Map<String, Supplier<Object>> all = new LinkedHashMap<>();
    all.put("run", () -> hiding(new RunCommand(os), "--json"));
    all.put("check", () -> new CheckCommand(os));
    all.put("config", () -> new ConfigCommand(os));
    all.put("queue", () -> CommandGroups.queue(os));
    all.put("quarantine", () -> CommandGroups.quarantine(os));
    all.put("trace", () -> new TraceCommand(os));
    all.put("explain", () -> new ExplainCommand(os));
    all.put("send", () -> new SendCommand(os));
    all.put("status", () -> new StatusCommand(os));
    all.put("user", () -> CommandGroups.user(os));
    all.put("profile", () -> CommandGroups.profile(os));
    all.put("client", () -> CommandGroups.client(os));
    all.put("outbreak", () -> CommandGroups.outbreak(os));
    all.put("connector", () -> CommandGroups.connector(os));
    all.put("source", () -> CommandGroups.source(os));
    all.put("credential", () -> CommandGroups.credential(os));
    all.put("suppress", () -> CommandGroups.suppress(os));
    all.put("unsubscribe", () -> new UnsubscribeCommand(os));
    all.put("oauth", () -> CommandGroups.oauth(os));
    all.put("mta-sts", () -> CommandGroups.sts(os));
    all.put("tls-report", () -> CommandGroups.tlsReport(os));
    all.put("dkim", () -> CommandGroups.dkim(os));
    all.put("smime", () -> CommandGroups.smime(os));
    all.put("pgp", () -> CommandGroups.pgp(os));
    all.put("archive", () -> CommandGroups.archive(os));
    all.put("reload", () -> new ReloadCommand(os));
    all.put("backup", () -> new BackupCommand(os));
    all.put("restore", () -> new RestoreCommand(os));
    all.put("spool", () -> CommandGroups.spool(os));
    all.put("version", () -> new VersionCommand(os));
    all.put("demo", () -> hiding(new DemoCommand(os), "--json", "--config"));
    all.put("train", () -> hiding(new TrainCommand(os), "--json", "--config", "--directory"));
    return all;
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
      line("").usage(out);
      return Exit.WRONG;
    }
    if (!args[0].equals("run")) {
      System.setProperty("poststation.log", "ERROR");
    }
    int exit = line(args[0]).execute(args);
    out.flush();
    err.flush();
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
    boolean command = e instanceof UnmatchedArgumentException && !at.getSubcommands().isEmpty();
    at.getErr()
        .println(
            command && !unknown.getFirst().startsWith("-")
                ? "There is no command \"" + Words.shown(unknown.getFirst()) + "\"."
                : e.getMessage());
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
