package dev.poststation.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.config.Units;
import dev.poststation.os.Os;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `suppress add` and `suppress import`.
@Command(name = "add")
final class SuppressAddCommand implements Callable<Integer> {
  /// So many entries go in one request.
  private static final int AT_ONCE = 2_000;

  /// So many lines that were left out are shown.
  private static final int SHOWN = 20;

  /// Where the recipients come from.
  enum From {
    /// The command line.
    WORDS,
    /// A file.
    FILE
  }

  @Mixin private final Common common;
  private final From from;

  @Parameters(arity = "1..*", paramLabel = "WHAT")
  private List<String> what = new ArrayList<>();

  @Option(
      names = "--client",
      paramLabel = "NAME",
      description = "For the mail of this entry of clients; without it for all.")
  private String client = "";

  @Option(
      names = "--keep",
      paramLabel = "TIME",
      description = "How long, as in 30d; without it until you lift it.")
  private @Nullable String keep;

  @Option(names = "--text", paramLabel = "TEXT", description = "Why, for log and bounce.")
  private String text = "";

  SuppressAddCommand(Os os, From from) {
    this.common = new Common(os);
    this.from = from;
  }

  @Override
  public Integer call() {
    var wanted = entries();
    var entries = wanted.stream().map(Wanted::entry).toList();
    var until =
        keep == null
            ? ""
            : common
                .os()
                .time()
                .now()
                .plus(
                    Units.parse(keep)
                        .orElseThrow(
                            () ->
                                new Failure(
                                    Exit.WRONG,
                                    "--keep: \"" + keep + "\" is no duration; write, say, 30d.")))
                .toString();
    for (var entry : entries) {
      entry.putIfAbsent("client", entry.textNode(client));
      entry.putIfAbsent("until", entry.textNode(until));
      entry.putIfAbsent("text", entry.textNode(text));
    }
    long added = 0;
    List<String> refused = new ArrayList<>(0);
    ObjectNode last = JsonNodeFactory.instance.objectNode();
    for (int at = 0; at < entries.size(); at += AT_ONCE) {
      var body = JsonNodeFactory.instance.objectNode();
      var some = entries.subList(at, Math.min(entries.size(), at + AT_ONCE));
      some.forEach(body.putArray("entries")::add);
      body.put("partly", from == From.FILE); // A slip on the command line is to be mended there.
      last = common.api().post("suppression/add", body);
      added += last.path("added").asLong();
      for (var each : last.path("refused")) {
        refused.add(
            wanted.get(at + each.path("entry").asInt()).where() + each.path("why").asText());
      }
    }
    return report(last, added, refused, entries.size());
  }

  private int report(ObjectNode last, long added, List<String> refused, int wanted) {
    if (common.json()) {
      var all = last.putArray("refused");
      refused.forEach(all::add);
      common.print(last.put("added", added));
    } else {
      common
          .out()
          .println(
              Words.count(added, "recipient")
                  + " put on the suppression list, which has "
                  + last.path("count").asLong()
                  + " now.");
      if (last.path("for").asText().equals("off")) {
        common.out().println("Nobody is refused by it, for suppression.for is off.");
      }
    }
    refused.stream().limit(SHOWN).forEach(each -> common.err().println(Words.shown(each)));
    if (!refused.isEmpty()) {
      int more = refused.size() - SHOWN;
      String rest = more > 0 ? "; " + more + " of them are not shown" : "";
      common.err().println(Words.count(refused.size(), "line") + " left out" + rest + ".");
    }
    if (added + refused.size() < wanted) {
      common
          .err()
          .println(
              (wanted - added - refused.size())
                  + " were left out: it is full of others that you put there"
                  + " (suppression.entries).");
    }
    return added < wanted ? Exit.NO : Exit.OK;
  }

  /// What is to be put there.
  ///
  /// @param where it stands, for messages
  private record Wanted(String where, ObjectNode entry) {}

  private List<Wanted> entries() {
    List<Wanted> entries = new ArrayList<>();
    for (String each : what) {
      if (from == From.WORDS) {
        entries.add(new Wanted("", JsonNodeFactory.instance.objectNode().put("address", each)));
      } else {
        entries.addAll(read(each));
      }
    }
    return entries;
  }

  private List<Wanted> read(String file) {
    try {
      byte[] octets =
          file.equals("-") ? System.in.readAllBytes() : common.os().disk().read(Path.of(file));
      return SuppressTable.read(
              StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).toString())
          .stream()
          .map(line -> new Wanted(file + ", line " + line.number() + ": ", line.entry()))
          .toList();
    } catch (Csv.MalformedException e) {
      throw new Failure(
          Exit.WRONG, Words.shown(file + ", " + e.getMessage()) + ". Nothing was taken.");
    } catch (CharacterCodingException _) {
      throw new Failure(Exit.WRONG, "The file " + Words.shown(file) + " is no text in UTF-8.");
    } catch (IOException e) {
      throw new Failure(
          Exit.WRONG, "The file " + Words.shown(file) + " cannot be read: " + Words.why(e) + ".");
    }
  }
}
