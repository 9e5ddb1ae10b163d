package dev.poststation.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ContentScannerTest {
  @Test
  void contentWithoutOctetsMayBeFollowedByTheFinalDot() {
    assertThat(new ContentScanner((octets, offset, length) -> {}).traits())
        .isEqualTo(new ContentTraits(0, false, false, false, false, true));
  }

  @Test
  void aCrOrLfAloneIsSeenEvenAtTheEnd() throws IOException {
    assertThat(scan("a\r", 1).bareNewlines()).isTrue();
    assertThat(scan("a\n", 1).bareNewlines()).isTrue();
    assertThat(scan("a\r\n", 1).bareNewlines()).isFalse();
    assertThat(scan("a\r\r\n", 1).bareNewlines()).isTrue();
  }

  @Property(tries = 3000)
  void anySplitGivesTheTraitsAndHandsOnEverything(
      @ForAll("nearlyMails") String content, @ForAll @IntRange(min = 1, max = 100) int size)
      throws IOException {
    ContentTraits expected = DataReference.traits(content);
    assertThat(scan(content, size)).isEqualTo(expected);
    assertThat(scan(content, content.length() + 1)).isEqualTo(expected);
  }

  @Provide
  Arbitrary<String> nearlyMails() {
    return Arbitraries.of(
            "\r",
            "\n",
            "\r\n",
            ".",
            "\r\n.",
            "a",
            "\u00fc",
            "\u0000",
            "\t",
            "xxxxxxxx",
            "z".repeat(499),
            "w".repeat(499),
            "v".repeat(999))
        .list()
        .ofMaxSize(20)
        .map(pieces -> String.join("", pieces));
  }

  private static ContentTraits scan(String content, int size) throws IOException {
    byte[] octets = content.getBytes(StandardCharsets.ISO_8859_1);
    var passed = new ByteArrayOutputStream();
    var scanner = new ContentScanner(passed::write);
    for (int at = 0; at < octets.length; at += size) {
      scanner.accept(octets, at, Math.min(size, octets.length - at));
    }
    assertThat(passed.toByteArray()).isEqualTo(octets);
    return scanner.traits();
  }
}
