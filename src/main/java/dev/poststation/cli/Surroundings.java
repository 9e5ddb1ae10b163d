package dev.poststation.cli;

import dev.poststation.account.Users;
import dev.poststation.account.UsersFile;
import dev.poststation.account.UsersFile.UnusableException;
import dev.poststation.config.Account;
import dev.poststation.config.ArchiveService;
import dev.poststation.config.ClientRule;
import dev.poststation.config.Connector;
import dev.poststation.config.ContentService;
import dev.poststation.config.DkimDomain;
import dev.poststation.config.Loaded;
import dev.poststation.config.Origin;
import dev.poststation.config.Problem;
import dev.poststation.config.Problem.Severity;
import dev.poststation.config.RouteRule;
import dev.poststation.config.SourceAddress;
import dev.poststation.content.Seals;
import dev.poststation.dkim.Algorithm;
import dev.poststation.dkim.DomainKeys;
import dev.poststation.dkim.KeyEntry;
import dev.poststation.dkim.KeyShelf;
import dev.poststation.dns.DnsResolver;
import dev.poststation.oauth.AccountName;
import dev.poststation.oauth.SavedTokens;
import dev.poststation.os.Disk;
import dev.poststation.os.Os;
import dev.poststation.os.Unbindable;
import dev.poststation.spool.DataDirectory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What of this machine would keep a good configuration from being run: its directory, its log, its
/// addresses. What only the user who asks may not do is a warning, as the relay may be run by
/// another one. Confined to the main thread.
final class Surroundings {
  /// RFC 8301 3.2: what signers should have.
  private static final int RSA_GOOD = 2048;

  private final Os os;
  private final Loaded.Good loaded;
  private final List<Problem> problems = new ArrayList<>();

  private Surroundings(Os os, Loaded.Good loaded) {
    this.os = os;
    this.loaded = loaded;
  }

  /// All of it. Addresses are not tried while a relay runs on the same `data`, which has them.
  static List<Problem> problems(Os os, Loaded.Good loaded) {
    var look = new Surroundings(os, loaded);
    look.data();
    look.log();
    look.users();
    look.keys();
    look.archives();
    look.tokens();
    look.problems.addAll(ExposedFiles.problems(os, loaded));
    look.names();
    if (look.isFree()) {
      look.addresses();
    }
    look.sources();
    look.seals();
    return look.problems;
  }

  /// The warnings of it that a start is to log: all but those of what it says itself when it tries
  /// (directory, log, addresses, name servers, users that cannot be read), and of what takes long:
  /// sealed keys, which `status` tells of when they are open.
  static List<Problem> warnings(Os os, Loaded.Good loaded) {
    var look = new Surroundings(os, loaded);
    look.readableUsers();
    look.keys();
    look.archives();
    look.tokens();
    look.problems.addAll(ExposedFiles.problems(os, loaded));
    return look.problems.stream().filter(problem -> !problem.isError()).toList();
  }

  private void seals() {
    var configuration = loaded.configuration();
    var resolver = new DnsResolver(configuration.dns(), os);
    var seals = Seals.of(os, configuration.data(), resolver, () -> configuration);
    problems.addAll(seals.problems(configuration, loaded.effective()::origin));
  }

  private void data() {
    Path data = loaded.configuration().data();
    Path there = nearest(data);
    var origin = loaded.effective().origin("data");
    if (isHidden(there)) {
      unwritable(origin, "data", there);
    } else if (!os.disk().isDirectory(there)) {
      error(origin, "data: " + there + " is no directory", "name another one");
    } else if (!os.disk().isWritable(there)) {
      unwritable(origin, "data", there);
    } else if (!there.equals(data.toAbsolutePath()) && !hasRoom(there)) {
      error(
          origin,
          "data: " + data + " cannot be made, for " + there + " has no room for anything",
          "name another one");
    }
  }

