package dev.poststation.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SmtpReaderDataTest {
  private static final String NEXT = "QUIT\r\n";

  /// What is not the end of data, though some server somewhere takes or took it for that.
  static List<String> smugglers() {
    List<String> ends = List.of("\n", "\r", "\r\n", "\n\r", "\r\r\n", "\u0000\r\n", "\r\u0000\n");
    var sequences = new ArrayList<String>();
    for (String before : ends) {
      for (String after : ends) {
        for (String middle : List.of(".", "\u0000.", ".\u0000", ". ", " .")) {
          String sequence = before + middle + after;
          if (!sequence.contains("\r\n.\r\n")) {
            sequences.add(sequence);
          }
        }
      }
    }
    return sequences;
  }

  @ParameterizedTest
  @MethodSource("smugglers")
  void nothingButCrlfDotCrlfEndsTheData(String sequence) throws IOException {
    String smuggled = "MAIL FROM:<evil@example.com>\r\n";
    for (String before : List.of("", "Subject: x\r\n\r\nbody", "a\r\n", "a\r", "a\n", "a\r\n..b")) {
      String octets = before + sequence + smuggled + "\r\n.\r\n" + NEXT;
      if (DataReference.of(octets).end() < octets.length() - NEXT.length()) {
        continue; // Here the two together are a true end.
      }
      for (DataMode mode : DataMode.values()) {
        DataResult expected = expected(octets, mode);
        for (ScriptedConnection connection : allSplits(octets)) {
          Reading reading = read(mode, connection);
          assertThat(reading.rest()).isEqualTo(NEXT);
          assertThat(reading.result()).isEqualTo(expected);
          if (mode == DataMode.NORMALISE) {
            assertThat(DataReference.hasBareNewline(reading.content())).isFalse();
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\n.\n",
        "\n.\r\n",
        "\r.\r",
        "\r\n.\n",
        "\r\n.\r",
        "\r.\r\n",
        "\r\r\n.\r",
        "\n\r\n.\n",
        "\n.\r\n.\n"
      })
  void aMailThatTriesIsRefusedAndTheSinkSeesNothingBehindTheAttempt(String sequence)
      throws IOException {
    Reading reading = read(DataMode.REFUSE, whole("a" + sequence + "MAIL\r\nx\n\r\n.\r\n" + NEXT));
    assertThat(reading.result()).isEqualTo(new DataResult.BareNewline());
    assertThat("a" + sequence).startsWith(reading.content());
    assertThat(reading.content()).doesNotContain("MAIL");
    assertThat(reading.rest()).isEqualTo(NEXT);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        // What the client sent before CRLF.CRLF, what the content is.
        "'a', 'a'",
        "'a~b', 'a~b'",
        "'..a', '.a'",
        "'.a', 'a'",
        "'...', '..'",
        "'a~..', 'a~.'",
        "'a~..~b', 'a~.~b'",
        "'a.~.b~c', 'a.~b~c'",
        "'~', '~'",
        "'', ''",
        "'a~~~', 'a~~~'",
      })
  void stuffingIsRemoved(String sent, String content) throws IOException {
    String octets = crlf(sent) + "\r\n.\r\n";
    for (int size = 1; size <= octets.length(); size++) {
      Reading reading = read(DataMode.REFUSE, inPackets(octets + NEXT, size));
      assertThat(reading.content()).isEqualTo(crlf(content) + "\r\n");
      assertThat(reading.rest()).isEqualTo(NEXT);
    }
  }

  private static String crlf(String text) {
    return text.replace("'", "").replace("~", "\r\n");
  }

  @ParameterizedTest
  @EnumSource(DataMode.class)
  void aDotAtOnceIsAnEmptyMail(DataMode mode) throws IOException {
    for (int size = 1; size < 9; size++) {
      Reading reading = read(mode, inPackets(".\r\n" + NEXT, size));
      assertThat(reading.result())
          .isEqualTo(
              new DataResult.Complete(
                  new ContentTraits(0, false, false, false, false, true), false));
      assertThat(reading.content()).isEmpty();
      assertThat(reading.rest()).isEqualTo(NEXT);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'a\\nb', 'a\\r\\nb'",
    "'a\\rb', 'a\\r\\nb'",
    "'a\\n\\nb', 'a\\r\\n\\r\\nb'",
    "'a\\n\\rb', 'a\\r\\n\\r\\nb'",
    "'a\\r\\r\\nb', 'a\\r\\n\\r\\nb'",
    "'a\\n', 'a\\r\\n'",
    // Only CRLF begins a line on the wire: these dots are content.
    "'a\\n.b', 'a\\r\\n.b'",
    "'a\\n..b', 'a\\r\\n..b'",
    "'a\\r.b', 'a\\r\\n.b'",
    "'a\\n.\\nb', 'a\\r\\n.\\r\\nb'",
    "'a\\n.\\r\\nb', 'a\\r\\n.\\r\\nb'",
    // And these are stuffing, whatever follows.
    "'a\\r\\n.\\nb', 'a\\r\\n\\r\\nb'",
    "'a\\r\\n..\\nb', 'a\\r\\n.\\r\\nb'",
    "'.\\nb', '\\r\\nb'",
  })
  void bareNewlinesBecomeCrlfWithoutTouchingDots(String sent, String content) throws IOException {
    String octets = escaped(sent) + "\r\n.\r\n" + NEXT;
    for (int size = 1; size < octets.length(); size++) {
      Reading reading = read(DataMode.NORMALISE, inPackets(octets, size));
      assertThat(reading.content()).isEqualTo(escaped(content) + "\r\n");
      assertThat(reading.result())
          .isEqualTo(new DataResult.Complete(DataReference.traits(reading.content()), true));
      assertThat(reading.rest()).isEqualTo(NEXT);
    }
  }

  private static String escaped(String text) {
    return text.replace("\\r", "\r").replace("\\n", "\n");
  }

  @Test
  void octetsBehindTheEndDoNotMakeTheMailEightBit() throws IOException {
    assertThat(traits("aaaaaaa\r\n.\r\nüüüüüüüüü\r\n").eightBit()).isFalse();
    assertThat(traits("aaaaaaaü\r\n.\r\n").eightBit()).isTrue();
    assertThat(traits("ü\r\n.\r\n").eightBit()).isTrue();
    assertThat(traits("a".repeat(20) + "ü" + "a".repeat(20) + "\r\n.\r\n").eightBit()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"998, false", "999, true", "100000, true"})
  void aLineIsLongBeyond998OctetsWithoutCrlf(int length, boolean isLong) throws IOException {
    for (int size : new int[] {1, 7, 1000, 1 << 20}) {
      String octets = "a\r\n" + "x".repeat(length) + "\r\nb\r\n.\r\n";
      assertThat(traits(octets, size).longLines()).isEqualTo(isLong);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", ".\r", "a", "a\r", "a\r\n", "a\r\n.", "a\r\n.\r", "a\n.\n"})
  void whoGoesAwayBeforeTheEndSentNoMail(String octets) throws IOException {
    for (DataMode mode : DataMode.values()) {
      assertThat(read(mode, whole(octets)).result()).isEqualTo(new DataResult.End());
    }
  }

  @Test
  void largeRunsReachTheSinkInOnePiece() throws IOException {
    String mail = ("x".repeat(70) + "\r\n").repeat(150);
    var reader = new SmtpReader(whole(mail + ".\r\n"), 2048);
    var pieces = new ArrayList<Integer>();
    reader.readData(DataMode.REFUSE, (octets, offset, length) -> pieces.add(length));
    assertThat(pieces).containsExactly(mail.length());
  }

  @Test
  void theHookIsCalledBeforeEachRead() throws IOException {
    var reader = new SmtpReader(ScriptedConnection.of("DATA\r\na", "b\r\n", ".\r\n"), 2048);
    var calls = new int[1];
    reader.beforeRead(() -> calls[0]++);
    reader.readLine();
    assertThat(calls[0]).isEqualTo(1);
    reader.readData(DataMode.REFUSE, (octets, offset, length) -> {});
    assertThat(calls[0]).isEqualTo(3);
  }

  @Test
  void whatTheHookThrowsReachesTheCaller() {
    var reader = new SmtpReader(ScriptedConnection.of("a"), 2048);
    reader.beforeRead(
        () -> {
          throw new IOException("the reply could not be sent");
        });
    assertThatThrownBy(() -> reader.readData(DataMode.REFUSE, (octets, offset, length) -> {}))
        .isInstanceOf(IOException.class)
        .hasMessage("the reply could not be sent");
  }

  @Property(tries = 2000)
  void anySplitGivesWhatTheRfcSays(
      @ForAll("nearlyMails") String octets,
      @ForAll DataMode mode,
      @ForAll @Size(max = 20) List<@IntRange(min = 1, max = 30) Integer> sizes)
      throws IOException {
    Reading reading = read(mode, inPackets(octets + "\r\n.\r\n" + NEXT, sizes));
    DataReference reference = DataReference.of(octets + "\r\n.\r\n" + NEXT);
    assertThat(reading.result()).isEqualTo(expected(octets + "\r\n.\r\n" + NEXT, mode));
    assertThat(reading.rest()).isEqualTo((octets + "\r\n.\r\n" + NEXT).substring(reference.end()));
    if (mode == DataMode.NORMALISE) {
      assertThat(reading.content()).isEqualTo(DataReference.normalised(reference.content()));
    } else {
      assertThat(reference.content()).startsWith(reading.content());
      if (reading.result() instanceof DataResult.Complete) {
        assertThat(reading.content()).isEqualTo(reference.content());
      }
    }
  }

  @Provide
  Arbitrary<String> nearlyMails() {
    Arbitrary<String> piece =
        Arbitraries.of(
            "\r",
            "\n",
            "\r\n",
            ".",
            "\r\n.",
            "\r\n..",
            "a",
            "\u00fc",
            "\u0000",
            "\t",
            "xxxxxxxx",
            "yyyyyyyyyyyyy\r\n",
            "z".repeat(499),
            "w".repeat(999));
    return piece.list().ofMaxSize(30).map(pieces -> String.join("", pieces));
  }

  private static DataResult expected(String octets, DataMode mode) {
    String content = DataReference.of(octets).content();
    boolean bare = DataReference.hasBareNewline(content);
    if (bare && mode == DataMode.REFUSE) {
      return new DataResult.BareNewline();
    }
    String result = DataReference.normalised(content);
    return new DataResult.Complete(DataReference.traits(result), bare);
  }

  /// In packets of 1, 2, 3 octets, and in two packets with the border at each place.
  private static List<ScriptedConnection> allSplits(String octets) {
    var connections = new ArrayList<ScriptedConnection>();
    for (int i = 1; i < octets.length(); i++) {
      connections.add(ScriptedConnection.of(octets.substring(0, i), octets.substring(i)));
    }
    for (int size = 1; size <= 3; size++) {
      connections.add(inPackets(octets, size));
    }
    return connections;
  }

  private record Reading(DataResult result, String content, String rest) {}

  private static Reading read(DataMode mode, ScriptedConnection connection) throws IOException {
    var reader = new SmtpReader(connection, 2048);
    var content = new ByteArrayOutputStream();
    DataResult result = reader.readData(mode, content::write);
    var rest = new ByteArrayOutputStream();
    while (reader.waiting()) {
      reader.readChunk(1, rest::write);
    }
    return new Reading(
        result,
        content.toString(StandardCharsets.ISO_8859_1),
        rest.toString(StandardCharsets.ISO_8859_1));
  }

  private static ContentTraits traits(String octets) throws IOException {
    return traits(octets, octets.length());
  }

  private static ContentTraits traits(String octets, int size) throws IOException {
    Reading reading = read(DataMode.REFUSE, inPackets(octets, size));
    return ((DataResult.Complete) reading.result()).traits();
  }

  private static ScriptedConnection whole(String octets) {
    return ScriptedConnection.of(octets);
  }

  private static ScriptedConnection inPackets(String octets, int size) {
    return ScriptedConnection.inPackets(octets.getBytes(StandardCharsets.ISO_8859_1), size);
  }

  private static ScriptedConnection inPackets(String octets, List<Integer> sizes) {
    var packets = new ArrayList<String>();
    int at = 0;
    for (int size : sizes) {
      int end = Math.min(octets.length(), at + size);
      packets.add(octets.substring(at, end));
      at = end;
    }
    packets.add(octets.substring(at));
    return ScriptedConnection.of(packets.toArray(String[]::new));
  }
}
