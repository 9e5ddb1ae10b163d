package dev.poststation.message;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AlignmentTest {
  @ParameterizedTest
  @CsvSource({
    "example.com, EXAMPLE.com, true",
    "bounce.example.com, news.example.com, true",
    "example.com, provider.example, false",
    "a.co.uk, b.co.uk, false",
    "x.a.co.uk, a.co.uk, true",
    "a.de, b.de, false",
    "straße.de, xn--strae-oqa.de, true",
    "localhost, localhost, true"
  })
  void domainsOfOneOrganisationAreAligned(String one, String other, boolean aligned) {
    assertThat(Alignment.aligned(one, other)).isEqualTo(aligned);
    assertThat(Alignment.aligned(other, one)).isEqualTo(aligned);
  }
}
