package dev.poststation.cli;

import dev.poststation.os.Os;
import dev.poststation.tlsrpt.ReportFile;
import dev.poststation.tlsrpt.ReportText;
import dev.poststation.tlsrpt.TlsReport;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `tls-report show`.
@Command(
    name = "show",
    description =
        "Say in words what a report about TLS says that another mail system has sent (RFC 8460).")
final class TlsReportShowCommand implements Callable<Integer> {
  private final Os os;

  @Mixin private final Common common;

  @Parameters(
      paramLabel = "FILE",
      description = "The report: .json, .json.gz, or the whole mail that it came in.")
  private Path file = Path.of("-");

  TlsReportShowCommand(Os os) {
    this.os = os;
    common = new Common(os);
  }

  @Override
  public Integer call() {
    TlsReport report;
    try {
      report = ReportFile.read(os.disk().read(file));
    } catch (NoSuchFileException _) {
      throw new Failure(Exit.NO, "There is no file " + file + ".");
    } catch (IOException e) {
      throw new Failure(Exit.NO, file + " cannot be shown: " + e.getMessage() + ".");
    }
    if (common.json()) {
      common.print(json(report));
    } else {
      ReportText.of(report).forEach(common.out()::println);
    }
    return Exit.OK;
  }

  private static Map<String, Object> json(TlsReport report) {
    return Map.of(
        "organization", report.organization(),
        "contact", report.contact(),
        "id", report.id(),
        "start", report.start().toString(),
        "end", report.end().toString(),
        "policies", List.copyOf(report.policies()));
  }
}
