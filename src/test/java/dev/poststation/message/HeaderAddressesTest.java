package dev.poststation.message;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.smtp.Address;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderAddressesTest {
  private static String parsed(String field) {
    return HeaderAddresses.parse(field)
        .map(found -> String.join(" ", found.stream().map(Address::toString).toList()))
        .orElse("?");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a@b.example | a@b.example",
        "<a@b.example> | a@b.example",
        "Anna B. <a@b.example> | a@b.example",
        "\"Anna, <x@y.example>\" <a@b.example> | a@b.example",
        "a@b.example (Anna (the <x@y.example> first)) | a@b.example",
        "(x@y.example) a@b.example | a@b.example",
        "Anna <a@b.example>, Ben <c@d.example> | a@b.example c@d.example",
        "a@b.example,c@d.example | a@b.example c@d.example",
        ", a@b.example,, | a@b.example",
        "Team: a@b.example, Ben <c@d.example>; | a@b.example c@d.example",
        "<@x.example,@y.example:a@b.example> | a@b.example",
        "\"odd name\"@b.example | \"odd name\"@b.example",
        "a @ b . example | a@b.example",
        "=?utf-8?q?J=C3=B6rg?= <j@b.example> | j@b.example",
        "Jörg <j@b.example> | j@b.example"
      })
  void addressesAreFoundWhereRfc5322PutsThem(String field, String addresses) {
    assertThat(parsed(field)).isEqualTo(addresses);
    assertThat(parsed(" " + field.replace(" ", "\r\n ") + "\r")).isEqualTo(addresses);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a@b.example (Anna) | a@b.example",
        "Anna <a@b.example >, c @ d.example (x), | a@b.example ;c @ d.example",
        "T: (x) \"o d\"@b.example; | \"o d\"@b.example",
        "<@x.example:a@b.example>|@x.example:a@b.example"
      })
  void eachAddressHasItsPlace(String field, String places) {
    assertThat(
            HeaderAddresses.mailboxes(field).orElseThrow().stream()
                .map(found -> field.substring(found.start(), found.end())))
        .containsExactly(places.split(";"));
    String folded = field.replace(" ", "\r\n ");
    assertThat(
            HeaderAddresses.mailboxes(folded).orElseThrow().stream()
                .map(found -> folded.substring(found.start(), found.end()).replace("\r\n", "")))
        .containsExactly(places.split(";"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Anna",
        "Anna a@b.example",
        "a@b.example c@d.example",
        "<a@b.example> <c@d.example>",
        "a@b.example <c@d.example",
        "Anna <a@b.example> c@d.example",
        "\"Anna <a@b.example>",
        "(Anna <a@b.example>",
        "undisclosed:;",
        "Team: a@b.example",
        "a@b.example;",
        "<>",
        "<a@b.example>>",
        "a@b.example)",
        "<a@b.example, c@d.example>"
      })
  void whatIsNotUnderstoodAsAWholeIsNotUnderstoodAtAll(String field) {
    assertThat(parsed(field)).isEqualTo("?");
  }

  @Property(tries = 3000)
  void nothingBreaksIt(
      @ForAll @StringLength(max = 40) @CharRange(from = '\t', to = '~') String field) {
    assertThat(HeaderAddresses.parse(field).map(List::isEmpty).orElse(false)).isFalse();
  }
}
