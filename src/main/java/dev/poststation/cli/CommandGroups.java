package dev.poststation.cli;

import dev.poststation.os.Os;
import dev.poststation.queue.Control;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;

/// The commands that have two words.
final class CommandGroups {
  private CommandGroups() {}

  static CommandSpec queue(Os os) {
    Map<String, CommandSpec> commands = new LinkedHashMap<>();
    commands.put("list", CommandSpec.forAnnotatedObject(new QueueListCommand(os)));
    commands.put("show", CommandSpec.forAnnotatedObject(new QueueShowCommand(os)));
    for (var action : Control.Action.values()) {
      var acting = CommandSpec.forAnnotatedObject(new QueueActCommand(os, action));
      acting.usageMessage().description(about(action));
      if (action != Control.Action.RELEASE) {
        acting.remove(acting.findOption(QueueActCommand.UNENCRYPTED));
      }
      commands.put(action.name().toLowerCase(Locale.ROOT), acting);
    }
    return CommandGroup.of(
        "queue", "Look at the queue, and do something about mails in it.", commands);
  }

  static CommandSpec quarantine(Os os) {
    Map<String, CommandSpec> commands = new LinkedHashMap<>();
    commands.put("list", CommandSpec.forAnnotatedObject(new QuarantineListCommand(os)));
    commands.put("show", CommandSpec.forAnnotatedObject(new QuarantineShowCommand(os)));
    commands.put("release", CommandSpec.forAnnotatedObject(new QuarantineReleaseCommand(os)));
    commands.put("delete", CommandSpec.forAnnotatedObject(new QuarantineDeleteCommand(os)));
    commands.put("report", CommandSpec.forAnnotatedObject(new QuarantineReportCommand(os)));
    commands.put("digest", CommandSpec.forAnnotatedObject(new QuarantineDigestCommand(os)));
    return CommandGroup.of(
        "quarantine",
        "Look at mail that services keep from its recipients, and say what becomes of it.",
        commands);
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

  static CommandSpec user(Os os) {
    Map<String, CommandSpec> commands = new LinkedHashMap<>();
    commands.put("add", CommandSpec.forAnnotatedObject(new UserAddCommand(os)));
    commands.put("password", CommandSpec.forAnnotatedObject(new UserPasswordCommand(os)));
    commands.put("list", CommandSpec.forAnnotatedObject(new UserListCommand(os)));
    commands.put("show", CommandSpec.forAnnotatedObject(new UserShowCommand(os)));
    commands.put("change", CommandSpec.forAnnotatedObject(new UserDetailsCommand(os)));
    commands.put("blocks", CommandSpec.forAnnotatedObject(new UserBlocksCommand(os)));
    commands.put("unblock", CommandSpec.forAnnotatedObject(new UserUnblockCommand(os)));
    commands.put("write-back", CommandSpec.forAnnotatedObject(new UserWriteBackCommand(os)));
    for (var change : UserChangeCommand.Change.values()) {
      var changing = CommandSpec.forAnnotatedObject(new UserChangeCommand(os, change));
      changing.usageMessage().description(change.about());
      commands.put(change.word(), changing);
    }
    return CommandGroup.of(
        "user",
        "Say who can log in: users, their passwords and their own addresses. A relay that runs"
            + " takes it over at once.",
        commands);
  }

  static CommandSpec profile(Os os) {
    Map<String, CommandSpec> commands = new LinkedHashMap<>();
    commands.put("list", CommandSpec.forAnnotatedObject(new ProfileListCommand(os)));
    commands.put("show", CommandSpec.forAnnotatedObject(new ProfileShowCommand(os)));
    for (var change : ProfileChangeCommand.Change.values()) {
      var changing = CommandSpec.forAnnotatedObject(new ProfileChangeCommand(os, change));
      changing.usageMessage().description(change.about());
      commands.put(change.word(), changing);
    }
    return CommandGroup.of(
        "profile",
        "Look at what devices have always done (profile in clients), and say what is usual from now"
            + " on.",
        commands);
  }

  static CommandSpec client(Os os) {
    Map<String, CommandSpec> commands = new LinkedHashMap<>();
    commands.put("list", CommandSpec.forAnnotatedObject(new ClientListCommand(os)));
    commands.put("export", CommandSpec.forAnnotatedObject(new ClientExportCommand(os)));
    commands.put("import", Program.hiding(new ClientImportCommand(os), "--config"));
    return CommandGroup.of(
        "client", "Look at the entries of `clients`: for people, firewalls and lists.", commands);
  }

  static CommandSpec outbreak(Os os) {
    Map<String, CommandSpec> commands = new LinkedHashMap<>();
    commands.put("list", CommandSpec.forAnnotatedObject(new OutbreakListCommand(os)));
    commands.put("lift", CommandSpec.forAnnotatedObject(new OutbreakLiftCommand(os)));
    return CommandGroup.of(
        "outbreak",
        "Say which clients, users and senders are not themselves any more, and put an end to what"
            + " is done about them.",
        commands);
  }

  static CommandSpec connector(Os os) {
    Map<String, CommandSpec> commands = new LinkedHashMap<>();
    commands.put("list", CommandSpec.forAnnotatedObject(new ConnectorListCommand(os)));
    commands.put("test", CommandSpec.forAnnotatedObject(new ConnectorTestCommand(os)));
    commands.put("reach", CommandSpec.forAnnotatedObject(new ConnectorReachCommand(os)));
    return CommandGroup.of(
        "connector", "Look at the ways out, the connectors, and try them.", commands);
  }

  static CommandSpec source(Os os) {
    Map<String, CommandSpec> commands = new LinkedHashMap<>();
    commands.put("restore", CommandSpec.forAnnotatedObject(new SourceRestoreCommand(os)));
    return CommandGroup.of(
        "source",
        "Look after the addresses of ours that mail leaves from (source of a connector).",
        commands);
  }

  static CommandSpec suppress(Os os) {
    Map<String, CommandSpec> commands = new LinkedHashMap<>();
    commands.put(
        "list",
        described(
            new SuppressListCommand(os, SuppressListCommand.Form.TABLE),
            "List the recipients that are not tried, the latest first."));
    commands.put(
        "add",
        described(
            new SuppressAddCommand(os, SuppressAddCommand.From.WORDS),
            "Put recipients on the suppression list; WHAT are their addresses."));
    commands.put("remove", CommandSpec.forAnnotatedObject(new SuppressRemoveCommand(os)));
    commands.put(
        "import",
        described(
            new SuppressAddCommand(os, SuppressAddCommand.From.FILE),
            "Put the recipients of files on the suppression list; WHAT are their names, - is"
                + " standard input. A file has an address on each line, or is a table whose first"
                + " line names its columns, of address, client, since, until, reason."));
    commands.put(
        "export",
        described(
            new SuppressListCommand(os, SuppressListCommand.Form.CSV),
            "Write the suppression list to standard output, as a table (CSV)."));
    return CommandGroup.of(
        "suppress",
        "Say which recipients are not tried any more, because there is no such mailbox.",
        commands);
  }

  private static CommandSpec described(Object command, String about) {
    var spec = CommandSpec.forAnnotatedObject(command);
    spec.usageMessage().description(about);
    return spec;
  }

  static CommandSpec credential(Os os) {
    Map<String, CommandSpec> commands = new LinkedHashMap<>();
    commands.put("rotate", CommandSpec.forAnnotatedObject(new CredentialRotateCommand(os)));
    return CommandGroup.of(
        "credential", "Change the secrets by which this relay logs in at next hops.", commands);
  }

  static CommandSpec oauth(Os os) {
    Map<String, CommandSpec> commands = new LinkedHashMap<>();
    commands.put("login", CommandSpec.forAnnotatedObject(new OauthLoginCommand(os)));
    commands.put("list", CommandSpec.forAnnotatedObject(new OauthListCommand(os)));
    commands.put("refresh", CommandSpec.forAnnotatedObject(new OauthRefreshCommand(os)));
    return CommandGroup.of(
        "oauth", "Look after the tokens by which this relay logs in at next hops.", commands);
  }

  static CommandSpec sts(Os os) {
    Map<String, CommandSpec> commands = new LinkedHashMap<>();
    commands.put("list", CommandSpec.forAnnotatedObject(new StsListCommand(os)));
    return CommandGroup.of(
        "mta-sts", "Look at what domains publish about TLS to their mail exchangers.", commands);
  }

  static CommandSpec tlsReport(Os os) {
    Map<String, CommandSpec> commands = new LinkedHashMap<>();
    commands.put("list", CommandSpec.forAnnotatedObject(new TlsReportListCommand(os)));
    commands.put("preview", CommandSpec.forAnnotatedObject(new TlsReportPreviewCommand(os)));
    commands.put("show", Program.hiding(new TlsReportShowCommand(os), "--config"));
    return CommandGroup.of(
        "tls-report",
        "Look at the reports about TLS that other domains get from this relay (tls-reports), and"
            + " read those that other mail systems have sent.",
        commands);
  }

  static CommandSpec dkim(Os os) {
    Map<String, CommandSpec> commands = new LinkedHashMap<>();
    commands.put("create", CommandSpec.forAnnotatedObject(new DkimCreateCommand(os)));
    commands.put("rotate", CommandSpec.forAnnotatedObject(new DkimRotateCommand(os)));
    commands.put("list", CommandSpec.forAnnotatedObject(new DkimListCommand(os)));
    commands.put("dns", CommandSpec.forAnnotatedObject(new DkimDnsCommand(os)));
    return CommandGroup.of(
        "dkim",
        "Look after the keys by which mail is signed (dkim in the configuration).",
        commands);
  }

  static CommandSpec smime(Os os) {
    Map<String, CommandSpec> commands = new LinkedHashMap<>();
    commands.put("import", CommandSpec.forAnnotatedObject(new SmimeImportCommand(os)));
    commands.put("list", CommandSpec.forAnnotatedObject(new SmimeListCommand(os)));
    for (var act : SmimeNamedCommand.Act.values()) {
      commands.put(act.word(), described(new SmimeNamedCommand(os, act), act.about()));
    }
    return CommandGroup.of(
        "smime",
        "Look after the keys and certificates by which mail is signed and encrypted (S/MIME). A"
            + " relay that runs takes changes over within ten seconds.",
        commands);
  }

  static CommandSpec pgp(Os os) {
    Map<String, CommandSpec> commands = new LinkedHashMap<>();
    commands.put("import", CommandSpec.forAnnotatedObject(new PgpImportCommand(os)));
    commands.put("list", CommandSpec.forAnnotatedObject(new PgpListCommand(os)));
    commands.put("lookup", CommandSpec.forAnnotatedObject(new PgpLookupCommand(os)));
    for (var act : PgpNamedCommand.Act.values()) {
      commands.put(act.word(), described(new PgpNamedCommand(os, act), act.about()));
    }
    return CommandGroup.of(
        "pgp",
        "Look after the keys by which mail is signed and encrypted (OpenPGP). A relay that runs"
            + " takes changes over within ten seconds.",
        commands);
  }

  static CommandSpec archive(Os os) {
    Map<String, CommandSpec> commands = new LinkedHashMap<>();
    commands.put("verify", CommandSpec.forAnnotatedObject(new ArchiveVerifyCommand(os)));
    commands.put("list", CommandSpec.forAnnotatedObject(new ArchiveListCommand(os)));
    return CommandGroup.of(
        "archive",
        "Look for mail in an archive (use = archive in content), and see whether it is as it was"
            + " written. The relay may run meanwhile, or not.",
        commands);
  }

  static CommandSpec spool(Os os) {
    Map<String, CommandSpec> commands = new LinkedHashMap<>();
    commands.put("check", CommandSpec.forAnnotatedObject(new SpoolCheckCommand(os)));
    return CommandGroup.of("spool", "Look after the spool itself.", commands);
  }
}
