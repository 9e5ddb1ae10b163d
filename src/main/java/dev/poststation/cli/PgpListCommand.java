package dev.poststation.cli;

import dev.poststation.openpgp.Keys;
import dev.poststation.os.Os;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `pgp list`.
@Command(
    name = "list",
    description = "List our keys and those of the people we write to, and when they end.")
final class PgpListCommand implements Callable<Integer> {
  @Mixin private final Common common;

  PgpListCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var all = new PgpOnDisk(common).all();
    var now = common.os().time().now();
    if (common.json()) {
      common.print(Map.of("keys", all.stream().map(each -> PgpText.json(each, now)).toList()));
      return Exit.OK;
    }
    var table = new Table("FOR", "OWN", "USE", "KEY", "FROM", "EXPIRES", "KEY ID");
    for (var key : all) {
      table.row(
          String.join(", ", key.names()),
          key.isOwn() ? "yes" : "no",
          PgpText.use(key, now),
          Keys.describe(key),
          key.origin().word(),
          PgpText.end(key, now),
          key.shortPrint());
    }
    table.print(common.out());
    return Exit.OK;
  }
}
