package dev.poststation.sim.world;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/// The whole relay in worlds of trouble. The seeds are always the same here; `make sim` takes fresh
/// ones.
@Tag("slow")
class SimulationTest {
  private static final int SEEDS = 16;

  @BeforeAll
  static void quiet() {
    ((Logger) LoggerFactory.getLogger("dev.poststation")).setLevel(Level.OFF);
  }

  @Test
  void worldsOfTroubleLoseDoubleAndForgetNothing() {
    var outcome = new Simulation(1, SEEDS, Duration.ofDays(1)).run();
    System.out.println(outcome.text());
    assertThat(outcome.broken()).isEmpty();
    assertThat(outcome.worlds()).isEqualTo(SEEDS);
  }

  @Test
  void aSeedRunTwiceGivesTheSameWorldToTheLastTurn() {
    for (long seed = 1000; seed < 1002; seed++) {
      assertThat(new World(seed).run()).isEqualTo(new World(seed).run());
    }
  }

  @Test
  void anotherSeedGivesAnotherWorld() {
    assertThat(new World(1000).run().fingerprint())
        .isNotEqualTo(new World(1001).run().fingerprint());
  }
}
