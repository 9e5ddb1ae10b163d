package dev.poststation.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class PeerTextTest {
  @Test
  void printableTextStays() {
    assertThat(PeerText.of("Grüße, 世界 😀!")).isEqualTo("Grüße, 世界 😀!");
  }

  @Test
  void whatCouldHarmIsReplaced() {
    assertThat(PeerText.of("a\r\nb\u0000\u001b[0m\u007f\u0085\u2028\u202e\ufeff\ud800c\td"))
        .isEqualTo("a??b??[0m??????c d");
  }

  @Test
  void octetsThatAreNoUtf8AreReplaced() {
    byte[] octets = {'a', (byte) 0xff, (byte) 0xc3, (byte) 0xa4, (byte) 0xc3};
    assertThat(PeerText.of(octets, 0, octets.length)).isEqualTo("a?ä?");
  }

  @Property
  void nothingUnprintableRemains(@ForAll byte[] octets) {
    String text = PeerText.of(octets, 0, octets.length);
    assertThat(text.codePoints().filter(Character::isISOControl).count()).isZero();
    assertThat(PeerText.of(text)).isEqualTo(text);
  }
}
