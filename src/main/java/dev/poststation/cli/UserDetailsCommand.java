package dev.poststation.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.poststation.account.User;
import dev.poststation.os.Os;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `user change`.
@Command(
    name = "change",
    description = "Change the own addresses of a user, and the certificates by which he logs in.")
final class UserDetailsCommand implements Callable<Integer> {
  @Mixin private final Common common;

  @Parameters(paramLabel = "NAME", description = "Which user.")
  private String name = "";

  @Option(
      names = "--own",
      paramLabel = "ADDRESS",
      description =
          "An address of his own, in the place of all he has: user@example.com, or @example.com for"
              + " all of a domain; several times for several.")
  private List<String> own = new ArrayList<>();

  @Option(names = "--add-own", paramLabel = "ADDRESS", description = "One more.")
  private List<String> addOwn = new ArrayList<>();

  @Option(names = "--remove-own", paramLabel = "ADDRESS", description = "One less.")
  private List<String> removeOwn = new ArrayList<>();

  @Option(
      names = "--certificate",
      paramLabel = "FINGERPRINT",
      description = "A TLS certificate, as sha256:..., in the place of all he has.")
  private List<String> certificates = new ArrayList<>();

  @Option(names = "--no-certificates", description = "He logs in by none any more.")
  private boolean noCertificates;

  UserDetailsCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    boolean some = !addOwn.isEmpty() || !removeOwn.isEmpty();
    if (own.isEmpty() && !some && certificates.isEmpty() && !noCertificates) {
      throw new Failure(
          Exit.WRONG, "What is to change? See the options with poststation user change --help.");
    }
    if (!own.isEmpty() && some) {
      throw new Failure(
          Exit.WRONG, "--own names all his addresses: leave --add-own and --remove-own out.");
    }
    if (noCertificates && !certificates.isEmpty()) {
      throw new Failure(Exit.WRONG, "--no-certificates and --certificate: one of them, please.");
    }
    var users = common.users();
    users.change(before -> before.with(changed(UsersOnDisk.find(before.users(), name))));
    var now = users.find(name);
    if (common.json()) {
      var answer = JsonNodeFactory.instance.objectNode().put("user", now.name());
      now.own().forEach(answer.putArray("own")::add);
      now.certificates().forEach(answer.putArray("certificates")::add);
      common.print(answer);
    } else {
      String addresses = now.own().isEmpty() ? "none" : String.join(", ", now.own());
      common.out().println("User " + now.name() + " changed; own addresses: " + addresses + ".");
    }
    return Exit.OK;
  }

  private User changed(User before) {
    var after = before;
    if (!own.isEmpty()) {
      after = after.withOwn(own);
    }
    if (!addOwn.isEmpty() || !removeOwn.isEmpty()) {
      after = after.withOwn(moreAndLess(before));
    }
    if (noCertificates || !certificates.isEmpty()) {
      after = after.withCertificates(certificates);
    }
    return after;
  }

  private List<String> moreAndLess(User before) {
    var addresses = new LinkedHashSet<>(before.own());
    for (String gone : removeOwn) {
      if (!addresses.removeIf(gone::equalsIgnoreCase)) {
        throw new Failure(
            Exit.NO, "\"" + Words.shown(gone) + "\" is no own address of " + before.name() + ".");
      }
    }
    addresses.addAll(addOwn);
    return List.copyOf(addresses);
  }
}
