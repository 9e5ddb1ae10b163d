package dev.poststation.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.IDN;
import java.util.Locale;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DomainNameTest {
  @ParameterizedTest
  @CsvSource({
    "example.com, example.com",
    "Example.COM., example.com",
    "a, a",
    "_spf.example.com, _spf.example.com",
    "bücher.example, xn--bcher-kva.example",
    "BÜCHER.example, xn--bcher-kva.example",
    "bu\u0308cher.example, xn--bcher-kva.example",
    "XN--BCHER-KVA.example, xn--bcher-kva.example",
    "straße.example, xn--strae-oqa.example",
    "βόλος.example, xn--nxasmm1c.example",
    "例え.テスト, xn--r8jz45g.xn--zckzah",
    "例え。テスト, xn--r8jz45g.xn--zckzah",
    "ｅｘａｍｐｌｅ.com, example.com",
    "exam\u00adple.com, example.com",
  })
  void eachSpellingComesToOne(String spelling, String ascii) {
    assertThat(DomainName.ascii(spelling)).contains(ascii);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "..",
        ".example.com",
        "example..com",
        "exa mple.com",
        "example.com..",
        "a\\.b",
        "a@b",
        "*.example.com",
        "[192.0.2.1]",
        "a\u202eb.example",
        "a\u00a0b.example",
        "a\u0000b",
        "a\nb",
        "\ud800.example",
        "ａ／ｂ.example",
        "\u00ad.example",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example"
      })
  void whatCannotBeANameIsNone(String text) {
    assertThat(DomainName.ascii(text)).isEmpty();
  }

  @Property
  void plainNamesStayAsTheyAre(@ForAll("plainNames") String name) {
    assertThat(DomainName.ascii(name)).contains(name);
    assertThat(DomainName.ascii(name.toUpperCase(Locale.ROOT) + ".")).contains(name);
  }

  @Property
  void lettersThatIdna2003MapsAlikeAreEncodedAsTheJdkDoes(@ForAll("unicodeLabels") String label) {
    assertThat(DomainName.ascii(label)).contains(IDN.toASCII(label));
  }

  @Property
  void whateverComesItIsANameThatStaysOrNone(@ForAll String text) {
    var ascii = DomainName.ascii(text);
    ascii.ifPresent(name -> assertThat(DomainName.ascii(name)).contains(name));
    ascii.ifPresent(name -> assertThat(name).matches("[a-z0-9_.-]{1,253}"));
  }

  @Provide
  Arbitrary<String> plainNames() {
    var label =
        Arbitraries.strings().withCharRange('a', 'z').numeric().ofMinLength(1).ofMaxLength(20);
    return label.list().ofMinSize(1).ofMaxSize(6).map(labels -> String.join(".", labels));
  }

  /// Letters whose lower case both versions know: Latin with accents, Greek without sigma,
  /// Cyrillic, Hiragana, Han.
  @Provide
  Arbitrary<String> unicodeLabels() {
    return Arbitraries.strings()
        .withCharRange('a', 'z')
        .withCharRange('à', 'ö')
        .withCharRange('Α', 'Ρ')
        .withCharRange('а', 'я')
        .withCharRange('ぁ', 'ん')
        .withCharRange('一', '丿')
        .ofMinLength(1)
        .ofMaxLength(14);
  }
}
