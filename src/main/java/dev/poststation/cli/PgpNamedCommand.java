package dev.poststation.cli;

import dev.poststation.openpgp.Key;
import dev.poststation.os.Os;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `pgp show`, `pgp export`, `pgp delete`: each for keys that are named.
@Command
final class PgpNamedCommand implements Callable<Integer> {
  @Mixin private final Common common;
  private final Act act;

  @Parameters(
      paramLabel = "WHICH",
      description = "An address, @domain, or a fingerprint or key ID (8 digits or more of it).")
  private String which = "";

  /// What is done.
  enum Act {
    SHOW("Show all that a key says."),
    EXPORT(
        "Write public keys to standard output (armor), for those who want to encrypt mail to us."
            + " The private key stays where it is."),
    DELETE("Forget a key: if it is ours, mail that is encrypted for it cannot be read any more.");

    private final String about;

    Act(String about) {
      this.about = about;
    }

    String about() {
      return about;
    }

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  PgpNamedCommand(Os os, Act act) {
    common = new Common(os);
    this.act = act;
  }

  @Override
  public Integer call() {
    var disk = new PgpOnDisk(common);
    var found = disk.named(which);
    var now = common.os().time().now();
    switch (act) {
      case SHOW -> {
        if (common.json()) {
          var all = found.stream().map(each -> PgpText.json(each, now)).toList();
          common.print(Map.of("keys", all));
        } else {
          found.forEach(each -> PgpText.details(each, now, common.out()));
        }
      }
      case EXPORT -> found.forEach(each -> common.out().print(each.armored()));
      case DELETE -> delete(disk, found);
    }
    return Exit.OK;
  }

  private void delete(PgpOnDisk disk, List<Key> found) {
    if (found.size() > 1) {
      throw new Failure(
          Exit.WRONG,
          "There are "
              + found.size()
              + " keys of that name: delete them by their key IDs, "
              + String.join(", ", found.stream().map(Key::shortPrint).toList())
              + ".");
    }
    var one = found.getFirst();
    disk.change(
        () -> {
          disk.keystore().remove(one);
          return one;
        });
    common.out().println("Deleted: " + Words.shown(one.toString()));
  }
}
