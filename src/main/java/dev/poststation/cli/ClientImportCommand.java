package dev.poststation.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.poststation.config.Cidr;
import dev.poststation.config.ClientEntry;
import dev.poststation.config.EntryTerms;
import dev.poststation.os.Os;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `client import`.
@Command(
    name = "import",
    description = {
      "Write entries of clients, made from a list, to standard output: for a file that"
          + " poststation.conf includes behind its own clients.",
      "Nothing is changed: poststation check says whether the result can be used."
    })
final class ClientImportCommand implements Callable<Integer> {
  private static final int WRONG_MAX = 20;

  @Mixin private final Common common;

  @Parameters(paramLabel = "FILE", description = "The list, in UTF-8; - is standard input.")
  private Path file = Path.of("");

  @Option(
      names = "--format",
      required = true,
      paramLabel = "FORMAT",
      description =
          "csv: a table whose first line names its columns, of name, network, comment, owner,"
              + " expires. dhcp-leases: dhcpd.leases of ISC's server, the leases of Kea as CSV, or"
              + " dnsmasq.leases.")
  private String format = "";

  @Option(
      names = "--within",
      paramLabel = "NETWORK",
      description = "Of leases, only those of this network.")
  private @Nullable String within;

  @Option(
      names = "--terms",
      paramLabel = "TEXT",
      description =
          "What each entry gets beside that, as it stands in a file, say"
              + " 'senders = [\"@example.com\"], rate = \"60/hour\"'.")
  private String terms = "";

  ClientImportCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    common.refuseConfig(
        "the list is read as it is; poststation check tells what is wrong with it.");
    if (terms.indexOf('\n') >= 0) {
      throw new Failure(Exit.WRONG, "--terms: write them on one line, with commas between.");
    }
    var entries = entries();
    EntryTerms.flaws(terms.strip(), entries, common.os()).stream()
        .findFirst()
        .ifPresent(
            flaw -> {
              throw new Failure(
                  Exit.WRONG, "--terms: " + Words.shown(flaw) + ". Nothing was written.");
            });
    if (entries.isEmpty()) {
      common
          .err()
          .println(
              "There was nothing to import"
                  + (within == null ? "." : ": no lease that runs is in " + within + "."));
    }
    if (common.json()) {
      var answer = JsonNodeFactory.instance.objectNode();
      var array = answer.putArray("clients");
      for (var entry : entries) {
        var object = array.addObject().put("name", entry.name());
        entry.networks().forEach(object.putArray("networks")::add);
        object.put("comment", entry.comment()).put("owner", entry.owner());
        object.put("expires", entry.expires());
      }
      common.print(answer);
      return Exit.OK;
    }
    var out = common.out();
    out.print("# Made by poststation client import --format " + format + " from ");
    out.println(Words.shown(file.toString()) + ".");
    out.print(ClientEntry.text(entries, terms.strip()));
    return Exit.OK;
  }

  private List<ClientEntry> entries() {
    String text = text();
    try {
      return switch (format) {
        case "csv" -> {
          if (within != null) {
            throw new Failure(Exit.WRONG, "--within goes with --format dhcp-leases.");
          }
          yield ClientTable.read(text);
        }
        case "dhcp-leases" ->
            Leases.entries(Leases.read(text, common.os().time().now()), network());
        default ->
            throw new Failure(
                Exit.WRONG,
                "--format: \"" + Words.shown(format) + "\" is none of csv, dhcp-leases.");
      };
    } catch (Csv.MalformedException e) {
      throw new Failure(Exit.WRONG, told(e.flaws()));
    }
  }

  /// Each line that is wrong, but no flood of them.
  private String told(List<String> wrong) {
    String first =
        wrong.stream()
            .limit(WRONG_MAX)
            .map(line -> Words.shown(file + ", " + line) + ".")
            .collect(Collectors.joining("\n"));
    int more = wrong.size() - WRONG_MAX;
    return first
        + (more > 0 ? "\nSo are " + more + " more." : "")
        + (wrong.size() > 1 ? "\n" : " ")
        + "Nothing was written.";
  }

  private @Nullable Cidr network() {
    if (within == null) {
      return null;
    }
    ClientEntry.networkFlaw(within)
        .ifPresent(
            flaw -> {
              throw new Failure(Exit.WRONG, "--within: " + Words.shown(flaw) + ".");
            });
    return ClientEntry.network(within);
  }

  private String text() {
    try {
      byte[] octets =
          file.toString().equals("-") ? System.in.readAllBytes() : common.os().disk().read(file);
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).toString();
    } catch (NoSuchFileException _) {
      throw new Failure(Exit.WRONG, "There is no file " + Words.shown(file.toString()) + ".");
    } catch (CharacterCodingException _) {
      throw new Failure(
          Exit.WRONG,
          "The file "
              + Words.shown(file.toString())
              + " is no text in UTF-8: convert it (iconv -f latin1 -t utf-8).");
    } catch (IOException e) {
      throw new Failure(
          Exit.WRONG,
          "The file " + Words.shown(file.toString()) + " cannot be read: " + e.getMessage() + ".");
    }
  }
}
