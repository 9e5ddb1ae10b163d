package dev.poststation.cli;

import dev.poststation.dkim.DomainKeys;
import dev.poststation.os.Os;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `dkim list`.
@Command(
    name = "list",
    description =
        "List the domains that sign and their keys: which are made, which sign, which are retired."
            + " The DNS is not asked; dkim dns does that.")
final class DkimListCommand implements Callable<Integer> {
  @Mixin private final Common common;

  DkimListCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var disk = new DkimOnDisk(common);
    var all = disk.domains(null).stream().map(disk::keys).toList();
    if (common.json()) {
      common.print(Map.of("domains", all.stream().map(DkimListCommand::json).toList()));
      return Exit.OK;
    }
    var now = common.os().time().now();
    var table = new Table("DOMAIN", "SELECTOR", "ALGORITHM", "BITS", "STATE", "FOR", "PROBLEM");
    for (var domain : all) {
      if (domain.keys().isEmpty()) {
        table.row(domain.domain(), "none", "", "", "", "", domain.problem());
      }
      for (var held : domain.keys()) {
        var key = held.key();
        table.row(
            domain.domain(),
            held.entry().selector(),
            held.entry().algorithm().word(),
            key == null ? "" : Integer.toString(key.keys().bits()),
            held.entry().state().word(),
            held.entry().since().map(since -> Words.span(since, now)).orElse(""),
            held.problem().isEmpty() ? domain.problem() : held.problem());
      }
    }
    table.print(common.out());
    return Exit.OK;
  }

  private static Map<String, Object> json(DomainKeys domain) {
    List<Map<String, Object>> keys = new ArrayList<>();
    for (var held : domain.keys()) {
      var json = new LinkedHashMap<String, Object>();
      var entry = held.entry();
      json.put("selector", entry.selector());
      json.put("algorithm", entry.algorithm().word());
      var key = held.key();
      json.put("bits", key == null ? 0 : key.keys().bits());
      json.put("state", entry.state().word());
      json.put("imported", entry.foreign());
      json.put("made", text(entry.made()));
      json.put("active", text(entry.active()));
      json.put("retired", text(entry.retired()));
      json.put("problem", held.problem());
      keys.add(json);
    }
    var json = new LinkedHashMap<String, Object>();
    json.put("domain", domain.domain());
    json.put("problem", domain.problem());
    json.put("keys", keys);
    return json;
  }

  private static String text(@Nullable Instant at) {
    return at == null ? "" : at.toString();
  }
}
