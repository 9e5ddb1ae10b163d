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
}
