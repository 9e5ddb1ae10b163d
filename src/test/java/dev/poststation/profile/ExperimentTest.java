package dev.poststation.profile;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// The bounds of the impostor experiment, with fixed seeds; `make profiles` prints the whole.
class ExperimentTest {
  @Test
  void impostorsAreNoticedAndGenuineDevicesAreNot() {
    var experiment = Experiment.run(20_261_130, 8);
    String table = experiment.table();
    assertThat(experiment.allImpostors.percent()).as(table).isGreaterThanOrEqualTo(95);
    assertThat(experiment.allGenuine.percent()).as(table).isLessThanOrEqualTo(1);
  }

  @Test
  void aSeedGivesTheSameAgain() {
    assertThat(Experiment.run(7, 1).table()).isEqualTo(Experiment.run(7, 1).table());
  }
}
