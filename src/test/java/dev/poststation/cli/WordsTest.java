package dev.poststation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordsTest {
  @ParameterizedTest
  @CsvSource({"0, 0 s", "59, 59 s", "61, 1 m 1 s", "3700, 1 h 1 m", "90000, 1 d 1 h", "-5, 0 s"})
  void spansHaveTwoUnitsAtMost(long seconds, String text) {
    assertThat(Words.span(Instant.EPOCH, Instant.ofEpochSecond(seconds))).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"0, 0 B", "999, 999 B", "1000, 1.0 kB", "3449, 3.4 kB", "50000000, 50.0 MB"})
  void sizesAreRounded(long octets, String text) {
    assertThat(Words.size(octets)).isEqualTo(text);
  }

  @Test
  void nothingThatStrangersWroteSteersTheTerminal() {
    var out = new StringWriter();
    var table = new Table("A", "B");
    table.row("\u001b[2J", "x\u202ey\r\nz");
    table.print(new PrintWriter(out));

    assertThat(out.toString()).isEqualTo("A     B\n?[2J  x?y??z\n");
  }

  @ParameterizedTest
  @CsvSource({
    "as it is, as it is",
    "ten octets, ten octets",
    "one that is longer, one...",
    "unbreakable_all, unbreak...",
    "'a, bcdefghijk', 'a, bcde...'"
  })
  void whatIsTooLongIsCutAtAWord(String text, String cut) {
    assertThat(Words.cut(text, 10)).isEqualTo(cut);
  }

  @Test
  void noCharacterIsCutInTwo() {
    assertThat(Words.cut("\ud83d\ude00".repeat(9), 10)).isEqualTo("\ud83d\ude00".repeat(3) + "...");
  }

  @Test
  void numbersAgreeWithTheirWords() {
    assertThat(Words.count(1, "mail")).isEqualTo("1 mail");
    assertThat(Words.count(0, "mail")).isEqualTo("0 mails");
  }
}
