package dev.poststation.smime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

final class ShelfTest {
  @Test
  void aFileThatWasCutShortIsToldInOneSentence() {
    String cut = "poststation-smime 1\nnames = a@b.test\n\n-----BEGIN CERTIFICATE-----\nMIIB";
    assertThatThrownBy(() -> Shelf.parse(cut.getBytes(UTF_8), false))
        .isInstanceOf(IOException.class)
        .hasMessage("its block CERTIFICATE has no END line");
  }
}
