package dev.poststation.reporting;

import dev.poststation.message.MailDate;
import dev.poststation.smtp.Address;
import dev.poststation.tlsrpt.ReportJson;
import dev.poststation.tlsrpt.Tally;
import dev.poststation.tlsrpt.TlsReport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;

/// Composes the mail that carries a report (RFC 8460 5.3). Pure functions.
final class ReportMail {
  /// What a report is, compressed.
  static final String TYPE = "application/tlsrpt+gzip";

  private ReportMail() {}

  /// The report as it is sent: JSON, compressed.
  static byte[] packed(TlsReport report) {
    var out = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(out)) {
      gzip.write(ReportJson.write(report).getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /// The whole mail. What a domain could not take because of its TLS says how bad that is: it goes
  /// all the same (RFC 8460 3, RFC 8689), and is not reported itself.
  ///
  /// @param from whose domain reports
  /// @param submitter that domain
  /// @param hostname our name, for the Message-ID
  static byte[] content(
      TlsReport report,
      Tally.Key about,
      Address from,
      String submitter,
      List<Address> to,
      String hostname,
      Instant now) {
    String boundary = "=_" + report.id().hashCode() + "_tls-report";
    String file =
        "%s!%s!%d!%d!%08x.json.gz" // RFC 8460 5.1
            .formatted(
                submitter,
                about.domain(),
                report.start().getEpochSecond(),
                report.end().getEpochSecond(),
                hostname.hashCode());
    String text =
        """
        Date: %1$s
        From: <%2$s>
        To: %3$s
        Subject: Report Domain: %4$s
         Submitter: %5$s
         Report-ID: <%6$s>
        Message-ID: <tls-report.%7$s.%4$s@%8$s>
        TLS-Report-Domain: %4$s
        TLS-Report-Submitter: %5$s
        TLS-Required: No
        Auto-Submitted: auto-generated
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type="tlsrpt";
         boundary="%9$s"

        --%9$s
        Content-Type: text/plain; charset=us-ascii
        Content-Transfer-Encoding: 7bit

        %10$s
        --%9$s
        Content-Type: %11$s
        Content-Transfer-Encoding: base64
        Content-Disposition: attachment;
         filename="%12$s"

        %13$s
        --%9$s--
        """
            .formatted(
                MailDate.at(now),
                from,
                to.stream().map(each -> "<" + each + ">").collect(Collectors.joining(",\n ")),
                about.domain(),
                submitter,
                report.id(),
                about.day().toString().replace("-", ""),
                hostname,
                boundary,
                words(report, about, submitter),
                TYPE,
                file,
                Base64.getMimeEncoder(76, new byte[] {'\n'}).encodeToString(packed(report)));
    return text.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8);
  }

  private static String words(TlsReport report, Tally.Key about, String submitter) {
    long failed = report.policies().stream().mapToLong(TlsReport.Policy::failed).sum();
    long all = failed + report.policies().stream().mapToLong(TlsReport.Policy::successful).sum();
    return """
    This is an aggregate report about TLS (RFC 8460) from
    %s
    about the mail exchangers of
    %s
    Day (UTC): %s
    Sessions with its mail exchangers: %d
    Those in which TLS failed, or was not as its policy says: %d
    The report is attached.
    """
        .formatted(submitter, about.domain(), about.day(), all, failed);
  }
}
