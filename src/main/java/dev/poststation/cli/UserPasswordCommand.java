package dev.poststation.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.poststation.account.NewPassword;
import dev.poststation.account.Password;
import dev.poststation.account.User;
import dev.poststation.config.Units;
import dev.poststation.os.Os;
import dev.poststation.sasl.UserNames;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `user password`.
@Command(
    name = "password",
    description = {
      "Set a password of a user, or take one away. The password is asked for, unless it comes from"
          + " a file or is made; without a terminal it is the first line of standard input."
    })
final class UserPasswordCommand implements Callable<Integer> {
  private static final String MAIN = "main";
  private static final Duration LONGEST = Duration.ofDays(36_500);

  @Mixin private final Common common;
  @Mixin private final PasswordOptions source = new PasswordOptions();

  @Parameters(paramLabel = "NAME", description = "Whose.")
  private String name = "";

  @Option(
      names = "--label",
      paramLabel = "LABEL",
      description =
          "Which one: a user may have several, each good by itself. Without it: " + MAIN + ".")
  private String label = MAIN;

  @Option(
      names = "--application",
      description = "It is that of a device or a program, not the user's own.")
  private boolean application;

  @Option(
      names = "--expires",
      paramLabel = "AGE",
      description = "It is good so long: 90d. Without it: for ever.")
  private @Nullable String expires;

  @Option(
      names = "--keep-old",
      paramLabel = "AGE",
      description = {
        "The one in whose place it comes stays good so long, as LABEL" + NewPassword.OLD + ": 7d."
      })
  private @Nullable String keepOld;

  @Option(
      names = "--revoke",
      paramLabel = "LABEL",
      description = "Take this one away instead; the others stay good.")
  private @Nullable String revoke;

  UserPasswordCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var users = common.users();
    if (revoke != null) {
      revoke(users, revoke);
      return Exit.OK;
    }
    if (!UserNames.isLabel(label + NewPassword.OLD)) {
      throw new Failure(
          Exit.WRONG, "--label: use letters, digits, hyphens and dots, at most 59 of them.");
    }
    if (application && label.equals(MAIN)) {
      throw new Failure(Exit.WRONG, "--application: name it by --label, as in --label scanner.");
    }
    var good = span("--expires", expires);
    var keep = span("--keep-old", keepOld);
    var user = users.find(name);
    var given = source.take(common.os(), user.name());
    if (!given.warning().isEmpty()) {
      common.err().println(given.warning());
    }
    var kind = application ? Password.Kind.APPLICATION : Password.Kind.MAIN;
    var fresh = new NewPassword(label, kind, given.password(), good, keep);
    users.change(
        before -> {
          var found = UsersOnDisk.find(before.users(), name);
          return before.with(
              fresh.of(found, users.iterations(), users.salts(), common.os().time()));
        });
    show(user, given, keep);
    return Exit.OK;
  }

  private static @Nullable Duration span(String option, @Nullable String text) {
    if (text == null) {
      return null;
    }
    return Units.parse(text)
        .filter(span -> span.compareTo(LONGEST) <= 0)
        .orElseThrow(
            () ->
                new Failure(
                    Exit.WRONG,
                    option + ": \"" + Words.shown(text) + "\" is no duration; write 12h or 90d."));
  }

  private void revoke(UsersOnDisk users, String which) {
    if (source.isGiven() || expires != null || keepOld != null || application) {
      throw new Failure(Exit.WRONG, "--revoke takes a password away: leave the other options out.");
    }
    users.change(
        before -> {
          var user = UsersOnDisk.find(before.users(), name);
          var left = user.passwords().stream().filter(each -> !each.label().equals(which)).toList();
          if (left.size() == user.passwords().size()) {
            throw new Failure(
                Exit.NO,
                user.name()
                    + " has no password \""
                    + Words.shown(which)
                    + "\": see poststation user show "
                    + user.name()
                    + ".");
          }
          return before.with(user.withPasswords(left));
        });
    if (common.json()) {
      common.print(JsonNodeFactory.instance.objectNode().put("user", name).put("revoked", which));
    } else {
      common.out().println("Password " + which + " of " + name + " is no good any more.");
    }
  }

  private void show(User user, PasswordOptions.Given given, @Nullable Duration keep) {
    boolean replaced = user.passwords().stream().anyMatch(p -> p.label().equals(label));
    if (common.json()) {
      var answer = JsonNodeFactory.instance.objectNode();
      answer.put("user", user.name()).put("label", label).put("replaced", replaced);
      if (given.shown()) {
        answer.put("password", given.password());
      }
      common.print(answer);
    } else {
      common.out().println("Password " + label + " of " + user.name() + " set.");
      if (given.shown()) {
        common.out().println("Password, shown only now: " + given.password());
      }
      if (keep != null && replaced) {
        common
            .out()
            .println(
                "The one before stays good as "
                    + label
                    + NewPassword.OLD
                    + " for "
                    + Units.show(keep)
                    + ".");
      } else if (replaced) {
        common.out().println("The one before is no good any more.");
      }
    }
    if (user.cramMd5()) {
      common.err().println(UserAddCommand.CLEAR);
    }
  }
}
