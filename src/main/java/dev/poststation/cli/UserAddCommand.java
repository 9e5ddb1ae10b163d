package dev.poststation.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.poststation.account.NewPassword;
import dev.poststation.account.Password;
import dev.poststation.account.User;
import dev.poststation.account.Users;
import dev.poststation.os.Os;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `user add`.
@Command(
    name = "add",
    description = {
      "Add a user. The password is asked for, unless it comes from a file or is made; without a"
          + " terminal it is the first line of standard input."
    })
final class UserAddCommand implements Callable<Integer> {
  /// What must be said of a password that is kept as it is.
  static final String CLEAR =
      "CRAM-MD5: the password itself stands in the users file, only encoded. Whoever reads the file"
          + " has it.";

  @Mixin private final Common common;
  @Mixin private final PasswordOptions source = new PasswordOptions();

  @Parameters(paramLabel = "NAME", description = "What the user is called.")
  private String name = "";

  @Option(
      names = "--own",
      paramLabel = "ADDRESS",
      description =
          "An address of his own: user@example.com, or @example.com for all of a domain; several"
              + " times for several.")
  private List<String> own = new ArrayList<>();

  @Option(
      names = "--certificate",
      paramLabel = "FINGERPRINT",
      description =
          "A TLS certificate by which he can log in, as sha256:...; without one of the options for"
              + " passwords he gets none.")
  private List<String> certificates = new ArrayList<>();

  @Option(
      names = "--cram-md5",
      description =
          "Keep his passwords as they are, for a device that knows only CRAM-MD5: whoever reads the"
              + " users file has them.")
  private boolean cramMd5;

  UserAddCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var users = common.users();
    UsersOnDisk.checkName(name);
    checkNew(users.read());
    boolean withPassword = certificates.isEmpty() || source.isGiven();
    var given = withPassword ? source.take(common.os(), name) : null;
    if (given != null && !given.warning().isEmpty()) {
      common.err().println(given.warning());
    }
    var plain = new User(name, own, false, cramMd5, certificates, List.of());
    users.change(
        before -> {
          checkNew(before.users());
          return before.with(given == null ? plain : with(plain, given, users));
        });
    show(given);
    if (users.made()) {
      common
          .err()
          .println(
              "The data directory was made, too: run the relay as the user who ran this command.");
    }
    return Exit.OK;
  }

  private User with(User plain, PasswordOptions.Given given, UsersOnDisk users) {
    return new NewPassword("main", Password.Kind.MAIN, given.password(), null, null)
        .of(plain, users.iterations(), users.salts(), common.os().time());
  }

  private void checkNew(Users users) {
    if (users.find(name).isPresent()) {
      throw new Failure(
          Exit.NO, "There is a user \"" + name + "\" already; capitals make no difference.");
    }
  }

  private void show(PasswordOptions.@Nullable Given given) {
    String made = given != null && given.shown() ? given.password() : null;
    if (common.json()) {
      var answer = JsonNodeFactory.instance.objectNode();
      answer.put("user", name);
      if (made != null) {
        answer.put("password", made);
      }
      common.print(answer);
    } else {
      common.out().println("User " + name + " added.");
      if (made != null) {
        common.out().println("Password, shown only now: " + made);
      }
    }
    if (cramMd5) {
      common.err().println(CLEAR);
    }
  }
}
