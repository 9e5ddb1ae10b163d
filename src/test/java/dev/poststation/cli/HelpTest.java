package dev.poststation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `help` says what `--help` says.
class HelpTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"queue list", "queue bounce", "queue", "spool check", "explain", "user password"})
  void helpOfACommandIsFoundByItsWholeName(String command) {
    var asked = Ran.plain("help " + command);

    assertThat(asked.out()).contains("Usage: poststation " + command);
    assertThat(asked).isEqualTo(Ran.plain(command + " --help"));
  }

  @Test
  void withoutACommandItIsTheHelpOfTheProgram() {
    assertThat(Ran.plain("help")).isEqualTo(Ran.plain("--help"));
    assertThat(Ran.plain("help").out()).contains("Exit codes:");
  }

  @Test
  void whatIsNoCommandIsNamed() {
    var asked = Ran.plain("help queue lsit");

    assertThat(asked.exit()).isEqualTo(Exit.WRONG);
    assertThat(asked.out()).isEmpty();
    assertThat(asked.err())
        .isEqualTo("\"lsit\" is no command of poststation queue: see poststation queue --help\n");
  }
}
