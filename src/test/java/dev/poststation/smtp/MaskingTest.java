package dev.poststation.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// However a peer writes a secret of ours, it is not shown.
class MaskingTest {
  private static final String SECRET = "pa ss/wörd+17\"~x";

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  static List<String> disguises() {
    byte[] octets = SECRET.getBytes(StandardCharsets.UTF_8);
    String url = URLEncoder.encode(SECRET, StandardCharsets.UTF_8);
    String json = SECRET.replace("\"", "\\\"").replace("/", "\\/");
    var unicode = new StringBuilder();
    var html = new StringBuilder();
    SECRET.chars().forEach(c -> unicode.append("\\u%04x".formatted(c)));
    SECRET.chars().forEach(c -> html.append("&#").append(c).append(';'));
    return List.of(
        SECRET,
        SECRET.toUpperCase(Locale.ROOT),
        base64(SECRET),
        base64("\0anna\0" + SECRET),
        base64("\0bert\0" + SECRET),
        base64("\0chris\0" + SECRET + "!"),
        base64("\0anna\0" + SECRET).substring(9, 24),
        base64("\0anna\0" + SECRET).toUpperCase(Locale.ROOT),
        base64("user=anna\1auth=Bearer " + SECRET + "\1\1"),
        Base64.getUrlEncoder().withoutPadding().encodeToString(octets),
        URLEncoder.encode(base64("x" + SECRET), StandardCharsets.UTF_8),
        url,
        URLEncoder.encode(url, StandardCharsets.UTF_8),
        json,
        unicode.toString(),
        html.toString(),
        HexFormat.of().formatHex(octets),
        SECRET.substring(4, 13),
        String.join(" ", base64(SECRET).split("(?<=\\G....)")));
  }

  @ParameterizedTest
  @MethodSource("disguises")
  void whateverItIsWrittenAsIsHidden(String disguise) {
    String text = "5.7.8 no such login: (" + disguise + ") sorry";
    String masked = Masking.of(text, List.of("other-secret", SECRET));
    assertThat(masked).contains("***").doesNotContain("(" + disguise);
    assertThat(masked).doesNotContain(disguise);
  }

  @Test
  void whatIsNoSecretStaysForPeople() {
    String text = "535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6 (code 17) user=anna";
    assertThat(Masking.of(text, List.of(SECRET, "token-" + "abc".repeat(20)))).isEqualTo(text);
    assertThat(Masking.of("the password " + base64(SECRET) + " is wrong", List.of(SECRET)))
        .isEqualTo("the password *** is wrong");
    assertThat(Masking.of(text, List.of())).isEqualTo(text);
    assertThat(Masking.of("", List.of("", SECRET))).isEmpty();
  }

  @Test
  void aShortSecretIsHiddenToo() {
    assertThat(Masking.of("wrong password: abc1", List.of("abc1")))
        .isEqualTo("wrong password: ***");
    assertThat(Masking.of("abc", List.of("abc"))).isEqualTo("***");
  }

  @Property(tries = 300)
  void noTextMakesItFail(@ForAll @StringLength(max = 60) String text, @ForAll String secret) {
    assertThat(Masking.of(text + "%zz\\u12&#xffffff;&#99999999;", List.of(secret))).isNotNull();
  }
}
