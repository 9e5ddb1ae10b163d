package dev.poststation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

class TestMailTest {
  private static String content(String subject) {
    var mail = new TestMail("a@b.example", List.of("x@y.example", "z@y.example"), subject, "Grüße");
    return new String(
        mail.content(Instant.ofEpochSecond(1_000_000_000), "relay.test"), StandardCharsets.UTF_8);
  }

  @Test
  void aPlainSubjectStaysAsItIs() {
    assertThat(content("A test\r\nBcc: <evil@example.com>"))
        .contains("\nTo: <x@y.example>, <z@y.example>\n")
        .contains("\nSubject: A test  Bcc: <evil@example.com>\n")
        .contains("\nDate: Sun, 9 Sep 2001 01:46:40 +0000\n")
        .contains("\nMessage-ID: <1000000000000.send@relay.test>\n")
        .endsWith("\n\nGrüße\n");
  }

  @Test
  void anotherOneIsInEncodedWordsOfUtf8() {
    String subject = "Grüße aus dem schönen München, und das mit vielen Wörtern 你好".repeat(2);
    String header = content(subject).lines().takeWhile(line -> !line.isEmpty()).toList().toString();
    assertThat(header.chars()).allMatch(c -> c < 128);

    var decoded = new StringBuilder();
    for (String line :
        content(subject).lines().filter(each -> each.contains("=?UTF-8?B?")).toList()) {
      String word = line.substring(line.indexOf("=?"));
      assertThat(word).hasSizeLessThanOrEqualTo(75).endsWith("?=");
      byte[] octets = Base64.getDecoder().decode(word.substring(10, word.length() - 2));
      decoded.append(new String(octets, StandardCharsets.UTF_8));
    }
    assertThat(decoded.toString()).isEqualTo(subject);
  }
}
