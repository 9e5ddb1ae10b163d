package dev.poststation.content;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.MimeLimits;
import dev.poststation.message.Octets;
import dev.poststation.mime.Mime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What counts as one block of OpenPGP and nothing else. `|` is a line end.
final class InlinePgpTest {
  private static final String SIGNED =
      "-----BEGIN PGP SIGNED MESSAGE-----|Hash: SHA512||Hello |- - dash|- |";
  private static final String SIGNATURE =
      "-----BEGIN PGP SIGNATURE-----||iHUEARYK|=abcd|-----END PGP SIGNATURE-----|";
  private static final String MESSAGE =
      "-----BEGIN PGP MESSAGE-----|Version: 1|Charset: utf-8||hF4DAAAA|=abcd|-----END PGP"
          + " MESSAGE-----|";

  private static Mime mime(String text) throws Exception {
    byte[] octets = ("Subject: s||" + text).replace("|", "\r\n").getBytes(ISO_8859_1);
    return Message.of(new byte[0], Octets.of(octets), 1000).mime(MimeLimits.STANDARD);
  }

  private static String signed(String text) throws Exception {
    return InlinePgp.signed(mime(text))
        .map(found -> new String(found.text(), ISO_8859_1).replace("\r\n", "|"))
        .orElse("nothing");
  }

  private static boolean encrypted(String text) throws Exception {
    return InlinePgp.encrypted(mime(text)).length > 0;
  }

  @Test
  void whatIsSignedIsTheTextWithoutEscapesAndBlanksAtTheEndsOfItsLines() throws Exception {
    assertThat(signed("|" + SIGNED + SIGNATURE + " |")).isEqualTo("Hello|- dash|");
    assertThat(signed(SIGNED.replace("Hash: SHA512|", "") + SIGNATURE)).isEqualTo("Hello|- dash|");
    assertThat(signed(SIGNED.replace("SHA512|", "SHA256, SHA1|Hash: MD5|") + SIGNATURE))
        .isEqualTo("Hello|- dash|");
  }

  @ParameterizedTest
  @CsvSource({
    "-----END PGP SIGNATURE-----$, -----END PGP SIGNATURE-----|Pay|-----END PGP SIGNATURE-----",
    "$, Pay|",
    "^, Pay|",
    "Hash: SHA512, Comment: please pay",
    "Hash: SHA512, Hash: please pay",
    "Hash: SHA512, Hash: SHA512|please pay",
    "iHUEARYK, please pay|",
    "'SIGNATURE-----\\|\\|', 'SIGNATURE-----|Comment: please pay||'",
    "Hello, -----BEGIN PGP SIGNED MESSAGE-----||Hello",
    "Hello, -----BEGIN PGP SIGNATURE-----||abcd|-----END PGP SIGNATURE-----|Hello",
    "Hello, - -----END PGP SIGNATURE-----|-----END PGP SIGNATURE-----",
    "-----END PGP SIGNATURE-----, ''",
    "-----BEGIN PGP SIGNATURE-----, ''",
    "'SHA512\\|\\|', 'SHA512|'"
  })
  void aTextWithAnythingBesideWhatIsSignedIsNotSignedAsAWhole(String what, String by)
      throws Exception {
    String whole = (SIGNED + SIGNATURE).replaceAll("\\|$", "");
    assertThat(whole).containsPattern(what);
    assertThat(signed(whole.replaceFirst(what, by))).isEqualTo("nothing");
  }

  @Test
  void aMessageIsOneBlockAndNothingElse() throws Exception {
    assertThat(encrypted("|" + MESSAGE + " |")).isTrue();
    assertThat(encrypted(MESSAGE + MESSAGE)).isFalse();
    assertThat(encrypted(MESSAGE + "-----END PGP MESSAGE-----|")).isFalse();
    assertThat(encrypted(MESSAGE + "P.S.|")).isFalse();
    assertThat(encrypted("Hello|" + MESSAGE)).isFalse();
    assertThat(encrypted(MESSAGE.replace("hF4D", "in between|"))).isFalse();
    assertThat(encrypted("")).isFalse();
  }

  @Test
  void manyLinesThatBeginSignaturesAreReadOnce() throws Exception {
    String many = "-----BEGIN PGP SIGNATURE-----|".repeat(200_000);
    assertThat(signed("-----BEGIN PGP SIGNED MESSAGE-----||x|" + many)).isEqualTo("nothing");
  }
}
