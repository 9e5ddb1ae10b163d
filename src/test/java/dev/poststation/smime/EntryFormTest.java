package dev.poststation.smime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.seal.Form;
import dev.poststation.seal.Kept;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class EntryFormTest {
  @Test
  void aFileThatWasCutShortIsToldInOneSentence() {
    String cut = "poststation-smime 1\nnames = a@b.test\n\n-----BEGIN CERTIFICATE-----\nMIIB";
    var head = new Form.Head(List.of("a@b.test"), Kept.Origin.IMPORTED, Instant.EPOCH);
    assertThatThrownBy(() -> new EntryForm().parse(head, cut.getBytes(UTF_8)))
        .isInstanceOf(IOException.class)
        .hasMessage("its block CERTIFICATE has no END line");
  }
}
