package dev.poststation.cli;

import dev.poststation.os.Os;
import dev.poststation.smime.Entry;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `smime show`, `smime export`, `smime delete`: each for certificates that are named.
@Command
final class SmimeNamedCommand implements Callable<Integer> {
  @Mixin private final Common common;
  private final Act act;

  @Parameters(
      paramLabel = "WHICH",
      description = "An address, @domain, or the begin of a fingerprint (8 digits or more).")
  private String which = "";

  /// What is done.
  enum Act {
    SHOW("Show all that a certificate says."),
    EXPORT(
        "Write certificates to standard output (PEM), for those who want to encrypt mail to us. The"
            + " private key stays where it is."),
    DELETE("Forget a certificate, and its key: what was encrypted for it cannot be read any more.");

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

  SmimeNamedCommand(Os os, Act act) {
    common = new Common(os);
    this.act = act;
  }

  @Override
  public Integer call() {
    var disk = new SmimeOnDisk(common);
    var found = disk.named(which);
    switch (act) {
      case SHOW -> found.forEach(this::show);
      case EXPORT -> found.forEach(each -> common.out().print(each.pem()));
      case DELETE -> {
        delete(disk, found);
        return Exit.OK;
      }
    }
    if (common.json() && act == Act.SHOW) {
      common.print(Map.of("certificates", found.stream().map(SmimeText::json).toList()));
    }
    return Exit.OK;
  }

  private void show(Entry entry) {
    if (!common.json()) {
      SmimeText.details(entry, common.os().time().now(), common.out());
    }
  }

  private void delete(SmimeOnDisk disk, List<Entry> found) {
    if (found.size() > 1) {
      throw new Failure(
          Exit.WRONG,
          "There are "
              + found.size()
              + " certificates of that name: delete them by their fingerprints, "
              + String.join(", ", found.stream().map(Entry::shortPrint).toList())
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
