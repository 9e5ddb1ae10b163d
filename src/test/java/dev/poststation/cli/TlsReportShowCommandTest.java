package dev.poststation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A report that somebody has sent (RFC 8460) is said in words, whatever it came in.
class TlsReportShowCommandTest {
  private static final String REPORT =
      """
      {
        "organization-name": "Company-X",
        "date-range": {
          "start-datetime": "2026-11-29T00:00:00Z",
          "end-datetime": "2026-11-29T23:59:59Z"
        },
        "contact-info": "sts-reporting@company-x.example",
        "report-id": "5065427c",
        "policies": [{
          "policy": {
            "policy-type": "sts",
            "policy-string": ["version: STSv1", "mode: testing", "mx: *.mail.company-y.example"],
            "policy-domain": "company-y.example",
            "mx-host": "*.mail.company-y.example"
          },
          "summary": {
            "total-successful-session-count": 5326,
            "total-failure-session-count": 303
          },
          "failure-details": [{
            "result-type": "certificate-expired",
            "sending-mta-ip": "2001:db8:abcd:12::1",
            "receiving-mx-hostname": "mx1.mail.company-y.example",
            "failed-session-count": 100
          }, {
            "result-type": "starttls-not-supported",
            "receiving-mx-hostname": "mx2.mail.company-y.example",
            "receiving-ip": "203.0.113.56",
            "failed-session-count": 202,
            "additional-information": "https://reports.company-x.example/x?id=1"
          }, {
            "result-type": "something-new",
            "failed-session-count": 1,
            "failure-reason-code": "X509\\u001b[31m"
          }]
        }]
      }
      """;

  private static final String WORDS =
      """
      Company-X (sts-reporting@company-x.example) sent mail on 2026-11-29:

      By the MTA-STS policy of company-y.example, 5629 sessions: 303 of them failed
        policy   version: STSv1
        policy   mode: testing
        policy   mx: *.mail.company-y.example
        failed   100 sessions: mx1.mail.company-y.example showed a certificate that has expired, as seen from 2001:db8:abcd:12::1
        failed   202 sessions: mx2.mail.company-y.example[203.0.113.56] offered no TLS: STARTTLS is off there, or somebody on the way hides it (https://reports.company-x.example/x?id=1)
        failed   1 session: company-y.example had the result something-new (X509?[31m)
      """;

  @TempDir Path directory;

  private static byte[] packed(String text) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(out)) {
      gzip.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return out.toByteArray();
  }

  private static String mail(String type) throws IOException {
    return """
    From: x@company-x.example
    To: tls@company-y.example
    Subject: Report Domain: company-y.example Submitter: company-x.example Report-ID: <1@x>
    TLS-Report-Domain: company-y.example
    MIME-Version: 1.0
    Content-Type: multipart/report; report-type="tlsrpt"; boundary="b"

    --b
    Content-Type: text/plain

    { this is only for people }
    --b
    Content-Type: %s
    Content-Transfer-Encoding: base64
    Content-Disposition: attachment; filename="x!y!1!2.json.gz"

    %s
    --b--
    """
        .formatted(type, Base64.getMimeEncoder().encodeToString(packed(REPORT)));
  }

  private Ran show(String name, byte[] octets, String... more) throws IOException {
    Path file = Files.write(directory.resolve(name), octets);
    return Ran.plain("tls-report show " + file + String.join("", more));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void itIsSaidInWordsWhateverItCameIn() throws Exception {
    assertThat(show("a.json", bytes(REPORT)).out()).isEqualTo(WORDS);
    assertThat(show("a.json.gz", packed(REPORT)).out()).isEqualTo(WORDS);
    for (String type : new String[] {"application/tlsrpt+gzip", "application/octet-stream"}) {
      var ran = show("a.eml", bytes(mail(type).replace("\n", "\r\n")));
      assertThat(ran.out()).as(ran.toString()).isEqualTo(WORDS);
    }
  }

  @Test
  void programsGetItAsJson() throws Exception {
    var ran = show("a.json", bytes(REPORT), " --json");
    assertThat(ran.exit()).as(ran.toString()).isZero();
    assertThat(ran.out())
        .contains("\"organization\"", "\"result\"", "certificate-expired", "\"failed\"");
  }

  @Test
  void whatIsNoReportIsSaidSo() throws Exception {
    assertThat(Ran.plain("tls-report show " + directory.resolve("none")).err())
        .contains("There is no file ");
    var ran = show("a", bytes("Subject: hello\r\n\r\nhello\r\n"));
    assertThat(ran.exit()).isEqualTo(Exit.NO);
    assertThat(ran.err()).contains("cannot be shown: it is neither a report nor a mail with one.");
    assertThat(show("b", bytes("{\"policies\": 1}")).err()).contains("has no list \"policies\"");
    assertThat(show("c", bytes("{")).err()).contains("it is no JSON");
    byte[] damaged = packed(REPORT);
    damaged[30] ^= 0x55;
    assertThat(show("d", damaged).err()).contains("it is compressed, but damaged");
    assertThat(show("e", bytes("{\"policies\": []}")).err()).contains("date-range");
  }

  @Test
  void aBombIsNotUnpacked() throws Exception {
    assertThat(show("bomb.gz", packed(" ".repeat(30_000_000))).err())
        .contains("has more than 20000000 octets");
  }
}
