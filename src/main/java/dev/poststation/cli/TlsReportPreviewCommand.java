package dev.poststation.cli;

import dev.poststation.os.Os;
import dev.poststation.tlsrpt.ReportJson;
import dev.poststation.tlsrpt.ReportText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `tls-report preview`.
@Command(
    name = "preview",
    description =
        "Say in words what a domain would be told of TLS to its mail exchangers if the day were"
            + " over now, and where to. With --json the report itself is in it.")
final class TlsReportPreviewCommand implements Callable<Integer> {
  @Mixin private final Common common;

  @Parameters(paramLabel = "DOMAIN", description = "The domain of recipients.")
  private String domain = "";

  TlsReportPreviewCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var answer = common.api().get("tls-reports/" + Api.encoded(domain), Map.of());
    if (common.json()) {
      common.print(answer);
      return Exit.OK;
    }
    String to = answer.path("to").asText();
    common
        .out()
        .println(
            to.isEmpty()
                ? "It gets none: _smtp._tls."
                    + answer.path("domain").asText()
                    + " has no record v=TLSRPTv1 with a place that can be used."
                : "To " + Words.shown(to) + ", not before " + answer.path("due").asText() + ":");
    common.out().println();
    try {
      var report = answer.path("report").toString().getBytes(StandardCharsets.UTF_8);
      ReportText.of(ReportJson.read(report)).forEach(common.out()::println);
    } catch (IOException e) {
      throw new Failure(Exit.NO, "The relay's answer cannot be read: " + e.getMessage() + ".");
    }
    return Exit.OK;
  }
}
