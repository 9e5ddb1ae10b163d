package dev.poststation.cli;

import dev.poststation.dkim.DomainKeys;
import dev.poststation.dkim.KeyEntry;
import dev.poststation.dkim.KeyRecord;
import dev.poststation.os.Os;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `dkim dns`.
@Command(
    name = "dns",
    description = {
      "Print the records that the DNS must have of the keys of a domain, or of all, as a zone file"
          + " has them, and say of each what the DNS has.",
      "Ends with 0 when all are published, else with 1."
    })
final class DkimDnsCommand implements Callable<Integer> {
  @Mixin private final Common common;

  @Parameters(paramLabel = "DOMAIN", arity = "0..1", description = "Only this domain.")
  private @Nullable String domain;

  @Option(
      names = "--plain",
      description = "Print name and value of each record alone, for the forms of web sites.")
  private boolean plain;

  DkimDnsCommand(Os os) {
    common = new Common(os);
  }

  /// A key, its record, and what the DNS has.
  private record Row(DomainKeys domain, KeyEntry entry, KeyRecord record, KeyRecord.Found found) {}

  @Override
  public Integer call() {
    var disk = new DkimOnDisk(common);
    List<Row> rows = new ArrayList<>();
    boolean complete = true;
    for (var settings : disk.domains(domain)) {
      var keys = disk.keys(settings);
      if (keys.keys().isEmpty()) {
        complete = false;
        common
            .err()
            .println(
                keys.problem().isEmpty()
                    ? keys.domain()
                        + " has no keys yet: poststation dkim create "
                        + keys.domain()
                        + " makes them."
                    : "DKIM of " + keys.domain() + ": " + keys.problem() + ".");
      }
      for (var held : keys.keys()) {
        var key = held.key();
        if (key == null) {
          complete = false;
          common
              .err()
              .println(held.entry().selector() + " cannot be used: " + held.problem() + ".");
        } else {
          var record = KeyRecord.of(key);
          rows.add(new Row(keys, held.entry(), record, record.look(disk.resolver())));
        }
      }
    }
    if (common.json()) {
      common.print(Map.of("records", rows.stream().map(DkimDnsCommand::json).toList()));
    } else {
      rows.forEach(this::print);
    }
    boolean published = rows.stream().allMatch(row -> row.found instanceof KeyRecord.Found.Same);
    return complete && published ? Exit.OK : Exit.NO;
  }

  private void print(Row row) {
    var out = common.out();
    if (plain) {
      out.println(row.record.name());
      out.println(row.record.text());
      out.println();
      return;
    }
    out.println(
        "; "
            + row.record.name()
            + " ("
            + row.entry.algorithm().word()
            + ", "
            + row.entry.state().word()
            + "): "
            + DkimText.found(row.found));
    out.println(row.record.zone());
  }

  private static Map<String, Object> json(Row row) {
    var json = DkimText.json(row.record, row.found);
    json.put("domain", row.domain.domain());
    json.put("selector", row.entry.selector());
    json.put("algorithm", row.entry.algorithm().word());
    json.put("state", row.entry.state().word());
    json.put("zone", row.record.zone());
    return json;
  }
}
