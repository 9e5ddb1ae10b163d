package dev.poststation.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.smtp.Reply;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RemoteIdTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Ok: queued as 4XyzAB1cDeF | 4XyzAB1cDeF", // Postfix
        "from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 1A2B3C4D5E |"
            + " 1A2B3C4D5E", // amavis
        "OK id=1tDs7K-00000000ABC-0aBc | 1tDs7K-00000000ABC-0aBc", // Exim
        "Requested mail action okay, completed: id=0MXXXX-1tAbCd2eFg-00hIjK |"
            + " 0MXXXX-1tAbCd2eFg-00hIjK", // GMX
        "4AO5WXyz012345 Message accepted for delivery | 4AO5WXyz012345", // Sendmail
        "1a2b3c4d Message accepted for delivery | 1a2b3c4d", // OpenSMTPD
        "<a@b.example> [InternalId=12345678901234, Hostname=X.PROD.OUTLOOK.COM] 9999 bytes in 0.12,"
            + " 80 KB/sec Queued mail for delivery | 12345678901234",
        "OK  1732400000 d9443c01a7336-2120c5ba79fsi12345ad.123 - gsmtp |"
            + " d9443c01a7336-2120c5ba79fsi12345ad.123", // Gmail
        "Ok 0100019359d3b1a2-1c2d3e4f-5a6b-7c8d-9e0f-1a2b3c4d5e6f-000000 |"
            + " 0100019359d3b1a2-1c2d3e4f-5a6b-7c8d-9e0f-1a2b3c4d5e6f-000000",
        "ok 1732400000 qp 12345 | 12345", // qmail
        "OK ids=d7ef132b5d7711ea8c8000163e00eb17 | d7ef132b5d7711ea8c8000163e00eb17", // KumoMTA
        "Message Queued (8D5A4C2E-1B2C-4D5E-8F90-ABCDEF012345.1) |"
            + " 8D5A4C2E-1B2C-4D5E-8F90-ABCDEF012345.1", // Haraka
        "Queued as 01JDXYZABCDEF. | 01JDXYZABCDEF",
        "Queued (0.016 seconds) | ",
        "Ok | ",
        "Message accepted for delivery | ",
        "OK | ",
        "ok done | ",
        "OK thanks 12 | ",
        "queued as <script> | ",
        "'' | ",
      })
  void theIdIsFound(String text, String id) {
    assertThat(RemoteId.in(Reply.plain(250, text))).isEqualTo(id);
  }

  @Test
  void allLinesAreLookedAt() {
    assertThat(RemoteId.in(new Reply(250, null, List.of("Thank you", "queued as ABC123"))))
        .isEqualTo("ABC123");
  }

  @Test
  void anIdWithoutEndIsNone() {
    assertThat(RemoteId.in(Reply.plain(250, "queued as 1" + "A".repeat(200)))).isNull();
  }
}
