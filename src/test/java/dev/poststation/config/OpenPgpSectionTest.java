package dev.poststation.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// What `check` says of `openpgp`.
final class OpenPgpSectionTest {
  private final Bench bench = new Bench();

  @Test
  void eachValueOfWkdThatIsNoneIsAnErrorWithItsLineAndARemedy() {
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
                }
                """);
    assertThat(problems).hasSize(5);
    for (int line = 2; line <= 6; line++) {
      assertThat(problems.get(line - 2))
          .startsWith("poststation.conf:" + line + ": ")
          .contains("; ");
    }
  }
}