  /// What the system only pretends to have, as /proc, has none.
  private boolean hasRoom(Path there) {
    try {
      return os.disk().usableBytes(there) > 0;
    } catch (IOException _) {
      return true; // The relay's start will say.
    }
  }

  /// Directories of archives: the relay starts without them, but mail goes by `on-error`.
  private void archives() {
    for (var rule : loaded.configuration().content()) {
      if (rule.service() instanceof ArchiveService archive) {
        Path there = nearest(archive.directory());
        if (!isHidden(there) && !os.disk().isDirectory(there)) {
          String what = rule.name() + ": " + there + " is no directory";
          problems.add(new Problem(rule.origin(), what, "name another one", Severity.WARNING));
        } else if (isHidden(there) || !os.disk().isWritable(there)) {
          unwritable(rule.origin(), rule.name() + ": directory", there);
        }
      }
    }
  }

  /// Keys that cannot be used, and those that verifiers may find too short.
  private void keys() {
    Path data = loaded.configuration().data();
    for (var domain : loaded.configuration().dkim().values()) {
      var shelf = new KeyShelf(os.disk(), data, DomainKeys.nameOf(domain));
      if (isHidden(data) || isHidden(shelf.file())) {
        continue; // The user of the relay alone can see them.
      }
      for (var held : DomainKeys.read(os.disk(), data, domain).keys()) {
        var key = held.key();
        String which = "dkim." + domain.name() + ": the key " + held.entry().selector();
        if (key == null) {
          warning(domain, which + " cannot be used: " + held.problem(), withoutIt(held.entry()));
        } else if (key.algorithm() == Algorithm.RSA_SHA256 && key.keys().bits() < RSA_GOOD) {
          warning(
              domain,
              which + " has " + key.keys().bits() + " bits, which can be broken",
              "poststation dkim rotate " + domain.name() + " makes the next one");
        }
      }
    }
  }

  /// What becomes of mail that a key does not sign.
  private String withoutIt(KeyEntry entry) {
    if (entry.state() != KeyEntry.State.ACTIVE) {
      return "it signs no mail now";
    }
    var words =
        loaded.configuration().content().stream()
            .filter(rule -> rule.service() instanceof ContentService.DkimSign)
            .map(rule -> rule.onError().word())
            .distinct()
            .toList();
    return words.isEmpty()
        ? "no service dkim-sign of content uses it yet"
        : "until that is mended, dkim-sign fails at mail of this domain: on-error = "
            + String.join(" or ", words)
            + (words.contains("defer") ? " (it gets 451)" : "");
  }

  private void warning(DkimDomain domain, String message, String remedy) {
    problems.add(new Problem(domain.origin(), message, remedy, Severity.WARNING));
  }

  private void log() {
    Path file = loaded.configuration().log().file();
    if (file == null) {
      return;
    }
    Disk disk = os.disk();
    var origin = loaded.effective().origin("log.file");
    Path directory = file.resolveSibling("");
    if (isHidden(file)) {
      unwritable(origin, "log.file", file);
    } else if (disk.isDirectory(file)) {
      error(origin, "log.file: " + file + " is a directory", "name a file in it");
    } else if (!disk.isDirectory(directory)) {
      error(
          origin,
          "log.file: there is no directory " + directory,
          "make it, and let it belong to the relay's user");
    } else if (!disk.isWritable(exists(file) ? file : directory)) {
      unwritable(origin, "log.file", file);
    }
  }

  /// Whether the name servers are what the configuration takes them for, as far as they answer.
  private void names() {
    var origin = loaded.effective().origin("dns.dnssec");
    for (String concern : new DnsResolver(loaded.configuration().dns(), os).concerns()) {
      int end = concern.lastIndexOf("; ");
      problems.add(
          new Problem(
              origin,
              "dns: " + (end < 0 ? concern : concern.substring(0, end)),
              end < 0 ? "name one, or write dnssec = validate" : concern.substring(end + 2),
              Severity.WARNING));
    }
  }

