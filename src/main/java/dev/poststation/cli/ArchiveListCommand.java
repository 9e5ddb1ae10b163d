package dev.poststation.cli;

import dev.poststation.archive.BucketReading;
import dev.poststation.archive.Entry;
import dev.poststation.archive.Search;
import dev.poststation.config.S3Bucket;
import dev.poststation.os.Os;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `archive list`.
@Command(
    name = "list",
    description = {
      "List mail of an archive by its envelope and time, the eldest first, each with its file, or"
          + " the name of its object. Of"
          + " texts a part is enough; all that is given must hold.",
      "Ends with 0 when there is any, else with 1."
    })
final class ArchiveListCommand implements Callable<Integer> {
  /// More recipients are only counted.
  private static final int RECIPIENTS_MAX = 3;

  @Mixin private final Common common;

  @Parameters(
      paramLabel = "DIRECTORY",
      arity = "0..1",
      description = "Of the archive; without it, those of the configuration.")
  private @Nullable Path directory;

  @Option(names = "--from", paramLabel = "ADDRESS", description = "The sender of the envelope.")
  private @Nullable String from;

  @Option(
      names = "--to",
      paramLabel = "ADDRESS",
      description = "A recipient of the envelope, blind copies included; several: all of them.")
  private List<String> to = List.of();

  @Option(
      names = "--since",
      paramLabel = "TIME",
      description = "From then on: 2026-12-01, 2026-12-01T08:00:00Z, or how long ago, such as 7d.")
  private @Nullable String since;

  @Option(names = "--until", paramLabel = "TIME", description = "Before then.")
  private @Nullable String until;

  @Option(names = "--subject", paramLabel = "TEXT", description = "In its subject.")
  private @Nullable String subject;

  @Option(names = "--message-id", paramLabel = "TEXT", description = "In its Message-ID.")
  private @Nullable String messageId;

  @Option(names = "--id", paramLabel = "ID", description = "Its queue id.")
  private @Nullable String id;

  @Mixin private final ReadingKey key = new ReadingKey();

  ArchiveListCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var now = common.os().time().now();
    var search =
        new Search(
            ArchiveOnDisk.time("--since", since, now),
            ArchiveOnDisk.time("--until", until, now),
            from,
            to,
            subject,
            messageId,
            id);
    var table = new Table("ENTRY", "ARCHIVED", "SENDER", "RECIPIENTS", "SUBJECT", "FILE");
    List<Map<String, Object>> all = new ArrayList<>();
    for (Path each : ArchiveOnDisk.directories(common, directory)) {
      try {
        search.in(
            common.os().disk(),
            each,
            (entry, file) -> found(table, all, entry, file.toString()),
            (file, why) -> common.err().println(file + " cannot be read: " + Words.shown(why)));
      } catch (IOException e) {
        throw ArchiveOnDisk.failure(each, e);
      }
    }
    for (S3Bucket each : key.buckets(common, directory)) {
      try (var reading = new BucketReading(each, common.os())) {
        reading.search(
            search,
            (entry, name) -> found(table, all, entry, name),
            (name, why) -> common.err().println(name + " cannot be read: " + Words.shown(why)));
      } catch (IOException e) {
        throw ReadingKey.failure(each, e);
      }
    }
    if (common.json()) {
      common.print(Map.of("mails", all));
    } else if (table.isEmpty()) {
      common.out().println("There is no such mail.");
    } else {
      table.print(common.out());
    }
    return all.isEmpty() && table.isEmpty() ? Exit.NO : Exit.OK;
  }

  private void found(Table table, List<Map<String, Object>> all, Entry entry, String file) {
    if (common.json()) {
      all.add(json(entry, file));
    } else {
      row(table, entry, file);
    }
  }

  private static void row(Table table, Entry entry, String file) {
    var about = entry.about();
    var to = about.recipients();
    String shown = String.join(" ", to.subList(0, Math.min(to.size(), RECIPIENTS_MAX)));
    table.row(
        entry.number() == 0 ? "-" : Long.toString(entry.number()),
        Words.time(entry.archived()),
        Words.address(about.sender()),
        to.size() > RECIPIENTS_MAX
            ? shown + " and " + (to.size() - RECIPIENTS_MAX) + " more"
            : shown,
        about.subject(),
        file);
  }

  private static Map<String, Object> json(Entry entry, String file) {
    var json = new LinkedHashMap<String, Object>();
    var about = entry.about();
    json.put("entry", entry.number());
    json.put("archived", entry.archived().toString());
    json.put("file", file);
    json.put("octets", entry.octets());
    json.put("sha256", entry.sha256());
    json.put("id", about.id());
    json.put("service", about.service());
    json.put("copy", about.copy());
    json.put("direction", about.direction());
    json.put("sender", about.sender());
    json.put("recipients", about.recipients());
    json.put("unnamed", about.unnamed());
    json.put("client", about.client());
    json.put("user", about.user());
    json.put("messageId", about.messageId());
    json.put("subject", about.subject());
    return json;
  }
}
