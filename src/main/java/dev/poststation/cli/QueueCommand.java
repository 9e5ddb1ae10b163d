package dev.poststation.cli;

import dev.poststation.os.Os;
import dev.poststation.queue.Control;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/// `queue`, with its commands.
@Command(name = "queue", description = "Look at the queue, and do something about mails in it.")
final class QueueCommand implements Runnable {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show the commands.")
  @SuppressWarnings("UnusedVariable") // picocli reads it.
  private boolean help;

  private QueueCommand() {}

  static CommandSpec spec(Os os) {
    var spec = CommandSpec.forAnnotatedObject(new QueueCommand());
    spec.addSubcommand("list", CommandSpec.forAnnotatedObject(new QueueListCommand(os)));
    spec.addSubcommand("show", CommandSpec.forAnnotatedObject(new QueueShowCommand(os)));
    for (var action : Control.Action.values()) {
      var acting = CommandSpec.forAnnotatedObject(new QueueActCommand(os, action));
      acting.usageMessage().description(about(action));
      spec.addSubcommand(action.name().toLowerCase(Locale.ROOT), acting);
    }
    return spec;
  }

  private static String about(Control.Action action) {
    String what =
        switch (action) {
          case HOLD ->
              "Hold mails: until they are released no attempt is made, and their age does not"
                  + " count: no warning, no end.";
          case RELEASE ->
              "Release mails that are held: they are due at once, and tried once before their age"
                  + " counts.";
          case RETRY -> "Try mails now, and ask their destinations anew; what is held stays held.";
          case BOUNCE -> "Return mails to their senders.";
          case DELETE -> "Delete mails; nobody is told.";
        };
    return action == Control.Action.RELEASE
        ? what
        : what + " A mail in flight is treated when its attempt has ended.";
  }

  @Override
  public void run() {
    throw new Failure(
        Exit.WRONG,
        "What about the queue? list, show, hold, release, retry, bounce or delete: see poststation"
            + " queue COMMAND --help");
  }
}