  /// The relay starts without users, too: mail from networks must not wait for a users file.
  private void users() {
    Path file = loaded.configuration().users().file();
    var origin = loaded.effective().origin("users.file");
    if (isHidden(file)) {
      problems.add(
          new Problem(
              origin,
              "users.file: whether there is a " + file + " cannot be seen by this user",
              "ask as the relay's user",
              Severity.WARNING));
      return;
    }
    try {
      users(UsersFile.read(os.disk(), file).users());
    } catch (UnusableException e) {
      for (var problem : e.problems()) {
        problems.add(
            new Problem(
                problem.origin(),
                problem.message() + ", and after the next start none of its users can log in",
                problem.remedy(),
                Severity.WARNING));
      }
    }
  }

  private void readableUsers() {
    try {
      users(UsersFile.read(os.disk(), loaded.configuration().users().file()).users());
    } catch (UnusableException _) {
      // Who reads them for good says so.
    }
  }

  private void users(Users users) {
    Path file = loaded.configuration().users().file();
    var origin = loaded.effective().origin("users.file");
    if (users.all().isEmpty() && !origin.equals(Origin.DEFAULT)) {
      problems.add(
          new Problem(
              origin,
              "users.file: there are no users in " + file,
              "add one: poststation user add NAME",
              Severity.WARNING));
    }
    if (users.all().isEmpty()) {
      stepUps(file);
    }
    oldKeys(users, origin);
  }

  /// Where nothing is readable but the users, nobody can tell.
  private void oldKeys(Users users, Origin origin) {
    var configuration = loaded.configuration();
    if (isHidden(configuration.data())) {
      return;
    }
    var old = new UsersOnDisk(os, configuration.data(), configuration.users(), () -> 0).old();
    long many = users.all().stream().filter(old).count();
    if (many > 0) {
      problems.add(
          new Problem(
              origin,
              "users: the keys of "
                  + Words.count(many, "user")
                  + " have a salt or iterations of before",
              "put data/users.secret back if it is another one than it was; else see poststation"
                  + " user list, and set their passwords anew",
              Severity.WARNING));
    }
  }

  /// Somebody has logged in, but for another client or at another server than the file names now.
  private void tokens() {
    Path data = loaded.configuration().data();
    if (isHidden(data) || isHidden(data.resolve(SavedTokens.FILE))) {
      return; // The user of the relay alone can see it.
    }
    var saved = new SavedTokens(os, data);
    for (Connector connector : loaded.configuration().connectors().values()) {
      var auth = connector.auth();
      for (Account account : auth == null ? List.<Account>of() : auth.accounts()) {
        var grant = account.grant();
        if (grant != null && grant.type().byLogin()) {
          saved
              .strange(new AccountName(connector.name(), account.user()), grant)
              .ifPresent(
                  why ->
                      problems.add(
                          new Problem(
                              account.origin(),
                              "connector "
                                  + connector.name()
                                  + " as "
                                  + account.user()
                                  + ": "
                                  + why,
                              "log in again after a reload: poststation oauth login "
                                  + connector.name(),
                              Severity.WARNING)));
        }
      }
    }
  }

  /// What a device is asked for then, nobody has.
  private void stepUps(Path file) {
    var users = loaded.configuration().users();
    if (users.ldap() != null || users.oauth() != null) {
      return;
    }
    for (var rule : loaded.configuration().clients()) {
      if (rule.profile() == ClientRule.Profile.STEP_UP && !rule.when().asksForLogin()) {
        problems.add(
            new Problem(
                rule.origin(),
                "client \""
                    + rule.name()
                    + "\" has profile = step-up, but there are no users in "
                    + file
                    + ": a device that was not itself could not send again by logging in",
                "add one: poststation user add NAME; or write profile = hold",
                Severity.WARNING));
      }
    }
  }

