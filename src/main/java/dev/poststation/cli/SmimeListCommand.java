package dev.poststation.cli;

import dev.poststation.os.Os;
import dev.poststation.smime.Certificates;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `smime list`.
@Command(
    name = "list",
    description = "List our keys and the certificates of those we write to, and when they end.")
final class SmimeListCommand implements Callable<Integer> {
  @Mixin private final Common common;

  SmimeListCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var all = new SmimeOnDisk(common).all();
    if (common.json()) {
      common.print(Map.of("certificates", all.stream().map(SmimeText::json).toList()));
      return Exit.OK;
    }
    var now = common.os().time().now();
    var table = new Table("FOR", "OWN", "USE", "KEY", "FROM", "EXPIRES", "FINGERPRINT");
    for (var entry : all) {
      table.row(
          String.join(", ", entry.names()),
          entry.isOwn() ? "yes" : "no",
          SmimeText.use(entry),
          Certificates.keyOf(entry.certificate()),
          entry.origin().word(),
          entry.isValidAt(now) ? "in " + Words.span(now, entry.expires()) : "not valid now",
          entry.shortPrint());
    }
    table.print(common.out());
    return Exit.OK;
  }
}
