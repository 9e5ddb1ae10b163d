package dev.poststation.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.NumericChars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class XtextTest {
  @ParameterizedTest
  @CsvSource({
    "user@example.com, user@example.com",
    "a+b=c@example.com, a+2Bb+3Dc@example.com",
    "QQ 314159, QQ+20314159",
    "ü, +C3+BC",
  })
  void textIsEncoded(String text, String xtext) {
    assertThat(Xtext.encode(text)).isEqualTo(xtext);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "+", "+4", "+zz", "+2b", "a+", "a=b", "a b", "ü", "+0D+0A", "+00", "+7F", "+C3+BC", "a\tb",
        "+4g"
      })
  void whatIsNoXtextOrHidesMoreThanPrintableAsciiIsRefused(String text) {
    assertThat(Xtext.decode(text)).isEmpty();
    assertThat(Xtext.isXtext(text)).isFalse();
  }

  @Property
  void printableTextSurvivesXtext(@ForAll @CharRange(from = ' ', to = '~') String text) {
    assertThat(Xtext.decode(Xtext.encode(text))).contains(text);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "jürgen@münchen.de, j\\x{FC}rgen@m\\x{FC}nchen.de",
        "用@b, \\x{7528}@b",
        "😀@b, \\x{1F600}@b",
        "a+b=c\\d@e, a\\x{2B}b\\x{3D}c\\x{5C}d@e",
        "\"a b\"@c, \"a\\x{20}b\"@c",
      })
  void anInternationalAddressBecomesAscii(String address, String encoded) {
    assertThat(Xtext.encodeUtf8Address(address)).isEqualTo(encoded);
    assertThat(Xtext.decodeUtf8Address(encoded)).contains(address);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"jürgen@m\\x{FC}nchen.de", "jürgen@münchen.de", "j\\x{fc}rgen@münchen.de"})
  void unitextMayHaveItsCharactersAsTheyAre(String unitext) {
    assertThat(Xtext.decodeUtf8Address(unitext)).contains("jürgen@münchen.de");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a+b",
        "a=b",
        "a b",
        "\\",
        "\\x",
        "\\x{",
        "\\x{}",
        "\\x{FC",
        "\\x{F}",
        "\\x{41}",
        "\\x{0FC}",
        "\\x{000FC}",
        "\\x{D800}",
        "\\x{110000}",
        "\\x{1000000}",
        "\\x{GG}",
        "\\x{-1}",
        "\\x{\u0661\u0661\u0661}",
        "\\x{0A}",
        "\\x{0D}",
        "\\x{09}",
        "\\x{00}",
        "\\x{7F}",
        "\\x{85}",
        "\\x{2028}",
        "\\u{FC}",
        "\ud800",
      })
  void whatIsNoInternationalAddressIsRefused(String text) {
    assertThat(Xtext.decodeUtf8Address(text)).isEmpty();
  }

  @Property
  void noTextMakesItThrow(@ForAll String text, @ForAll @Hexish String hexish) {
    for (String each : new String[] {text, hexish, "\\x{" + hexish, "\\x{" + hexish + "}"}) {
      assertThatCode(() -> Xtext.decode(each)).doesNotThrowAnyException();
      assertThatCode(() -> Xtext.decodeUtf8Address(each)).doesNotThrowAnyException();
      assertThatCode(() -> Xtext.encode(each)).doesNotThrowAnyException();
      assertThatCode(() -> Xtext.encodeUtf8Address(each)).doesNotThrowAnyException();
    }
  }

  @Property
  void whatIsDecodedIsPrintable(@ForAll @Hexish String hexish) {
    Xtext.decode(hexish).ifPresent(text -> assertThat(text).matches("[ -~]*"));
    Xtext.decodeUtf8Address("\\x{" + hexish + "}")
        .ifPresent(text -> assertThat(AddressParser.isPrintable(text)).isTrue());
  }

  @Retention(RetentionPolicy.RUNTIME)
  @StringLength(max = 8)
  @NumericChars
  @AlphaChars
  @Chars({'+', '\\', '{', '}', '='})
  private @interface Hexish {}
}
