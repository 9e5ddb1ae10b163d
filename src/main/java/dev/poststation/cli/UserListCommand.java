package dev.poststation.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.poststation.account.LastUse;
import dev.poststation.account.Password;
import dev.poststation.account.User;
import dev.poststation.os.Os;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `user list`.
@Command(
    name = "list",
    description =
        "List the users, with the age and the last use of each password." + UserListCommand.LATE)
final class UserListCommand implements Callable<Integer> {
  /// How old it may be what is told of last uses.
  static final String LATE = " Of a relay that runs, the last use may be up to five minutes late.";

  /// What becomes of keys of before, and why they should not stay.
  static final String OLD_KEYS =
      "Put users.secret of data back if it is another one than it was; else set all passwords of"
          + " these users anew, the first after the others were revoked: until then a SCRAM client"
          + " may see when such a user comes or goes.";

  @Mixin private final Common common;

  UserListCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var onDisk = common.users();
    var users = onDisk.read().all();
    var uses = LastUse.all(common.os().disk(), onDisk.data());
    var old = onDisk.old();
    if (common.json()) {
      var answer = JsonNodeFactory.instance.objectNode();
      var array = answer.putArray("users");
      users.forEach(
          user -> array.add(UserShowCommand.json(user, uses.apply(user), old.test(user))));
      common.print(answer);
    } else if (users.isEmpty()) {
      common.out().println("There are no users in " + onDisk.file() + ".");
    } else {
      var table = new Table("USER", "STATE", "PASSWORD", "KIND", "AGE", "EXPIRES", "LAST USE");
      users.forEach(user -> rows(table, user, uses.apply(user)));
      table.print(common.out());
      tellOld(users.stream().filter(old).map(User::name).toList());
    }
    return Exit.OK;
  }

  private void tellOld(List<String> names) {
    if (!names.isEmpty()) {
      common
          .out()
          .println(
              "\nWhose keys have a salt or iterations of before: "
                  + String.join(", ", names)
                  + ". "
                  + OLD_KEYS);
    }
  }

  private void rows(Table table, User user, List<LastUse.Use> uses) {
    var now = common.os().time().now();
    String state = user.disabled() ? "disabled" : "enabled";
    var others = others(user, uses, now);
    if (user.passwords().isEmpty() && others.isEmpty()) {
      table.row(user.name(), state, "-", "", "", "", "");
    }
    boolean first = true;
    for (var password : user.passwords()) {
      table.row(
          first ? user.name() : "",
          first ? state : "",
          password.label(),
          password.kind().name().toLowerCase(Locale.ROOT),
          Words.span(password.created(), now),
          expiry(password, now),
          lastUse(password, uses, now));
      first = false;
    }
    for (var other : others) {
      String name = first ? user.name() : "";
      table.row(name, first ? state : "", "-", other.kind(), "", "", other.last());
      first = false;
    }
  }

  /// What is no password.
  record Other(String kind, String last, String from) {}

  /// By what a user may log in besides, or has.
  static List<Other> others(User user, List<LastUse.Use> uses, Instant now) {
    List<Other> others = new ArrayList<>();
    var certificate = LastUse.ofCertificate(user, uses);
    if (!user.certificates().isEmpty()) {
      others.add(new Other("certificate", ago(certificate, now), from(certificate)));
    }
    var token = LastUse.ofToken(user, uses);
    if (token.isPresent()) {
      others.add(new Other("token", ago(token, now), from(token)));
    }
    return others;
  }

  static String expiry(Password password, Instant now) {
    var end = password.expires();
    if (end == null) {
      return "never";
    }
    return now.isBefore(end) ? "in " + Words.span(now, end) : "expired";
  }

  static String lastUse(Password password, List<LastUse.Use> uses, Instant now) {
    return ago(LastUse.of(password, uses), now);
  }

  private static String ago(Optional<LastUse.Use> use, Instant now) {
    return use.map(each -> Words.span(each.when(), now) + " ago").orElse("-");
  }

  static String from(Optional<LastUse.Use> use) {
    return use.map(each -> String.join(", ", each.addresses())).orElse("-");
  }
}
