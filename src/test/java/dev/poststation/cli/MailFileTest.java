package dev.poststation.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MailFileTest {
  private static MailFile of(String text) {
    return MailFile.of(text.getBytes(UTF_8));
  }

  @Test
  void aMailThatWasSavedWithUnixLinesIsAsLargeAsItIsSent() {
    var mail = of("From: Anna <a@b.example>\nList-Id:\n <x>\n\nHello\r\n\nFrom: body\n");
    assertThat(mail.header()).isEqualTo("From: Anna <a@b.example>\r\nList-Id:\r\n <x>\r\n");
    assertThat(mail.from()).isEqualTo("Anna <a@b.example>");
    assertThat(new String(mail.content(), UTF_8))
        .isEqualTo(
            "From: Anna <a@b.example>\r\nList-Id:\r\n <x>\r\n\r\nHello\r\n\r\nFrom: body\r\n");
  }

  @Test
  void aMailThatIsAllHeaderOrEmptyIsReadToItsEnd() {
    assertThat(of("A: b").header()).isEqualTo("A: b");
    assertThat(of("").header()).isEmpty();
    assertThat(of("\r\nA: b").header()).isEmpty();
    assertThat(of("From: a@b.example\nFrom: c@d.example\n\n").from()).isEmpty();
  }

  @Test
  void whatWasSaidBesideTheFileCounts() {
    Map<String, String> words = new HashMap<>(Map.of("size", "5 MB", "headerFrom", ""));
    of("From: a@b.example\n\nx").complete(words);
    assertThat(words)
        .containsEntry("size", "5 MB")
        .containsEntry("headerFrom", "a@b.example")
        .containsEntry("header", "From: a@b.example\r\n")
        .containsEntry("message", "RnJvbTogYUBiLmV4YW1wbGUNCg0KeA0K");
  }
}
