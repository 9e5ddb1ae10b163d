package dev.poststation.content;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.Octets;
import org.junit.jupiter.api.Test;

class FieldEditsTest {
  private static final Message MAIL =
      new Message(
          "A: 1\r\nB: 1\r\nb: 2\r\n more\r\nC: 1\r\nB: 3\r\n".getBytes(US_ASCII),
          "\r\n".getBytes(US_ASCII),
          Octets.of("body\r\n".getBytes(US_ASCII)));

  private final FieldEdits edits = new FieldEdits(MAIL);

  private String header() {
    return new String(edits.apply().header(), UTF_8);
  }

  @Test
  void oneOfSeveralIsRemovedByItsNumber() {
    edits.remove("B", 2);
    assertThat(header()).isEqualTo("A: 1\r\nB: 1\r\nC: 1\r\nB: 3\r\n");
  }

  @Test
  void numbersBelowZeroCountFromTheEnd() {
    edits.remove("b", -1);
    assertThat(header()).isEqualTo("A: 1\r\nB: 1\r\nb: 2\r\n more\r\nC: 1\r\n");
  }

  @Test
  void zeroIsAllAndANumberThatThereIsNotIsNone() {
    edits.remove("c", 2);
    edits.remove("c", -2);
    assertThat(edits.isEmpty()).isTrue();
    assertThat(edits.apply()).isSameAs(MAIL);
    edits.remove("b", 0);
    assertThat(header()).isEqualTo("A: 1\r\nC: 1\r\n");
  }

  @Test
  void fieldsComeToTheirPlaces() {
    edits.add("X", "front", 0);
    edits.add("Y", "second", 1);
    edits.add("Z", "last", -1);
    edits.add("W", "far", 99);
    assertThat(header())
        .startsWith("X: front\r\nA: 1\r\nY: second\r\nB: 1\r\n")
        .endsWith("B: 3\r\nZ: last\r\nW: far\r\n");
  }

  @Test
  void aFieldTakesThePlaceOfAllOthersOfItsName() {
    edits.replace("b", "new");
    edits.replace("New", "1");
    assertThat(header()).isEqualTo("New: 1\r\nA: 1\r\nb: new\r\nC: 1\r\n");
  }

  @Test
  void noTextEndsTheHeaderOrBeginsAnotherField() {
    edits.add("X", "a\r\n\r\nBcc: x\n\n body\rmore\0", 0);
    assertThat(header()).startsWith("X: a\r\n\tBcc: x\r\n body\r\n\tmore\r\nA: 1\r\n");
  }

  @Test
  void aLongTextIsFoldedAtItsSpaces() {
    edits.add("X", "word ".repeat(40).strip(), 0);
    assertThat(header().lines()).allMatch(line -> line.length() <= 76);
    assertThat(header().replace("\r\n ", " ")).startsWith("X: " + "word ".repeat(40).strip());
    edits.add("Y", "x".repeat(5000), 0);
    assertThat(header().lines()).allMatch(line -> line.length() <= 998);
  }

  @Test
  void namesAreThoseOfFields() {
    assertThat(FieldEdits.isName("X-Spam")).isTrue();
    assertThat(FieldEdits.isName("X Spam")).isFalse();
    assertThat(FieldEdits.isName("X:")).isFalse();
    assertThat(FieldEdits.isName("")).isFalse();
    assertThat(FieldEdits.isName("ü")).isFalse();
  }

  @Test
  void nothingIsCutOffThatCanBeFolded() {
    String subject = "=?utf-8?q?Angebot?= ".repeat(80).strip();
    edits.add("Subject", subject, 0);
    edits.add("X-Spam-Status", "Yes, tests=" + "SOME_TEST, ".repeat(120) + "version=4", 0);
    assertThat(header().lines()).allMatch(line -> line.length() <= 76);
    assertThat(header().replace("\r\n ", " "))
        .contains("Subject: " + subject + "\r\n")
        .contains("SOME_TEST, version=4\r\n");
  }

  @Test
  void aLongLineAmongSeveralIsFoldedToo() {
    edits.add("X", "first\n" + "word ".repeat(300) + "end\nlast", 0);
    assertThat(header().lines()).allMatch(line -> line.length() <= 998 && !line.isBlank());
    assertThat(header()).containsPattern("word\\s+end\r\n\tlast\r\n");
    edits.add("Y", "first\n  Bcc: " + "word ".repeat(300) + "end", 0);
    assertThat(header()).contains("Y: first\r\n\tBcc: word");
  }

  @Test
  void noLineIsWhiteSpaceAlone() {
    edits.add("X", "a" + " ".repeat(2000) + "b", 0);
    assertThat(header().lines()).allMatch(line -> line.length() <= 78 && !line.isBlank());
  }

  /// A mail by BDAT may end so.
  @Test
  void aFieldIsAddedBehindALineWithoutItsEnd() {
    var cut =
        new Message("A: 1\r\nSubject: x".getBytes(US_ASCII), new byte[0], Octets.of(new byte[0]));
    var behind = new FieldEdits(cut);
    behind.add("X", "y", -1);
    assertThat(new String(behind.apply().header(), UTF_8))
        .isEqualTo("A: 1\r\nSubject: x\r\nX: y\r\n");
    var front = new FieldEdits(cut);
    front.add("X", "y", 0);
    assertThat(new String(front.apply().header(), UTF_8)).isEqualTo("X: y\r\nA: 1\r\nSubject: x");
    var without = new FieldEdits(cut);
    without.remove("subject");
    without.add("X", "y", -1);
    assertThat(new String(without.apply().header(), UTF_8)).isEqualTo("A: 1\r\nX: y\r\n");
  }

  @Test
  void anEntityIsPutAroundAHeaderWithoutItsEnd() {
    var cut = new Message("Subject: x".getBytes(US_ASCII), new byte[0], Octets.of(new byte[0]));
    var around = Enclosure.around(cut, "Content-Type: text/html\r\n", Octets.of(new byte[0]));
    assertThat(new String(around.header(), UTF_8))
        .isEqualTo("Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\n");
    var type = new Message("Content-Type: text/html".getBytes(US_ASCII), new byte[0], cut.body());
    assertThat(new String(Enclosure.entityHeader(type), UTF_8))
        .isEqualTo("Content-Type: text/html\r\n\r\n");
  }
}
