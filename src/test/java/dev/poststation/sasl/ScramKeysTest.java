package dev.poststation.sasl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.sasl.ScramKeys.Hash;
import java.util.Base64;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/// What a server keeps of a password.
class ScramKeysTest {
  private static final byte[] SALT = Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ==");

  /// As PostgreSQL, which keeps passwords in the same form, keeps `pencil` with this salt.
  @Test
  void thePasswordOfRfc7677HasTheseKeys() {
    var keys = ScramKeys.derive(Hash.SHA_256, "pencil", SALT, 4096);

    assertThat(keys.text())
        .isEqualTo(
            "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ=="
                + "$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
                + ":wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");
    assertThat(ScramKeys.parse(keys.text())).contains(keys);
  }

  @Test
  void onlyThePasswordMatches() {
    for (Hash hash : Hash.values()) {
      var keys = ScramKeys.derive(hash, "pencil", SALT, 4096);
      assertThat(keys.matches("pencil")).isTrue();
      assertThat(keys.matches("Pencil")).isFalse();
      assertThat(keys.matches("")).isFalse();
      assertThat(keys.matches("-")).isFalse();
      assertThat(keys.matches("pen\u0007cil")).isFalse();
    }
  }

  @Test
  void aPasswordThatIsForbiddenMatchesNothing() {
    assertThat(ScramKeys.derive(Hash.SHA_256, "-", SALT, 4096).matches("\u0007")).isFalse();
  }

  /// RFC 4013 3: soft hyphen to nothing, the roman nine to two letters.
  @Test
  void passwordsThatLookTheSameAreTheSame() {
    assertThat(ScramKeys.derive(Hash.SHA_256, "IX", SALT, 1).matches("I\u00adX")).isTrue();
    assertThat(ScramKeys.derive(Hash.SHA_256, "\u2168", SALT, 1).matches("IX")).isTrue();
    assertThat(ScramKeys.derive(Hash.SHA_1, "Gr\u00fc\u00dfe", SALT, 1).matches("Gru\u0308\u00dfe"))
        .isTrue();
  }

  @Test
  void noKeysAreMadeOfNothing() {
    assertThatThrownBy(() -> ScramKeys.derive(Hash.SHA_1, "", SALT, 4096))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ScramKeys.derive(Hash.SHA_1, "a\u0000b", SALT, 4096))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("a\u0000b");
  }

  @Test
  void theyAreNotPrinted() {
    var keys = ScramKeys.derive(Hash.SHA_256, "pencil", SALT, 4096);
    assertThat(keys.toString()).isEqualTo("SCRAM-SHA-256$4096:***");
  }

  @Test
  void textThatIsCutOrTooExpensiveIsNone() {
    String good = ScramKeys.derive(Hash.SHA_1, "pencil", SALT, 4096).text();
    for (int i = 0; i < good.length(); i++) {
      assertThat(ScramKeys.parse(good.substring(0, i))).as(good.substring(0, i)).isEmpty();
    }
    assertThat(ScramKeys.parse(good.replace("$4096:", "$0:"))).isEmpty();
    assertThat(ScramKeys.parse(good.replace("$4096:", "$99999999:"))).isEmpty();
    assertThat(ScramKeys.parse(good.replace("SHA-1", "SHA-256"))).isEmpty();
  }

  @Property
  void garbageIsNoKeys(@ForAll String text) {
    assertThat(ScramKeys.parse(text)).isEmpty();
  }
}
