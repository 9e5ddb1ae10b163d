package dev.poststation.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class HeaderPatternTest {
  private static HeaderPattern pattern(String name, String value) {
    return new HeaderPattern(name, value);
  }

  @Example
  void withoutAValueTheFieldIsEnough() {
    assertThat(pattern("list-id", "").matches("anything")).isTrue();
    assertThat(pattern("list-id", "").matches("")).isTrue();
  }

  @Example
  void withoutAStarAllOfTheTextCounts() {
    assertThat(pattern("precedence", "bulk").matches(" BULK ")).isTrue();
    assertThat(pattern("precedence", "bulk").matches("bulky")).isFalse();
  }

  @Example
  void aStarIsAnything() {
    assertThat(pattern("subject", "*[secret]*").matches("Re: [SECRET] plans")).isTrue();
    assertThat(pattern("subject", "*[secret]*").matches("secret")).isFalse();
    assertThat(pattern("content-type", "multipart/report;*").matches("multipart/report; x=y"))
        .isTrue();
    assertThat(pattern("x", "ab*ba").matches("aba")).isFalse();
    assertThat(pattern("x", "*").matches("")).isTrue();
  }

  @Provide
  Arbitrary<String> few() {
    return Arbitraries.strings().withChars("ab").ofMaxLength(8);
  }

  @Provide
  Arbitrary<String> patterns() {
    return Arbitraries.strings().withChars("ab*").ofMinLength(1).ofMaxLength(8);
  }

  @Property
  void itMeansWhatARegularExpressionWouldMean(
      @ForAll("patterns") String pattern, @ForAll("few") String text) {
    boolean expected = Pattern.matches(pattern.replace("*", ".*"), text);
    assertThat(pattern("x", pattern.toLowerCase(Locale.ROOT)).matches(text)).isEqualTo(expected);
  }
}
