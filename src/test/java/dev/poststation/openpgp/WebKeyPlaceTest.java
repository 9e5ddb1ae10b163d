package dev.poststation.openpgp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.smtp.Address;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Where keys are published.
final class WebKeyPlaceTest {
  private static WebKeyPlace place(String local, String domain) {
    return WebKeyPlace.of(new Address(local, domain)).orElseThrow();
  }

  @Test
  void theExampleOfTheDraftHasItsPlaces() {
    var joe = place("Joe.Doe", "Example.ORG");
    assertThat(joe.advanced())
        .hasToString(
            "https://openpgpkey.example.org/.well-known/openpgpkey/example.org/hu/iy9q119eutrkn8s1mk4r39qejnbu3n5q?l=Joe.Doe");
    assertThat(joe.direct())
        .hasToString(
            "https://example.org/.well-known/openpgpkey/hu/iy9q119eutrkn8s1mk4r39qejnbu3n5q?l=Joe.Doe");
  }

  @Test
  void whatIsNoPartOfAnUriIsEscapedAndWhatIsNotAsciiKeepsItsCase() {
    assertThat(place("a b/ü&c", "bücher.example").direct())
        .hasToString(
            "https://xn--bcher-kva.example/.well-known/openpgpkey/hu/"
                + place("A b/ü&C", "x.example").hash()
                + "?l=a%20b%2F%C3%BC%26c");
    assertThat(place("Ü", "x.example").hash()).isNotEqualTo(place("ü", "x.example").hash());
  }

  @ParameterizedTest
  @ValueSource(strings = {"[192.0.2.1]", "192.0.2.1", "localhost", "a_b.example", "-a.example"})
  void aDomainThatNoSiteCanHaveHasNone(String domain) {
    assertThat(WebKeyPlace.of(new Address("a", domain))).isEmpty();
  }
}
