package dev.poststation.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.smtp.Address;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What takes the place of From fields.
class NewAuthorTest {
  private static final Address ANNA = new Address("anna", "example.com");

  private static String fields(String... old) {
    return NewAuthor.fields(ANNA, List.of(old), false).replace("\r\n", "|");
  }

  private static String without(String header) {
    byte[] octets = header.replace("|", "\r\n").getBytes(StandardCharsets.UTF_8);
    var rest = NewAuthor.without(octets, octets.length);
    return new String(rest, StandardCharsets.UTF_8).replace("\r\n", "|");
  }

  @Test
  void theNameStaysAndWhoStoodThereIsAnswered() {
    assertThat(fields(" boss@x.example"))
        .isEqualTo("From: <anna@example.com>|Reply-To: boss@x.example|");
    assertThat(fields(" =?utf-8?q?B=C3=B6ss?= <boss@x.example>"))
        .isEqualTo(
            "From: =?utf-8?q?B=C3=B6ss?= <anna@example.com>"
                + "|Reply-To: =?utf-8?q?B=C3=B6ss?= <boss@x.example>|");
    assertThat(NewAuthor.fields(ANNA, List.of("Boss <b@x.example>"), true))
        .isEqualTo("From: Boss <anna@example.com>\r\n");
    assertThat(fields()).isEqualTo("From: <anna@example.com>|");
  }

  @Test
  void ofSeveralAuthorsNoneGivesTheName() {
    assertThat(fields("A <a@x.example>, B <b@x.example>"))
        .isEqualTo("From: <anna@example.com>|Reply-To: A <a@x.example>, B <b@x.example>|");
    assertThat(fields("A <a@x.example>", "B <b@x.example>"))
        .isEqualTo("From: <anna@example.com>|Reply-To: A <a@x.example>,|\tB <b@x.example>|");
  }

  @Test
  void whatIsNotUnderstoodOrVeryLongGoes() {
    assertThat(fields("A <a@x.example> B")).isEqualTo("From: <anna@example.com>|");
    assertThat(fields("A\u0000 <a@x.example>")).isEqualTo("From: <anna@example.com>|");
    assertThat(fields("b".repeat(600) + " <a@x.example>"))
        .isEqualTo("From: <anna@example.com>|Reply-To: <a@x.example>|");
    assertThat(fields(("<" + "b".repeat(60) + "@x.example>,").repeat(20)))
        .isEqualTo("From: <anna@example.com>|");
    assertThat(fields("A (B <c@d.example>) <a@x.example>"))
        .startsWith("From: <anna@example.com>|Reply-To: ");
  }

  /// As old printers send it: 8 bit, without SMTPUTF8, in whatever charset.
  @Test
  void aRawNameIsEncodedAndItsAddressIsAnswered() {
    assertThat(fields(" \"Der B\u00f6ss\" <boss@x.example>"))
        .isEqualTo(
            "From: =?UTF-8?Q?Der_B=C3=B6ss?= <anna@example.com>"
                + "|Reply-To: =?UTF-8?Q?Der_B=C3=B6ss?= <boss@x.example>|");
    assertThat(fields("B\u00f6ss \"\\\"<X>\" <boss@x.example>"))
        .isEqualTo(
            "From: =?UTF-8?B?QsO2c3MgIjxYPg==?= <anna@example.com>"
                + "|Reply-To: =?UTF-8?B?QsO2c3MgIjxYPg==?= <boss@x.example>|");
    assertThat(fields("\"\u00f6\" <b@x.example>, C <c@x.example>"))
        .isEqualTo("From: <anna@example.com>|Reply-To: <b@x.example>,|\t<c@x.example>|");
  }

  @Test
  void aLongRawNameIsSeveralWordsOnSeveralLines() {
    assertThat(fields("\"" + "\u00f6".repeat(200) + "\" <boss@x.example>").split("\\|"))
        .hasSizeGreaterThan(6)
        .allMatch(line -> line.length() <= 76) // RFC 2047 2.
        .contains("\t<boss@x.example>");
    assertThat(fields("B\u00f6ss " + "a".repeat(56) + " <boss@x.example>").split("\\|"))
        .allMatch(line -> line.length() <= 76);
  }

  @Test
  void whatOfARawNameNobodyKnowsHowToReadGoesAndTheAddressIsAnswered() {
    String bare = "From: <anna@example.com>|Reply-To: <boss@x.example>|";
    assertThat(fields("\"Der B\ufffdss\" <boss@x.example>")).isEqualTo(bare);
    assertThat(fields("=?utf-8?q?B=C3=B6ss?= \u00f6 <boss@x.example>")).isEqualTo(bare);
    assertThat(fields("boss@x.example (B\u00f6ss)")).isEqualTo(bare);
  }

  /// Without SMTPUTF8 no field can have it.
  @Test
  void anAddressThatIsNoAsciiGoes() {
    assertThat(fields("B\u00f6ss <b\u00f6ss@x.example>, <c@x.example>"))
        .isEqualTo("From: <anna@example.com>|Reply-To: <c@x.example>|");
    assertThat(fields("B\u00f6ss <b\u00f6ss@x.example>"))
        .isEqualTo("From: =?UTF-8?B?QsO2c3M=?= <anna@example.com>|");
  }

  @Test
  void linesAreAsLongAsTheyMayBe() {
    assertThat(fields("x".repeat(70) + "\r\n\t<a@x.example>"))
        .startsWith("From: " + "x".repeat(70) + "|\t<anna@example.com>|");
  }

  @Test
  void allFromFieldsGoWithTheirLinesAndNothingElse() {
    assertThat(without("From: a@b|To: c|from \t: d@e|\tf|Fromage: g|From g h: i||"))
        .isEqualTo("To: c|Fromage: g|From g h: i||");
    assertThat(without("Subject: x| From: y|FROM:|")).isEqualTo("Subject: x| From: y|");
    assertThat(without("||")).isEqualTo("||");
    assertThat(without("From")).isEqualTo("From");
    assertThat(without("From: x")).isEmpty();
  }
}
