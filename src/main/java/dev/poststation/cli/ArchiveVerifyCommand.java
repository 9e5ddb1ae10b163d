package dev.poststation.cli;

import dev.poststation.archive.BucketReading;
import dev.poststation.archive.Verification;
import dev.poststation.config.S3Bucket;
import dev.poststation.os.Os;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `archive verify`.
@Command(
    name = "verify",
    description = {
      "Walk through an archive and name each entry that is missing, was changed or inserted.",
      "Ends with 0 when all is as it was written, else with 1."
    })
final class ArchiveVerifyCommand implements Callable<Integer> {
  @Mixin private final Common common;

  @Parameters(
      paramLabel = "DIRECTORY",
      arity = "0..1",
      description = "Of the archive; without it, those of the configuration.")
  private @Nullable Path directory;

  @Option(
      names = "--expect",
      paramLabel = "NUMBER:HASH",
      description =
          "Also, that this entry has this hash: one that was written down elsewhere before, such as"
              + " the last one that this command told. May be given several times.")
  private List<String> expect = List.of();

  @Mixin private final ReadingKey key = new ReadingKey();

  ArchiveVerifyCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var expected = expected();
    List<Map<String, Object>> all = new ArrayList<>();
    boolean clean = true;
    for (Path each : ArchiveOnDisk.directories(common, directory)) {
      Verification.Result result;
      try {
        result = Verification.of(common.os().disk(), each, expected);
      } catch (IOException e) {
        throw ArchiveOnDisk.failure(each, e);
      }
      clean &= result.found().isEmpty();
      if (common.json()) {
        all.add(json(each, result));
      } else {
        show(each, result);
      }
    }
    for (S3Bucket each : key.buckets(common, directory)) {
      clean &= verify(each, all);
    }
    if (common.json()) {
      common.print(Map.of("clean", clean, "archives", all));
    }
    return clean ? Exit.OK : Exit.NO;
  }

  /// A bucket has no chain: each object is as its name says, or is not.
  private boolean verify(S3Bucket bucket, List<Map<String, Object>> all) {
    BucketReading.Result result;
    try (var reading = new BucketReading(bucket, common.os())) {
      result = reading.verify();
    } catch (IOException e) {
      throw ReadingKey.failure(bucket, e);
    }
    if (common.json()) {
      var json = new LinkedHashMap<String, Object>();
      json.put("bucket", bucket.toString());
      json.put("entries", result.entries());
      json.put("octets", result.octets());
      json.put("found", found(result.found()));
      all.add(json);
    } else {
      common
          .out()
          .println(
              "The archive in "
                  + bucket
                  + ": "
                  + Words.count(result.entries(), "mail")
                  + " ("
                  + Words.size(result.octets())
                  + ")");
      show(result.found());
    }
    return result.found().isEmpty();
  }

  private Map<Long, String> expected() {
    var all = new TreeMap<Long, String>();
    for (String each : expect) {
      int colon = each.indexOf(':');
      String hash = each.substring(colon + 1);
      if (!each.matches("[0-9]{1,18}:[0-9A-Fa-f]{64}")) {
        throw new Failure(
            Exit.WRONG,
            "--expect: \"" + Words.shown(each) + "\" is no number, colon, and 64 digits.");
      }
      all.put(Long.parseLong(each.substring(0, colon)), hash);
    }
    return all;
  }

  private void show(Path each, Verification.Result result) {
    var out = common.out();
    var chain = result.chain();
    out.println(
        "The archive in "
            + each
            + ": "
            + Words.count(result.entries(), "mail")
            + " ("
            + Words.size(result.octets())
            + ")"
            + (result.held() == 0 ? "" : ", and " + result.held() + " held beyond their time"));
    if (chain.last() > 0) {
      out.println(
          "entries "
              + chain.first()
              + " to "
              + chain.last()
              + "; write down: --expect "
              + chain.last()
              + ":"
              + chain.hash());
    }
    show(result.found());
  }

  private void show(List<Verification.Found> all) {
    if (all.isEmpty()) {
      common.out().println("All is as it was written.");
      return;
    }
    var table = new Table("ENTRY", "IS", "WHAT");
    for (var found : all) {
      String number = found.entry() == 0 ? "-" : Long.toString(found.entry());
      table.row(
          found.last() > found.entry() ? number + "-" + found.last() : number,
          ArchiveOnDisk.word(found.kind()),
          found.text());
    }
    table.print(common.out());
  }

  private static Map<String, Object> json(Path each, Verification.Result result) {
    var json = new LinkedHashMap<String, Object>();
    json.put("directory", each.toString());
    json.put("first", result.chain().first());
    json.put("last", result.chain().last());
    json.put("hash", result.chain().hash());
    json.put("entries", result.entries());
    json.put("held", result.held());
    json.put("octets", result.octets());
    json.put("found", found(result.found()));
    return json;
  }

  private static List<Map<String, Object>> found(List<Verification.Found> all) {
    List<Map<String, Object>> found = new ArrayList<>();
    for (var one : all) {
      var entry = new LinkedHashMap<String, Object>();
      entry.put("entry", one.entry());
      entry.put("last", one.last());
      entry.put("is", ArchiveOnDisk.word(one.kind()));
      entry.put("what", one.text());
      found.add(entry);
    }
    return found;
  }
}
