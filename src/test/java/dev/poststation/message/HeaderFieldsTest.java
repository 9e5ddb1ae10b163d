package dev.poststation.message;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class HeaderFieldsTest {
  private static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static List<String> names(String text) {
    return HeaderFields.of(octets(text), true).fields().stream()
        .map(HeaderFields.Field::name)
        .toList();
  }

  @Test
  void eachFieldHasItsPlaces() {
    String text = "A: 1\r\nFroM \t:\r\n  x\r\n\ty\r\nb:\n\r\nc: body\r\n";
    List<String> found = new ArrayList<>();
    for (var field : HeaderFields.of(octets(text), true).fields()) {
      found.add(
          field.name()
              + "|"
              + text.substring(field.start(), field.value())
              + "|"
              + text.substring(field.value(), field.end()));
    }
    assertThat(found).containsExactly("a|A:| 1\r\n", "from|FroM \t:|\r\n  x\r\n\ty\r\n", "b|b:|\n");
  }

  @Test
  void theHeaderEndsWhereIntakeSeesItEnd() {
    assertThat(names("\r\nfrom: x\r\n")).isEmpty();
    assertThat(names(" folded: x\r\nfrom: y\r\n")).isEmpty();
    assertThat(names("no field\r\nfrom: y\r\n")).isEmpty();
    assertThat(names("a: 1\r\nno field\r\nfrom: y\r\n")).containsExactly("a");
    assertThat(names("From a@b Mon Nov 30 10:00:00\r\nfrom: y\r\n")).containsExactly("from");
    assertThat(names("a: 1\r\nfrom: y")).containsExactly("a", "from");
    assertThat(names("J\u00c3: 1\r\n")).isEmpty();
  }

  @Test
  void aHeaderThatIsCutOffIsNotWhole() {
    String text = "a: 1\r\nb: 2\r\n\r\nbody";
    for (int length = 0; length < text.length(); length++) {
      boolean whole = HeaderFields.of(octets(text.substring(0, length)), false).whole();
      assertThat(whole).isEqualTo(length >= text.indexOf("\r\n\r\n") + 4);
    }
  }

  @Property(tries = 300)
  void editsOfPiecesAreTheEditOfTheWhole(
      @ForAll @IntRange(max = 40) int one,
      @ForAll @IntRange(max = 40) int two,
      @ForAll @IntRange(max = 40) int three,
      @ForAll @IntRange(min = 1, max = 41) int size) {
    int[] places = {one, two, three};
    Arrays.sort(places);
    String text = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnop";
    var edits =
        List.of(
            Edit.of(places[0], places[0], "<in>"),
            Edit.of(places[0], places[1], "<one>"),
            Edit.of(places[1], places[2], ""));
    var pieces = new StringBuilder();
    for (int at = 0; at < text.length(); at += size) {
      byte[] piece = octets(text.substring(at, Math.min(text.length(), at + size)));
      pieces.append(new String(Edit.apply(edits, piece, at), StandardCharsets.ISO_8859_1));
    }
    assertThat(pieces.toString())
        .isEqualTo(text.substring(0, places[0]) + "<in><one>" + text.substring(places[2]));
    assertThat(edits.stream().mapToInt(Edit::growth).sum())
        .isEqualTo(pieces.length() - text.length());
  }
}
