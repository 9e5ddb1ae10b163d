package dev.poststation.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderEncoderTest {
  private static String encode(String field) {
    String raw =
        new String((field + "\r\n").getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    String name = field.substring(0, field.indexOf(':')).toLowerCase(Locale.ROOT);
    String encoded = HeaderEncoder.encode(name, raw);
    assertThat(encoded).endsWith("\r\n");
    return encoded.substring(0, encoded.length() - 2);
  }

  /// What a reader shows: encoded words decoded, white space between two of them left out (RFC 2047
  /// 6.2).
  private static String decode(String field) {
    var pattern = java.util.regex.Pattern.compile("=\\?([^?]+)\\?B\\?([^?]*)\\?=(?:\\s+(?==\\?))?");
    return pattern
        .matcher(field)
        .replaceAll(
            match ->
                java.util.regex.Matcher.quoteReplacement(
                    new String(
                        Base64.getDecoder().decode(match.group(2)),
                        Charset.forName(match.group(1)))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Subject: Grüße | Subject: =?utf-8?B?R3LDvMOfZQ==?=",
        "Subject: plain Grüße plain | Subject: plain =?utf-8?B?R3LDvMOfZQ==?= plain",
        "From: Jörg <j@x.example> | From: =?utf-8?B?SsO2cmc=?= <j@x.example>",
        "From: \"Jörg, Dr.\" <j@x.example> | From: =?utf-8?B?SsO2cmcsIERyLg==?= <j@x.example>",
        "To: a@b.example (Büro), c@d.example | To: a@b.example (=?utf-8?B?QsO8cm8=?=), c@d.example",
        "To: Böse:a@b.example; | To: =?utf-8?B?QsO2c2U=?=:a@b.example;",
        "To: jörg@x.example, \"ö\"@x.example, <ü@x> | To: jörg@x.example, \"ö\"@x.example, <ü@x>",
        "Message-ID: <ü@x.example> | Message-ID: <ü@x.example>",
        "Content-Type: text/plain; charset=utf-8; name=\"Ä b.txt\" | Content-Type: text/plain;"
            + " charset=utf-8; name*=utf-8''%c3%84%20b.txt",
        "Content-Disposition: attachment; filename=Ä.txt; size=5 | Content-Disposition: attachment;"
            + " filename*=utf-8''%c3%84.txt; size=5",
        "Content-Disposition: attachment; filename=\"a\\\"Ä\" | Content-Disposition: attachment;"
            + " filename*=utf-8''a%22%c3%84",
      })
  void aFieldIsEncoded(String field, String expected) {
    String wire =
        new String(expected.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    assertThat(encode(field)).isEqualTo(wire);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Subject: Größe ändern über alles",
        "Subject: a ä  ö b ü",
        "From: Jörg Müller <j@x.example>",
        "From: Jörg \"Ä. Müller\" <j@x.example>",
        "X-Note: Ünïcödé-wörds-that-go-on-and-on-beyond-what-fits-into-one-encoded-word-ääääääää"
      })
  void aReaderSeesWhatWasMeant(String field) {
    assertThat(encode(field)).matches("\\p{ASCII}*");
    assertThat(decode(encode(field))).isEqualTo(field.replace("\"", ""));
  }

  @Test
  void encodedWordsAreShortAndDivideNoCharacter() {
    String encoded = encode("Subject: " + "世界".repeat(50));
    assertThat(encoded.split("\r\n ")).allMatch(line -> line.length() <= 75 + "Subject: ".length());
    assertThat(decode(encoded)).isEqualTo("Subject: " + "世界".repeat(50));
  }

  @Test
  void whatIsNoUtf8IsUnknown() {
    assertThat(HeaderEncoder.encode("subject", "Subject: \u00e4\r\n"))
        .isEqualTo("Subject: =?unknown-8bit?B?5A==?=\r\n");
  }

  @Test
  void foldingStays() {
    assertThat(encode("Subject: one\r\n ä\r\n\ttwo"))
        .isEqualTo("Subject: one\r\n =?utf-8?B?w6Q=?=\r\n\ttwo");
  }

  @Property(tries = 200)
  void anyFieldIsEncodedWithoutLossOfItsLines(@ForAll @StringLength(max = 60) String value) {
    String clean = value.replace("\r", "").replace("\n", "");
    for (String name : new String[] {"Subject", "From", "Content-Type", "Received"}) {
      String encoded = encode(name + ": " + clean);
      assertThat(encoded).startsWith(name + ": ").doesNotContain("\r\n\r\n");
      assertThat(encoded.replace("\r\n ", "")).doesNotContain("\r", "\n");
    }
  }
}
