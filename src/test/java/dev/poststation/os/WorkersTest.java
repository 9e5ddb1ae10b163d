package dev.poststation.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WorkersTest {
  private final Workers workers = new Workers(Os.real().tasks(), "test", 2, 3);

  @Test
  void workIsDoneOnThreadsOfTheirOwn() throws Exception {
    var asked = new FutureTask<>(() -> workers.ask(() -> Thread.currentThread().isVirtual()));
    Thread.ofVirtual().start(asked);
    assertThat(asked.get(20, TimeUnit.SECONDS)).contains(false);
  }

  @Test
  void whatTheWorkThrowsReachesTheOneWhoAsked() throws Exception {
    assertThatThrownBy(
            () ->
                workers.ask(
                    () -> {
                      throw new IOException("gone");
                    }))
        .isInstanceOf(ExecutionException.class)
        .hasRootCauseMessage("gone");
    assertThat(workers.ask(() -> 1)).contains(1);
  }

  @Test
  void theThreadsEndBehindWhatWaits() throws Exception {
    var thread = workers.ask(Thread::currentThread).orElseThrow();
    workers.close();
    thread.join();
    assertThat(thread.isAlive()).isFalse();
  }

  /// Two at work and three that wait: the sixth hears at once that there is no room.
  @Test
  void tooMuchWorkIsRefused() throws Exception {
    var begun = new CountDownLatch(2);
    var released = new CountDownLatch(1);
    List<FutureTask<Optional<Integer>>> asked = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      int number = i;
      var task =
          new FutureTask<>(
              () ->
                  workers.ask(
                      () -> {
                        begun.countDown();
                        released.await();
                        return number;
                      }));
      asked.add(task);
      Thread.ofVirtual().start(task);
      if (i == 1) {
        assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
      }
    }
    // The three get into the queue in their own time; then there is no room.
    var refused = new FutureTask<>(this::untilRefused);
    Thread.ofVirtual().start(refused);
    assertThat(refused.get(20, TimeUnit.SECONDS)).isEmpty();
    released.countDown();
    for (var task : asked) {
      task.get(20, TimeUnit.SECONDS);
    }
  }

  /// Who waits in vain goes on, and what nobody waits for any more is not begun.
  @Test
  void workThatTakesTooLongIsNotWaitedFor() throws Exception {
    var one = new Workers(Os.real().tasks(), "test", 1, 3);
    var begun = new CountDownLatch(1);
    var released = new CountDownLatch(1);
    while (begun.getCount() > 0) {
      // On a busy machine it may not have begun by then.
      assertThatThrownBy(
              () ->
                  one.ask(
                      () -> {
                        begun.countDown();
                        released.await();
                        return 1;
                      },
                      Duration.ofMillis(50)))
          .isInstanceOf(TimeoutException.class);
    }
    assertThatThrownBy(() -> one.ask(() -> 2, Duration.ofMillis(50)))
        .isInstanceOf(TimeoutException.class);
    assertThat(one.waiting()).isZero();
    released.countDown();
    assertThat(one.ask(() -> 3, Duration.ofSeconds(20))).contains(3);
  }

  private Optional<Integer> untilRefused() throws Exception {
    while (workers.waiting() < 3) {
      Thread.onSpinWait();
    }
    return workers.ask(() -> 6);
  }
}
