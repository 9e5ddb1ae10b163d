package dev.poststation.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DataWriterTest {
  private static String write(String content, boolean verbatim, int piece, int buffer)
      throws IOException {
    var wire = new ByteArrayOutputStream();
    var out = new WireBuffer(wire::write, buffer);
    var writer = new DataWriter(out, verbatim);
    byte[] octets = content.getBytes(StandardCharsets.ISO_8859_1);
    for (int i = 0; i < octets.length; i += piece) {
      writer.write(octets, i, Math.min(piece, octets.length - i));
    }
    writer.finish();
    out.flush();
    return wire.toString(StandardCharsets.ISO_8859_1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a\\r\\nb\\r\\n | a\\r\\nb\\r\\n.\\r\\n",
        "a | a\\r\\n.\\r\\n",
        "'' | .\\r\\n",
        ".a\\r\\n | ..a\\r\\n.\\r\\n",
        "a\\r\\n.\\r\\nb | a\\r\\n..\\r\\nb\\r\\n.\\r\\n",
        "a\\n.\\nb | a\\r\\n..\\r\\nb\\r\\n.\\r\\n",
        "a\\n.\\r\\nb | a\\r\\n..\\r\\nb\\r\\n.\\r\\n",
        "a\\r.\\rb | a\\r\\n..\\r\\nb\\r\\n.\\r\\n",
        "a\\r\\n.\\nb | a\\r\\n..\\r\\nb\\r\\n.\\r\\n",
        "a\\r\\r\\n.\\r\\n | a\\r\\n\\r\\n..\\r\\n.\\r\\n",
        "a\\r\\n\\r | a\\r\\n\\r\\n.\\r\\n",
        "\\r | \\r\\n.\\r\\n",
        ".. | ...\\r\\n.\\r\\n",
        "a\\r\\n\\0.\\r\\nb | a\\r\\n\\0..\\r\\nb\\r\\n.\\r\\n",
        "\\0\\0. | \\0\\0..\\r\\n.\\r\\n",
        "a\\r\\n\\0 | a\\r\\n\\0\\r\\n.\\r\\n",
        "a\\0. | a\\0.\\r\\n.\\r\\n",
        ".\\0 | ..\\0\\r\\n.\\r\\n",
      })
  void contentBecomesData(String content, String expected) throws IOException {
    for (int piece = 1; piece < 5; piece++) {
      assertThat(write(unescape(content), false, piece, 64)).isEqualTo(unescape(expected));
    }
  }

  private static String unescape(String text) {
    return text.replace("\\r", "\r").replace("\\n", "\n").replace("\\0", "\0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "a\r\n", "a\r\nb", "a\r\n\r\n"})
  void verbatimContentGetsItsLineEndAndTheDot(String content) throws IOException {
    for (int piece = 1; piece < 4; piece++) {
      assertThat(write(content, true, piece, 64)).isEqualTo(write(content, false, piece, 64));
    }
  }

  @Test
  void aSmallContentIsOneWrite() throws IOException {
    int[] writes = {0};
    var out = new WireBuffer((_, _, _) -> writes[0]++, 1000);
    var writer = new DataWriter(out, true);
    writer.write("hello\r\n".getBytes(StandardCharsets.US_ASCII), 0, 7);
    writer.write(new byte[500], 0, 500);
    writer.finish();
    out.flush();
    assertThat(writes[0]).isEqualTo(1);
  }

  @Provide
  Arbitrary<String> smugglers() {
    return Arbitraries.strings().withChars('\r', '\n', '.', 'a', '\0').ofMaxLength(40);
  }

  /// What is written must mean the same to a server that is strict, to one that takes any line end
  /// for one, and to one that throws NUL away.
  @Property(tries = 3000)
  void nothingButTheFinalDotEndsData(
      @ForAll("smugglers") String content,
      @ForAll @IntRange(min = 1, max = 9) int piece,
      @ForAll @IntRange(min = 1, max = 50) int buffer)
      throws IOException {
    String wire = write(content, false, piece, buffer);
    assertThat(wire).endsWith(".\r\n");
    assertThat(endOfData(wire, false)).isEqualTo(wire.length());
    assertThat(endOfData(wire, true)).isEqualTo(wire.length());
    String withoutNul = wire.replace("\0", "");
    assertThat(endOfData(withoutNul, true)).isEqualTo(withoutNul.length());
    assertThat(wire.replace("\r\n", "")).doesNotContain("\r", "\n");
    assertThat(unstuff(wire)).isEqualTo(canonical(content));
  }

  private static int endOfData(String wire, boolean lenient) {
    int lineStart = 0;
    for (int i = 0; i < wire.length(); i++) {
      char c = wire.charAt(i);
      boolean end =
          lenient
              ? c == '\n' || (c == '\r' && !wire.startsWith("\n", i + 1))
              : c == '\n' && i > 0 && wire.charAt(i - 1) == '\r';
      if (end) {
        String line = wire.substring(lineStart, i).replace("\r", "");
        if (line.equals(".")) {
          return i + 1;
        }
        lineStart = i + 1;
      }
    }
    return -1;
  }

  private static String unstuff(String wire) {
    var content = new StringBuilder();
    for (String line : wire.substring(0, wire.length() - 3).split("(?<=\r\n)", -1)) {
      content.append(line.startsWith(".") ? line.substring(1) : line);
    }
    return content.toString();
  }

  private static String canonical(String content) {
    String lines = content.replace("\r\n", "\n").replace('\r', '\n').replace("\n", "\r\n");
    String whole = lines.isEmpty() || lines.endsWith("\r\n") ? lines : lines + "\r\n";
    var doubled = new StringBuilder(); // A dot too many is a blemish, a second mail a disaster.
    for (String line : whole.split("(?<=\r\n)", -1)) {
      doubled.append(line.replaceFirst("^(\0+)\\.", "$1.."));
    }
    return doubled.toString();
  }

  @Property
  void theBufferKeepsOrder(@ForAll @IntRange(min = 1, max = 70) int max, @ForAll byte[][] pieces)
      throws IOException {
    var wire = new ByteArrayOutputStream();
    var expected = new ByteArrayOutputStream();
    var out = new WireBuffer(wire::write, max);
    for (byte[] piece : pieces) {
      out.put(piece, 0, piece.length);
      out.put((byte) 7);
      expected.writeBytes(piece);
      expected.write(7);
    }
    out.flush();
    assertThat(Arrays.equals(wire.toByteArray(), expected.toByteArray())).isTrue();
  }
}
