package dev.poststation.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.message.Octets;
import dev.poststation.sim.ScriptedConnection;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a spamd might answer.
class SpamdTest {
  private static Spamd.Score ask(String... packets) throws IOException, ServiceException {
    return Spamd.ask(
        ScriptedConnection.of(packets), "SYMBOLS SPAMC/1.5\r\n\r\n", Octets.of(new byte[3]));
  }

  @Test
  void scoreThresholdAndTestsAreRead() throws IOException, ServiceException {
    var score =
        ask(
            "SPAMD/1.1 0 EX_OK\r\nContent-length: 6\r\nSpam: False ; -1.5 / 5.0\r\n",
            "\r\nA,B\r\n\r\n");
    assertThat(score.score()).isEqualTo(-1.5);
    assertThat(score.required()).isEqualTo(5);
    assertThat(score.tests()).containsExactly("A", "B");
    assertThat(ask("SPAMD/1.1 0 EX_OK\r\nSpam: True ; 7 / 5\r\n\r\n").tests()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "220 mail.test ESMTP\r\n",
        "SPAMD/1.1 0 EX_OK\r\n\r\n",
        "SPAMD/1.1 0 EX_OK\r\nSpam: True ; many / 5\r\n\r\n",
        "SPAMD/1.1 0 EX_OK\r\nSpam: True ; 1.2.3 / 5\r\n\r\n",
        "SPAMD/1.1 0 EX_OK\r\nSpam: True ; 7 / 5\r\nContent-length: 9\r\n\r\nA",
        "SPAMD/1.1 75 EX_TEMPFAIL\r\n"
      })
  void aPlaceThatDoesNotWorkIsToldApart(String answer) {
    assertThatThrownBy(() -> ask(answer)).isInstanceOf(IOException.class);
  }

  @Test
  void whatItCannotReadIsOfThisMail() {
    assertThatThrownBy(() -> ask("SPAMD/1.0 76 Bad header line: (Content-Length mismatch)\r\n"))
        .isInstanceOfSatisfying(ServiceException.class, e -> assertThat(e.isDown()).isFalse())
        .hasMessageStartingWith("spamd says SPAMD/1.0 76 Bad header line");
  }
}
