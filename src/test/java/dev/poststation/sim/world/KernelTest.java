package dev.poststation.sim.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class KernelTest {
  private static final Duration AN_HOUR = Duration.ofHours(1);

  private static List<String> story(long seed) {
    var kernel = new Kernel(new SplittableRandom(seed), false);
    var time = new WorldTime(kernel, kernel.group(), () -> Duration.ZERO);
    List<String> said = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      int number = i;
      kernel
          .group()
          .start(
              "t" + i,
              () -> {
                try {
                  for (int round = 0; round < 5; round++) {
                    said.add(number + " at " + kernel.nanos());
                    time.sleep(Duration.ofNanos(round));
                  }
                } catch (InterruptedException e) {
                  throw new AssertionError(e);
                }
              });
    }
    kernel.run(AN_HOUR);
    return said;
  }

  @Test
  void theSameSeedIsTheSameStoryAndAnotherOneAnother() {
    assertThat(story(1)).hasSize(25).isEqualTo(story(1)).isNotEqualTo(story(2));
  }

  @Test
  void timePassesOnlyWhenNobodyCanGoOn() {
    var kernel = new Kernel(new SplittableRandom(1), true);
    List<Long> seen = new ArrayList<>();
    kernel.after(Duration.ofMinutes(5), kernel.group(), () -> seen.add(kernel.nanos()));
    kernel
        .group()
        .start(
            "busy",
            () -> {
              for (int i = 0; i < 1000; i++) {
                Kernel.letOthersRun();
              }
              seen.add(kernel.nanos());
            });
    kernel.run(AN_HOUR);
    assertThat(seen).containsExactly(0L, Duration.ofMinutes(5).toNanos());
    assertThat(kernel.nanos()).isEqualTo(AN_HOUR.toNanos());
  }

  @Test
  void whoseProcessHasEndedNeverRunsAgainNotEvenToTidyUp() {
    var kernel = new Kernel(new SplittableRandom(1), true);
    var process = kernel.group();
    var time = new WorldTime(kernel, process, () -> Duration.ZERO);
    List<String> said = new ArrayList<>();
    process.start(
        "doomed",
        () -> {
          try {
            time.sleep(Duration.ofMinutes(2));
            said.add("woke up");
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          } finally {
            said.add("tidied up");
          }
        });
    kernel.after(Duration.ofMinutes(1), kernel.group(), process::end);
    kernel.run(AN_HOUR);
    assertThat(said).isEmpty();
  }

  @Test
  void whatAThreadDiesOfIsKept() {
    var kernel = new Kernel(new SplittableRandom(1), true);
    kernel
        .group()
        .start(
            "weak",
            () -> {
              throw new IllegalStateException("too much");
            });
    kernel.run(AN_HOUR);
    assertThat(kernel.failures()).singleElement().asString().contains("weak", "too much");
  }

  @Test
  void whoWaitsForAMonitorThatASleeperHoldsIsFoundOut() {
    var kernel = new Kernel(new SplittableRandom(1), true);
    var time = new WorldTime(kernel, kernel.group(), () -> Duration.ZERO);
    var monitor = new Object();
    Runnable sleepy =
        () -> {
          synchronized (monitor) {
            try {
              time.sleep(Duration.ofMinutes(1));
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          }
        };
    kernel.group().start("one", sleepy);
    kernel.group().start("other", sleepy);
    assertThatThrownBy(() -> kernel.run(AN_HOUR)).hasMessageContaining("other waits for a monitor");
  }
}
