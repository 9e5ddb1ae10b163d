package dev.poststation.reporting;

import dev.poststation.config.TlsReportSettings;
import dev.poststation.os.Os;
import dev.poststation.tls.ClientTls;
import dev.poststation.tls.HttpsCall;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/// Where domains take reports over HTTPS (RFC 8460 5.4). Safe for any thread; blocks the calling
/// one.
@FunctionalInterface
public interface ReportSite {
  /// Posts a report.
  ///
  /// @param report compressed
  /// @return the status of the answer
  /// @throws IOException when there is none; the message is one clause that says why
  int post(URI to, byte[] report) throws IOException;

  /// Those of the Internet. A certificate that is not valid is no site: what is posted tells where
  /// mail is weak.
  static ReportSite of(Supplier<Optional<TlsReportSettings>> settings, Os os) {
    return (to, report) -> {
      var authorities = settings.get().map(TlsReportSettings::authorities).orElse(null);
      // A silent DNS would hold the carrier of a virtual thread.
      Executor threads = task -> os.tasks().platform("tls-reports", task);
      var request =
          HttpRequest.newBuilder(to)
              .header("Content-Type", ReportMail.TYPE)
              .POST(HttpRequest.BodyPublishers.ofByteArray(report))
              .build();
      var tls = ClientTls.trusting(authorities, os.disk());
      return new HttpsCall(tls, Reporter.SITE_TIMEOUT, 64 * 1024, threads)
          .send(request)
          .statusCode();
    };
  }
}
