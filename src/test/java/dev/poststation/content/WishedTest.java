package dev.poststation.content;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.SealService;
import dev.poststation.message.FieldWatch;
import dev.poststation.message.Octets;
import org.junit.jupiter.api.Test;

final class WishedTest {
  private static final SealService.Wish WISH =
      new SealService.Wish(SealService.Policy.NEVER, "[secure]", null);

  private static Wished wished(String subject) {
    byte[] header = ("From: a@x.test\r\nSubject: " + subject + "\r\n").getBytes(UTF_8);
    return Wished.of(new Message(header, new byte[] {'\r', '\n'}, Octets.of(new byte[0])), WISH);
  }

  /// The subject as people read it.
  private static String subject(Wished wished) {
    var header = wished.without().header();
    for (var field : wished.without().fields().fields()) {
      if (field.name().equals("subject")) {
        return FieldWatch.text(header, field);
      }
    }
    throw new AssertionError("it has no subject");
  }

  @Test
  void aTagIsFoundBehindALetterThatBecomesTwoInLowerCase() {
    for (String text : new String[] {"İstanbul [secure]", "[secure] İİİ", "İİ [SECURE] İ x"}) {
      var wished = wished(text);
      assertThat(wished.wished()).isTrue();
      assertThat(subject(wished))
          .isEqualTo(text.replaceAll("(?i)\\[secure\\]", "").replace("  ", " ").strip());
    }
  }

  @Test
  void aLongSubjectStaysWholeWhenItsTagIsTakenOut() {
    String text = "ein langer Betreff\r\n mit Umbruch ".repeat(60);
    var wished = wished(text + "[secure] und Ende");
    assertThat(wished.wished()).isTrue();
    assertThat(subject(wished)).isEqualTo(text.replace("\r\n", "") + "und Ende");
  }

  @Test
  void noLineIsTooLongWhateverStandsInIt() {
    for (String letter : new String[] {"x", "é", "語", "😀"}) {
      var wished = wished("[secure] " + letter.repeat(301));
      assertThat(subject(wished)).isEqualTo(letter.repeat(301));
      assertThat(new String(wished.without().header(), UTF_8).lines())
          .allMatch(line -> line.length() <= 78 && line.chars().allMatch(c -> c < 128));
    }
  }

  @Test
  void aMailWithoutTheTagStaysAsItIs() {
    var wished = wished("İ secure");
    assertThat(wished.wished()).isFalse();
    assertThat(subject(wished)).isEqualTo("İ secure");
  }
}
