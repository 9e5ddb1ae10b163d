package dev.poststation.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// What `check` says of `openpgp`.
final class OpenPgpSectionTest {
  private final Bench bench = new Bench();

  @Test
  void eachValueOfKeysOfOthersThatIsNoneIsAnErrorWithItsLineAndARemedy() {
    var problems =
        bench.problems(
            Bench.BASE
                + """
                openpgp {
                  wkd = sometimes
                  wkd-timeout = "1 hour"
                  wkd-remember = "no time"
                  wkd-networks = ["here"]
                  wkd-authorities = "missing.pem"
                  harvest = some
                  harvest-keep = "1 hour"
                  harvest-most = 0
                }
                """);
    assertThat(problems).hasSize(8);
    for (int line = 2; line <= 9; line++) {
      assertThat(problems.get(line - 2))
          .startsWith("poststation.conf:" + line + ": ")
          .contains("; ");
    }
  }
}
