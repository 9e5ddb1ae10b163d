package dev.poststation.os;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class PermitsTest {
  private static final long MINUTE = 60_000_000_000L;

  private static final Set<Thread.State> WAITS =
      EnumSet.of(Thread.State.WAITING, Thread.State.TIMED_WAITING);

  private final Os os = Os.real();
  private final Time time = os.time();

  @Test
  void whoWaitsGetsWhatIsGivenBack() {
    var permits = new Permits(1);
    assertThat(permits.takeUntil(time.nanos() + MINUTE, time)).isTrue();
    var other = new CompletableFuture<Boolean>();
    var thread =
        os.tasks()
            .virtual("other", () -> other.complete(permits.takeUntil(time.nanos() + MINUTE, time)));
    eventually("it waits", () -> WAITS.contains(thread.getState()));
    permits.give();
    assertThat(other.join()).isTrue();
    assertThat(permits.takeUntil(time.nanos(), time)).isFalse();
  }

  @Test
  void whoHasGoneGetsNothing() {
    var permits = new Permits(1);
    assertThat(permits.takeUntil(time.nanos(), time)).isTrue();
    assertThat(permits.takeUntil(time.nanos(), time)).isFalse();
    permits.give();
    assertThat(permits.takeUntil(time.nanos(), time)).isTrue();
  }
}
