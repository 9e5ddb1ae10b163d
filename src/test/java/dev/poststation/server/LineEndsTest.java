package dev.poststation.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LineEndsTest {
  private record Result(String text, boolean changed) {}

  private static Result through(String in, Random cuts) throws IOException {
    var out = new ByteArrayOutputStream();
    var ends = new LineEnds(out::write);
    byte[] octets = in.getBytes(StandardCharsets.ISO_8859_1);
    for (int at = 0; at < octets.length; ) {
      int size = Math.min(cuts.nextInt(4), octets.length - at);
      ends.accept(octets, at, size);
      at += size;
    }
    ends.finish();
    return new Result(out.toString(StandardCharsets.ISO_8859_1), ends.changed());
  }

  /// Every string of CR, LF and a letter, cut in every way that chance finds.
  @Test
  void eachLineEndBecomesExactlyOneCrlf() throws IOException {
    var random = new Random(4);
    for (int round = 0; round < 20_000; round++) {
      var in = new StringBuilder();
      for (int i = random.nextInt(12); i > 0; i--) {
        in.append("\r\nx".charAt(random.nextInt(3)));
      }
      String expected = in.toString().replaceAll("\r\n|\r|\n", "\r\n");
      var result = through(in.toString(), random);
      assertThat(result.text()).as("%s", in).isEqualTo(expected);
      assertThat(result.changed()).isEqualTo(!expected.contentEquals(in));
    }
  }
}
