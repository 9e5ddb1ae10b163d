package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A mail library that is not ours reads our notices.
@Tag("peer")
final class NoticeReadersTest {
  /// Prints what Python's email library finds: defects, the types of the parts, and the fields of
  /// each recipient.
  private static final String SCRIPT =
      """
      import email, email.policy, sys
      mail = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.SMTPUTF8)
      parts = list(mail.iter_parts())
      defects = mail.defects + [d for p in parts for d in p.defects]
      print("defects", defects)
      print(mail.get_content_type(), mail.get_param("report-type"))
      print([p.get_content_type() for p in parts])
      print("human", "What you can do" in parts[0].get_content() or "mail system" in parts[0].get_content())
      if parts[1].get_content_type() == "message/delivery-status":
          for block in parts[1].get_payload()[1:]:
              print(block["Final-Recipient"], block["Action"], block["Status"])
      """;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "failed | rfc822; bert@example.net failed 5.1.1 | message/rfc822",
        "failed-for-several | rfc822; dora@no-such-domain.example failed 5.1.2 |"
            + " text/rfc822-headers",
        "expired | rfc822; bert@example.net failed 4.4.1 | text/rfc822-headers",
        "delayed | rfc822; bert@example.net delayed 4.2.2 | text/rfc822-headers",
        "relayed | rfc822; bert@example.net relayed 2.0.0 | text/rfc822-headers",
        "failed-international-recipient | utf-8; b\\x{E4}rt@ex\\x{E4}mple.net failed 5.6.7 |"
            + " text/rfc822-headers",
        "failed-international | message/global-delivery-status | message/global",
      })
  void pythonFindsEveryPartAndNoDefect(String name, String fields, String returned)
      throws IOException {
    var notice =
        Files.readString(Path.of("src/test/resources/golden/notice-" + name + ".txt"))
            .replace("\n", "\r\n");
    assertThat(Program.run(List.of(Peers.program("python3"), "-c", SCRIPT), notice))
        .contains("defects []")
        .contains("multipart/report delivery-status")
        .contains("human True")
        .contains(fields)
        .contains("'" + returned + "']");
  }
}
