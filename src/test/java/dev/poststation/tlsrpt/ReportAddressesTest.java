package dev.poststation.tlsrpt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Records by which domains ask for reports (RFC 8460 3).
class ReportAddressesTest {
  private static String of(String... texts) {
    return ReportAddresses.of(List.of(texts)).map(ReportAddresses::toString).orElse("none");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "v=TLSRPTv1;rua=mailto:reports@example.com | mailto:reports@example.com",
        "v=TLSRPTv1; rua=https://reporting.example.com/v1/tlsrpt"
            + " | https://reporting.example.com/v1/tlsrpt",
        "v=TLSRPTv1; rua=mailto:a@example.com,https://r.example.com/x?id=1 ;"
            + " | mailto:a@example.com, https://r.example.com/x?id=1",
        "v=TLSRPTv1;ext=1; rua=MAILTO:a%2Bb@example.com?subject=x" + " | mailto:a+b@example.com",
        "v=TLSRPTv1;rua=mailto:a+b@example.com , mailto:a+b@example.com | mailto:a+b@example.com",
      })
  void recordsAsTheRfcHasThemAreUnderstood(String text, String wanted) {
    assertThat(of(text)).isEqualTo(wanted);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "v=TLSRPTv1",
        "v=TLSRPTv1;",
        "v=tlsrptv1;rua=mailto:a@example.com",
        "v=TLSRPTv2;rua=mailto:a@example.com",
        "v=TLSRPTv1;rua=",
        "v=TLSRPTv1;RUA=mailto:a@example.com",
        "v=TLSRPTv1;rua=http://example.com/",
        "v=TLSRPTv1;rua=mailto:nobody",
        "v=TLSRPTv1;rua=mailto:%zz@example.com",
        "v=TLSRPTv1;rua=mailto:a%0d%0ab@example.com",
        "v=TLSRPTv1;rua=mailto:%22a b%22@example.com",
        "v=TLSRPTv1;rua=https:///x",
        "v=TLSRPTv1;rua=https://user:secret@example.com/",
        "v=TLSRPTv1;rua=https://exa mple.com/",
        "v=spf1 -all"
      })
  void whatIsBrokenIsNone(String text) {
    assertThat(of(text)).isEqualTo("none");
  }

  @Test
  void twoRecordsAreNoneButOthersBesideDoNotMatter() {
    String record = "v=TLSRPTv1;rua=mailto:a@example.com";
    assertThat(of(record, record)).isEqualTo("none");
    assertThat(of("v=spf1 -all", record)).isEqualTo("mailto:a@example.com");
  }

  @Test
  void noMoreThanFourPlacesAreHeard() {
    assertThat(
            of(
                "v=TLSRPTv1;rua=mailto:a@x.example,ftp://x.example,mailto:b@x.example,"
                    + "https://c.example,https://d.example,mailto:e@x.example"))
        .isEqualTo("mailto:a@x.example, mailto:b@x.example, https://c.example, https://d.example");
  }
}
