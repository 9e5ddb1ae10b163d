package dev.poststation.content;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResultsOfTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "relay.example.com; smime=pass",
        "relay.example.com;smime=pass",
        "relay.example.com 1; smime=pass",
        "relay.example.com/1; smime=pass",
        "relay.example.com(x); smime=pass",
        "relay.example.com.; smime=pass",
        "(x) relay.example.com; smime=pass",
        "(x (y \\) ( z) ) )\r\n (z)\trelay.example.com; smime=pass",
        "\"relay.example.com\"; smime=pass",
        "\"relay.\\example.com\" 1; smime=pass",
        "(x)\"relay\r\n .example.com\"; smime=pass"
      })
  void ourNameIsFoundBehindCommentsAndWithinQuotes(String value) {
    assertThat(ResultsOf.name(value)).isEqualTo("relay.example.com");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "other.example.com; smime=pass (relay.example.com)",
        "(relay.example.com) other.example.com; smime=pass",
        "relay.example.com.other; smime=pass",
        "(relay.example.com",
        "\"",
        "."
      })
  void theNamesOfOthersAreNotOurs(String value) {
    assertThat(ResultsOf.name(value)).isNotEqualTo("relay.example.com");
  }
}
