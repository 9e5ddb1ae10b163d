package dev.poststation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.admin.CheckReport;
import dev.poststation.os.Os;
import dev.poststation.spool.LocalSpool;
import dev.poststation.spool.SpoolException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `spool check`.
@Command(
    name = "check",
    description = {
      "Read all of the spool, in the running relay or without one: every record and every octet of"
          + " mail, with their checksums, and whether mails, places and counters agree.",
      "Mail that cannot be delivered is set aside; what can be put right is. Ends with 0 when"
          + " nothing is wrong, with 1 when something was found."
    })
final class SpoolCheckCommand implements Callable<Integer> {
  private static final Duration LOOK = Duration.ofMillis(200);
  private static final Duration TELL = Duration.ofSeconds(10);

  @Mixin private final Common common;
  private long told;

  SpoolCheckCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() throws InterruptedException, IOException {
    var loaded = common.load();
    Path data = Common.whereabouts(loaded).data();
    told = common.os().time().nanos();
    var claimed = Offline.claim(common.os(), data);
    ObjectNode report;
    if (claimed.isPresent()) {
      claimed.get().close(); // The spool takes it itself.
      report = withoutRelay(data);
    } else {
      report = Offline.ofRelay(common.dataOf(loaded), () -> inRelay(common.api(loaded)));
    }
    if (report.has("error")) {
      throw new Failure(Exit.NO, report.path("error").asText());
    }
    if (common.json()) {
      common.print(report);
    } else {
      show(report, data);
    }
    return report.path("clean").asBoolean() ? Exit.OK : Exit.NO;
  }

  private ObjectNode withoutRelay(Path data) {
    var configuration = common.configuration();
    try (var spool =
        LocalSpool.open(common.os(), data, configuration.spool(), configuration.trace(), 0)) {
      long inAll = spool.usage().mails();
      return CheckReport.of(spool.upkeep().check(mails -> tell(mails, inAll)));
    } catch (SpoolException e) {
      throw new Failure(Exit.WRONG, e.getMessage() + ".");
    }
  }

  private ObjectNode inRelay(Api api) throws InterruptedException {
    var state = api.post("spool/check", JsonNodeFactory.instance.objectNode());
    while (state.path("running").asBoolean()) {
      tell(state.path("mailsRead").asLong(), state.path("mailsInAll").asLong());
      common.os().time().sleep(LOOK);
      state = api.get("spool/check", Map.of());
    }
    // How far it was is of no interest any more; without a relay there is nothing of it either.
    return state.remove(List.of("running", "started", "mailsRead", "mailsInAll"));
  }

  /// Whoever waits for long is told how far it is.
  private void tell(long mails, long inAll) {
    long now = common.os().time().nanos();
    if (now - told > TELL.toNanos()) {
      told = now;
      common.err().println("Read " + mails + " of " + Words.count(inAll, "mail") + " ...");
    }
  }

  private void show(ObjectNode report, Path data) {
    var out = common.out();
    out.println(
        "The spool in "
            + data
            + ": "
            + Words.count(report.path("mails").asLong(), "mail")
            + ", "
            + Words.count(report.path("recipients").asLong(), "recipient")
            + ", "
            + Words.count(report.path("chunks").asLong(), "chunk")
            + " of content ("
            + Words.size(report.path("octets").asLong())
            + "), "
            + report.path("traces").asLong()
            + " entries of traces.");
    list(report.path("setAsideBefore"), report.path("setAsideBeforeInAll").asLong());
    if (report.path("counters").asText().equals("not compared")) {
      out.println("The counters were not compared, for mail came and went all the time.");
    }
    long found = report.path("foundInAll").asLong();
    if (found == 0) {
      out.println("Nothing is wrong.");
      return;
    }
    out.println("Found to be wrong:");
    out.println();
    table(report.path("found"));
    more(found - report.path("found").size());
  }

  private void list(JsonNode aside, long inAll) {
    if (inAll > 0) {
      common.out().println("Set aside before, and still there:");
      common.out().println();
      table(aside);
      more(inAll - aside.size());
      common.out().println();
    }
  }

  private void more(long others) {
    if (others > 0) {
      common.out().println("... and " + others + " more");
    }
  }

  private void table(JsonNode findings) {
    var table = new Table("ID", "WHAT", "DONE");
    for (var finding : findings) {
      table.row(
          finding.path("id").asText("-"),
          finding.path("what").asText(),
          finding.path("done").asText());
    }
    table.print(common.out());
  }
}
