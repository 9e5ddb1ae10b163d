package dev.poststation.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

final class OutlineTest {
  private static int merged(String text) {
    return Outline.of(text).merged().size();
  }

  @Test
  void objectsSideBySideAreFound() {
    assertThat(merged("a = [ {x=1} {y=2} ]")).isEqualTo(1);
    assertThat(merged("a = [ {x=1}{y=2}\t{z=3} ]")).isEqualTo(2);
    assertThat(merged("a { b = [\n {x=1}\n {x=[{a=1} {b=2}]}\n ] }")).isEqualTo(1);
    assertThat(merged("a = [ \"x\" \"y\" ]")).isEqualTo(1);
  }

  @Test
  void objectsWithCommaOrNewlineBetweenAreFine() {
    assertThat(merged("a = [ {x=1}, {y=2},{z=3}\n{u=4} # {v=5} {w=6}\n {q=7} ]")).isZero();
    assertThat(merged("a = [ \"{x=1} {y=2}\", \"\"\" {x} \n {y} {z} \"\"\", 30 days ]")).isZero();
    assertThat(merged("a { b {x=1}\n c {y=2} }, d = ${e} {z=1}")).isZero();
  }

  @Test
  void theLibraryDoesMergeWhatIsFound() {
    String text = "a = [ {x=1} {y=2} ]";
    assertThat(ConfigFactory.parseString(text).getList("a").size()).isEqualTo(1);
  }

  @Test
  void quotesAndCommentsHideEverything() {
    var outline =
        Outline.of(
            "a = \"${X} \\\" ${Y}\" # ${Z}\nb = ${?B} // include \"x\"\n\"include\" = 1\nc = ${C}");
    assertThat(outline.references())
        .containsExactly(new Outline.Reference(2, "B", true), new Outline.Reference(4, "C", false));
    assertThat(outline.includes()).isEmpty();
  }

  @Test
  void includesAreFoundWithTheirLines() {
    assertThat(
            Outline.of("include \"a\"\nx { include required(file(\"b\")) }\ny = include\n")
                .includes())
        .containsExactly(new Outline.Mark(1, "a"), new Outline.Mark(2, "b"));
  }

  @Test
  void valuesThatAreWrittenTwiceAreFound() {
    assertThat(Outline.of("a { b = 1 }\na.b = 2\na { c = 1 }").again())
        .containsExactly(new Outline.Again(2, "a.b", 1, false));
    assertThat(Outline.of("a = 1\na = ${?A}\nb += 1\nb += 2\nc = [ {d=1}, {d=1} ]").again())
        .isEmpty();
  }

  @Test
  void whatIsNeverClosedIsFound() {
    assertThat(Outline.of("a {\n b = [1, 2\n c = 3\n}").unclosed()).isPresent();
    assertThat(Outline.of("a {\n b = [\n").unclosed()).contains(new Outline.Mark(2, "["));
    assertThat(Outline.of("a { b = [1] }\n").unclosed()).isEmpty();
  }

  @Property
  void anyTextHasAnOutline(
      @ForAll
          @StringLength(max = 60)
          @CharRange(from = 'a', to = 'c')
          @Chars({
            '{', '}', '[', ']', '"', '\\', '$', '?', '#', '/', '\n', ' ', '=', ':', '+', ',', '.'
          })
          String text) {
    Outline outline = Outline.of(text);
    assertThat(outline.merged().size() + outline.again().size()).isLessThanOrEqualTo(text.length());
  }
}
