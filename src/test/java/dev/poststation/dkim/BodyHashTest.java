package dev.poststation.dkim;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What of a body counts in each form, however it comes in pieces.
final class BodyHashTest {
  private static byte[] hash(Form form, String body, int piece) {
    byte[] octets = body.getBytes(StandardCharsets.ISO_8859_1);
    var hash = new BodyHash(form);
    for (int at = 0; at < octets.length; at += piece) {
      hash.update(octets, at, Math.min(piece, octets.length - at));
    }
    return hash.digest();
  }

  private static byte[] plain(String canonical) {
    return BodyHash.sha256().digest(canonical.getBytes(StandardCharsets.ISO_8859_1));
  }

  /// The hashes of nothing are printed in RFC 6376 3.4.3 and 3.4.4.
  @Test
  void nothingHasTheHashesThatArePrinted() {
    assertThat(Base64.getEncoder().encodeToString(hash(Form.SIMPLE, "", 1)))
        .isEqualTo("frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=");
    assertThat(Base64.getEncoder().encodeToString(hash(Form.RELAXED, "", 1)))
        .isEqualTo("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
  }

  @ParameterizedTest
  @CsvSource({
    // body, simple, relaxed; N is CRLF, S a space, T a tab, R and L are a CR and an LF alone
    "N, N, ''",
    "NNN, N, ''",
    "a, aN, aN",
    "aN, aN, aN",
    "aNNN, aN, aN",
    "NNa, NNaN, NNaN",
    "aSTSb, aSTSbN, aSbN",
    "aSSNNN, aSSN, aN",
    "aNSS, aNSSN, aN",
    "SaN, SaN, SaN",
    "TaN, TaN, SaN",
    "SSN, SSN, ''",
    "aNSTNbN, aNSTNbN, aNNbN",
    "aR, aRN, aRN",
    "aRNb, aRNbN, aRNbN",
    "aLb, aLbN, aLbN",
    "RRN, RRN, RRN",
    "aSR, aSRN, aSRN",
  })
  void eachFormKeepsWhatItShould(String body, String simple, String relaxed) {
    for (int piece = 1; piece < 4; piece++) {
      assertThat(hash(Form.SIMPLE, real(body), piece)).isEqualTo(plain(real(simple)));
      assertThat(hash(Form.RELAXED, real(body), piece)).isEqualTo(plain(real(relaxed)));
    }
  }

  private static String real(String text) {
    return text.replace("N", "\r\n")
        .replace('S', ' ')
        .replace('T', '\t')
        .replace('R', '\r')
        .replace('L', '\n');
  }

  @Test
  void theSizeOfThePiecesChangesNothing() {
    var chance = new Random(7);
    for (int round = 0; round < 200; round++) {
      var body = new StringBuilder();
      while (body.length() < 40_000 * (round % 2) + 60) {
        body.append("ab \t\r\n\r\nc".charAt(chance.nextInt(9)));
      }
      for (var form : Form.values()) {
        assertThat(hash(form, body.toString(), 1 + chance.nextInt(20_000)))
            .isEqualTo(hash(form, body.toString(), body.length()));
      }
    }
  }
}
