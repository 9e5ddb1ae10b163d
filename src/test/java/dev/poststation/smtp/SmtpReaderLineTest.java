package dev.poststation.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.sim.ScriptedConnection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SmtpReaderLineTest {
  private static final int LINE_MAX = 50;

  @Test
  void linesComeOneByOne() throws IOException {
    assertThat(lines("EHLO x\r\nMAIL FROM:<>\r\n\r\nQUIT\r\n", 1000))
        .containsExactly("EHLO x", "MAIL FROM:<>", "", "QUIT", "<end>");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 7, 8, 9, 1000})
  void packetsDoNotMatter(int size) throws IOException {
    assertThat(lines("EHLO x\r\nab\tc\r\n" + "y".repeat(40) + "\r\nQUIT\r\nhalf a li", size))
        .containsExactly("EHLO x", "ab\tc", "y".repeat(40), "QUIT", "<end>");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 1000})
  void aLineMayBeAsLongAsTheLimitWithItsCrlf(int size) throws IOException {
    String fits = "x".repeat(LINE_MAX - 2);
    assertThat(lines(fits + "\r\n" + fits + "x\r\n" + fits + "\r\nQUIT\r\n", size))
        .containsExactly(fits, "<too long>", fits, "QUIT", "<end>");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 49, 50, 51, 1000})
  void aLineThatIsTooLongIsSkippedToItsEnd(int size) throws IOException {
    assertThat(lines("x".repeat(5000) + "\r\nQUIT\r\n", size))
        .containsExactly("<too long>", "QUIT", "<end>");
  }

  /// RFC 4954 4.
  @Test
  void onlyALineOfAnAuthenticationMayBeLonger() throws IOException {
    String auth = "AUTH PLAIN " + "x".repeat(12_288);
    String octets = auth + "\r\nNOOP " + "x".repeat(100) + "\r\n" + auth + "xx".repeat(40) + "\r\n";
    var closed = new SmtpReader(ScriptedConnection.of(auth + "\r\n"), LINE_MAX);
    assertThat(closed.readLine()).isInstanceOf(Line.TooLong.class);
    for (int size : new int[] {3, 1000, 100_000}) {
      var packets = ScriptedConnection.inPackets(octets.getBytes(StandardCharsets.US_ASCII), size);
      var reader = new SmtpReader(packets, LINE_MAX);
      reader.authenticates(true);
      assertThat(reader.readLine()).hasToString(auth);
      assertThat(reader.readLine()).isInstanceOf(Line.TooLong.class);
      assertThat(reader.readLine()).isInstanceOf(Line.TooLong.class);
      assertThat(reader.readLine()).isInstanceOf(Line.End.class);
    }
    var answering = new SmtpReader(ScriptedConnection.of("x".repeat(12_288) + "\r\n"), LINE_MAX);
    assertThat(answering.readAnswer()).hasToString("x".repeat(12_288));
  }

  @Test
  void aLineWithoutEndIsTooLongAgainAndAgain() throws IOException {
    assertThat(lines("x".repeat(200_000) + "\r\nQUIT\r\n", 1000))
        .containsExactly("<too long>", "<too long>", "<too long>", "<too long>", "QUIT", "<end>");
    assertThat(lines("x".repeat(1000), 1000)).containsExactly("<end>");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"QUIT\n", "\n", "Q\rUIT\r\n", "QUIT\r\r\n", "\rQUIT\r\n", "Q\rUIT\n", "\r\r\n"})
  void aBareNewlineMakesNoLine(String octets) throws IOException {
    for (int size = 1; size < 10; size++) {
      assertThat(lines("NOOP\r\n" + octets + "RSET\r\n", size))
          .containsExactly("NOOP", "<bare newline>", "RSET", "<end>");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Q\rUIT\r\n", "QUIT\r\r\n", "\rQUIT\r\n", "Q\rUIT\n", "\r\r\n"})
  void whereLineFeedsAreToleratedACarriageReturnIsNot(String octets) throws IOException {
    for (int size = 1; size < 10; size++) {
      assertThat(lines("NOOP\n\nDATA\r\n" + octets + "RSET\n", size, true))
          .containsExactly("NOOP", "", "DATA", "<bare newline>", "RSET", "<end>");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "x\r", "x\rx"})
  void halfALineIsThrownAwayAtTheEnd(String octets) throws IOException {
    assertThat(lines(octets, 1000)).containsExactly("<end>");
  }

  @Test
  void aLineIsSeenWithoutCopying() throws IOException {
    var reader = new SmtpReader(ScriptedConnection.of("NOOP\r\nQUIT\r\n"), LINE_MAX);
    var first = (Line.Text) reader.readLine();
    byte[] buffer = first.buffer();
    var second = (Line.Text) reader.readLine();
    assertThat(second.buffer()).isSameAs(buffer);
    assertThat(second).isSameAs(first);
    assertThat(new String(buffer, second.offset(), second.length(), StandardCharsets.US_ASCII))
        .isEqualTo("QUIT");
  }

  @Test
  void whatWasReadAheadIsKnown() throws IOException {
    var connection = ScriptedConnection.of("STARTTLS\r\nMAIL FROM:<x@y>\r\n", "EHLO x\r\n");
    var reader = new SmtpReader(connection, LINE_MAX);
    assertThat(reader.buffered()).isFalse();
    assertThat(reader.waiting()).isTrue();
    reader.readLine();
    assertThat(reader.buffered()).isTrue();
    assertThat(reader.readLine()).hasToString("MAIL FROM:<x@y>");
    assertThat(reader.buffered()).isFalse();
    assertThat(reader.readLine()).hasToString("EHLO x");
    assertThat(reader.waiting()).isFalse();
  }

  @Test
  void aChunkIsTakenAsItIs() throws IOException {
    String chunk = "a\r\n.\r\nb\nc\r\u0000\u00ff\r\n..";
    for (int size = 1; size < 20; size++) {
      String octets = "BDAT 17\r\n" + chunk + "QUIT\r\n";
      var connection =
          ScriptedConnection.inPackets(octets.getBytes(StandardCharsets.ISO_8859_1), size);
      var reader = new SmtpReader(connection, LINE_MAX);
      assertThat(reader.readLine()).hasToString("BDAT 17");
      var content = new ByteArrayOutputStream();
      assertThat(reader.readChunk(chunk.length(), content::write)).isTrue();
      assertThat(content.toString(StandardCharsets.ISO_8859_1)).isEqualTo(chunk);
      assertThat(reader.readLine()).hasToString("QUIT");
    }
  }

  @Test
  void aRefusedChunkIsSwallowed() throws IOException {
    var reader =
        new SmtpReader(
            ScriptedConnection.inPackets(
                ("x".repeat(100_000) + "QUIT\r\n").getBytes(StandardCharsets.US_ASCII), 999),
            LINE_MAX);
    assertThat(reader.swallow(0)).isTrue();
    assertThat(reader.swallow(100_000)).isTrue();
    assertThat(reader.readLine()).hasToString("QUIT");
  }

  @Test
  void whoGoesAwayInAChunkIsNoticed() throws IOException {
    var reader = new SmtpReader(ScriptedConnection.of("abc"), LINE_MAX);
    assertThat(reader.readChunk(4, (octets, offset, length) -> {})).isFalse();
    assertThat(new SmtpReader(ScriptedConnection.of("abc"), LINE_MAX).swallow(Long.MAX_VALUE))
        .isFalse();
  }

  @Property
  void anySplitGivesTheSameLines(
      @ForAll("nearlyLines") String octets, @ForAll @IntRange(min = 1, max = 70) int size)
      throws IOException {
    assertThat(lines(octets, size)).isEqualTo(lines(octets, octets.length() + 1)).endsWith("<end>");
  }

  @Provide
  Arbitrary<String> nearlyLines() {
    return Arbitraries.of(
            "\r",
            "\n",
            "\r\n",
            "a",
            "\t",
            "\u0000",
            "\u00fc",
            "NOOP",
            "x".repeat(48),
            "y".repeat(24))
        .list()
        .ofMaxSize(20)
        .map(pieces -> String.join("", pieces));
  }

  private static List<String> lines(String octets, int size) throws IOException {
    return lines(octets, size, false);
  }

  private static List<String> lines(String octets, int size, boolean tolerant) throws IOException {
    var reader =
        new SmtpReader(
            ScriptedConnection.inPackets(octets.getBytes(StandardCharsets.ISO_8859_1), size),
            LINE_MAX);
    reader.tolerateLineFeeds(tolerant);
    var lines = new ArrayList<String>();
    while (true) {
      switch (reader.readLine()) {
        case Line.Text text ->
            lines.add(
                new String(
                    text.buffer(), text.offset(), text.length(), StandardCharsets.ISO_8859_1));
        case Line.TooLong _ -> lines.add("<too long>");
        case Line.BareNewline _ -> lines.add("<bare newline>");
        case Line.End _ -> {
          lines.add("<end>");
          return lines;
        }
      }
    }
  }
}
