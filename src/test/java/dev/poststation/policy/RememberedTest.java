package dev.poststation.policy;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.os.Os;
import dev.poststation.sim.SimTime;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RememberedTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  private final AtomicInteger asked = new AtomicInteger();
  private final CountDownLatch answer = new CountDownLatch(1);

  private static Optional<Integer> length(String key) {
    return Optional.of(key.length());
  }

  private Optional<Integer> slow(String key) {
    asked.incrementAndGet();
    try {
      if (!answer.await(20, TimeUnit.SECONDS)) {
        throw new AssertionError("nobody let it answer");
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return length(key);
  }

  @Test
  void whoMustNotWaitIsToldThatNothingIsKnownYet() {
    var names = new Remembered<String, Integer>("test", 10, Os.real(), this::slow);
    assertThat(names.now("abc")).isEmpty();
    assertThat(names.await("abc", Duration.ofMillis(1))).isEmpty();
    answer.countDown();
    assertThat(names.await("abc", LONG)).contains(3);
    assertThat(names.now("abc")).contains(3);
    assertThat(asked).hasValue(1);
  }

  @Test
  void aSlowAnswerHoldsUpNobodyWhoAsksForSomethingElse() {
    var names =
        new Remembered<String, Integer>(
            "test", 10, Os.real(), key -> key.equals("slow") ? slow(key) : length(key));
    assertThat(names.now("slow")).isEmpty();
    assertThat(names.await("quick", LONG)).contains(5);
    answer.countDown();
  }

  @Test
  void whatWasNotUsedForLongestIsForgotten() {
    var time = new SimTime();
    var real = Os.real();
    var names =
        new Remembered<String, Integer>(
            "test",
            2,
            new Os(time, real.network(), real.tasks(), real.chance(), real.disk()),
            key -> {
              asked.incrementAndGet();
              return length(key);
            });
    for (String key : new String[] {"a", "bb", "a", "ccc"}) {
      names.await(key, LONG);
      time.advance(Duration.ofSeconds(2));
    }
    assertThat(asked).hasValue(3);
    names.await("a", LONG);
    assertThat(asked).hasValue(3);
    names.await("bb", LONG);
    assertThat(asked).hasValue(4);
  }

  @Test
  void notMoreIsAskedAtOnceThanAllowed() {
    var names = new Remembered<String, Integer>("test", 1000, Os.real(), this::slow);
    for (int i = 0; i < 500; i++) {
      names.now("key" + i);
    }
    eventually("all that may are asking", () -> asked.get() == 200);
    answer.countDown();
    eventually("the others have their turn", () -> names.await("key499", LONG).isPresent());
  }

  @Test
  void whoDidNotAnswerIsLeftAloneForAWhile() {
    var names =
        new Remembered<String, Integer>(
            "test",
            10,
            Os.real(),
            _ -> {
              asked.incrementAndGet();
              return Optional.empty();
            });
    assertThat(names.await("abc", LONG)).isEmpty();
    assertThat(names.await("abc", LONG)).isEmpty();
    assertThat(asked).hasValue(1);
  }
}