  /// The path itself, or the first of its parents that is there.
  private Path nearest(Path path) {
    Path there = path.toAbsolutePath();
    while (!exists(there)) {
      there = there.resolveSibling("");
    }
    return there;
  }

  private boolean exists(Path path) {
    try {
      return os.disk().identity(path).isPresent();
    } catch (IOException _) {
      return true; // It is there, and cannot be looked at.
    }
  }

  /// Whether this user may not even look whether it is there.
  private boolean isHidden(Path path) {
    try {
      os.disk().identity(path);
      return false;
    } catch (AccessDeniedException _) {
      return true;
    } catch (IOException _) {
      return false; // Nobody may: such as links that lead to themselves.
    }
  }

  private boolean isFree() {
    Path lock = loaded.configuration().data().resolve(DataDirectory.LOCK);
    try {
      if (os.disk().identity(lock).isEmpty()) {
        return true;
      }
      var free = os.disk().lock(lock);
      if (free.isPresent()) {
        free.get().close();
      }
      return free.isPresent();
    } catch (IOException _) {
      return false; // Another user's: a relay may be running.
    }
  }

  private void addresses() {
    var configuration = loaded.configuration();
    for (var listener : configuration.listeners()) {
      address(listener.origin(), "listeners." + listener.name(), listener.bind());
    }
    address(loaded.effective().origin("admin.bind"), "admin.bind", configuration.admin().bind());
  }

  /// Whether this machine has the addresses that mail is to come from.
  private void sources() {
    Set<InetAddress> told = new HashSet<>();
    for (Connector connector : loaded.configuration().departing()) {
      for (var source : connector.egress().sources()) {
        try {
          os.network().listen(new InetSocketAddress(source.address(), 0), 1).close();
        } catch (IOException _) {
          if (told.add(source.address()) || !connector.egress().routed()) {
            absent(connector, source);
          }
        }
      }
    }
  }

  /// It may wander between machines (VRRP).
  private void absent(Connector connector, SourceAddress source) {
    var sources = connector.egress().sources();
    boolean others =
        sources.stream().anyMatch(each -> each.six() == source.six() && !each.equals(source));
    var route =
        loaded.configuration().routes().stream()
            .filter(each -> connector.egress().routed() && each.source().equals(sources))
            .findFirst();
    problems.add(
        new Problem(
            route.map(RouteRule::origin).orElse(connector.origin()),
            (route.isPresent()
                    ? "source of a route: "
                    : "connectors." + connector.name() + ".source: ")
                + source
                + " is no address of this machine now; while that is so, "
                + (others
                    ? "mail goes from the others of its family"
                    : "mail waits that would go from it, for there is no other of its family"),
            "nothing, if it wanders between machines (VRRP); else name one that this machine has,"
                + " or give it this one: ip address add "
                + source
                + " dev NAME",
            Severity.WARNING));
  }

  private void address(Origin origin, String what, InetSocketAddress bind) {
    try {
      os.network().listen(bind, 1).close();
    } catch (IOException e) {
      String text = what + ": cannot listen on " + shown(bind) + ": " + e.getMessage();
      boolean rights = String.valueOf(e.getMessage()).contains("Permission denied");
      problems.add(
          rights
              ? new Problem(
                  origin,
                  text,
                  "ports below 1024 need CAP_NET_BIND_SERVICE; the relay's user must have it",
                  Severity.WARNING)
              : new Problem(origin, text, Unbindable.remedy(e), Severity.ERROR));
    }
  }

  private static String shown(InetSocketAddress bind) {
    return bind.getAddress().getHostAddress() + ":" + bind.getPort();
  }

  private void unwritable(Origin origin, String what, Path path) {
    problems.add(
        new Problem(
            origin,
            what + ": " + path + " cannot be written by this user",
            "the relay's user must be able to",
            Severity.WARNING));
  }

  private void error(Origin origin, String message, String remedy) {
    problems.add(new Problem(origin, message, remedy, Severity.ERROR));
  }
}
