package dev.poststation.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.delivery.Diagnosis;
import dev.poststation.message.Outcome;
import dev.poststation.message.QueueId;
import dev.poststation.smtp.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a destination teaches by "too many".
class RestraintTest {
  private static final String NEXT = "example.net";

  private static final Outcome TOO_MANY =
      deferred(Outcome.Stage.MAIL, Reply.of(421, "4.7.0", "too many connections from you"));

  private final Restraint restraint = new Restraint();

  private static Outcome deferred(Outcome.Stage stage, Reply reply) {
    return Diagnosis.meaning(stage, reply);
  }

  private static long after(Duration time) {
    return time.toNanos();
  }

  @Test
  void itHasHalfOfTheConnectionsThenAndOneMoreAfterEachQuietWhile() {
    assertThat(restraint.limit(20, 0)).isEqualTo(20);
    assertThat(restraint.said(20, 8, "421 too many", 0)).isZero();
    assertThat(restraint.limit(20, 0)).isEqualTo(4);
    assertThat(restraint.words(20, 0)).isEqualTo("421 too many");
    assertThat(restraint.limit(20, after(Restraint.RECOVERY.multipliedBy(3)))).isEqualTo(7);
    assertThat(restraint.limit(20, after(Restraint.RECOVERY.multipliedBy(16)))).isEqualTo(20);
    assertThat(restraint.words(20, after(Restraint.RECOVERY.multipliedBy(16)))).isEmpty();
  }

  @Test
  void whatAllConnectionsHearAtOnceIsSaidOnce() {
    restraint.said(20, 8, "421", 0);
    for (int i = 0; i < 7; i++) {
      restraint.said(20, 8 - i, "421", after(Duration.ofSeconds(i)));
    }
    assertThat(restraint.limit(20, after(Duration.ofSeconds(9)))).isEqualTo(4);
    restraint.said(20, 4, "421", after(Restraint.ECHO));
    assertThat(restraint.limit(20, after(Restraint.ECHO))).isEqualTo(2);
  }

  @Test
  void whereOneConnectionIsTooManyItIsLeftAloneLongerEachTimeButNeverForLong() {
    long now = 0;
    List<Duration> pauses = new ArrayList<>();
    restraint.said(20, 2, "421", now);
    for (int i = 0; i < 8; i++) {
      now += after(Duration.ofMinutes(1));
      pauses.add(restraint.said(20, 1, "421", now));
    }
    assertThat(pauses.subList(0, 3))
        .containsExactly(Restraint.PAUSE, Duration.ofSeconds(60), Duration.ofSeconds(120));
    assertThat(pauses.getLast()).isEqualTo(Duration.ofMinutes(15));
    assertThat(restraint.limit(20, now)).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "MAIL | 421 | 4.7.0   | too many connections         | true",
        "END  | 450 | 4.7.1   | rate limit exceeded          | true",
        "MAIL | 451 | 4.7.500 | Server busy                  | true",
        "RCPT | 452 | 4.5.3   | too many recipients          | false",
        "RCPT | 450 | 4.2.1   | receiving mail too quickly   | false",
        "RCPT | 451 | 4.7.1   | Greylisted                   | false",
        "MAIL | 421 | 4.3.2   | going down                   | false",
        "MAIL | 450 |         | too many messages            | true",
        "RCPT | 450 |         | too many messages from you   | true",
        "END  | 451 |         | rate limit exceeded          | true",
        "RCPT | 450 | 4.2.1   | Peak SMTP relay limit exceeded for customer | true",
        "RCPT | 450 |         | Mail send limit exceeded     | true",
        "RCPT | 450 |         | user is receiving mail at a rate that prevents more | false",
        "RCPT | 450 | 4.2.0   | too many messages for it     | false",
        "RCPT | 450 |         | Greylisted                   | false",
        "RCPT | 450 |         | come back                    | false",
      })
  void onlyAWordAboutUsCounts(
      Outcome.Stage stage, int code, @Nullable String status, String text, boolean counts) {
    var reply = status == null ? Reply.plain(code, text) : Reply.of(code, status, text);
    var outcome = deferred(stage, reply);
    assertThat(Restraint.heard(Arrays.asList(null, Scenario.OK, outcome)) != null)
        .isEqualTo(counts);
  }

  /// A host that takes two connections and says so to all others, in the very moment.
  @Test
  void aHostThatTakesTwoConnectionsSoonGetsNoMoreAndAllMailArrives() {
    try (var scenario = new Scenario()) {
      var loaded = new CountDownLatch(1);
      scenario.duringSend = () -> QueueTest.await(loaded);
      scenario.answer = (_, _) -> scenario.concurrent.get() > 2 ? TOO_MANY : Scenario.OK;
      List<QueueId> ids = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        ids.add(scenario.accept("lan", "user" + i + "@" + NEXT));
      }
      scenario.eventually("five at once", () -> scenario.concurrent.get() == 5);
      loaded.countDown();
      scenario.eventually("all arrived", () -> ids.stream().allMatch(scenario::removed));

      assertThat(scenario.sent).hasSize(40);
      assertThat(scenario.told).isEmpty();
      long refused =
          ids.stream()
              .flatMap(id -> scenario.attempts(id).stream())
              .filter(each -> each.status().equals("deferred") && each.attempt() > 0)
              .count();
      assertThat(refused).as("those that were on their way when it said so").isBetween(1L, 10L);
    }
  }

  @Test
  void whileOneConnectionIsTooManyMailWaitsUntriedAndGoesWhenThatIsOver() {
    try (var scenario = new Scenario()) {
      scenario.answer = (_, _) -> TOO_MANY;
      var first = scenario.accept("lan", "anna@" + NEXT);
      scenario.eventually("refused", () -> !scenario.attempts(first).isEmpty());
      scenario.eventually(
          "left alone",
          () ->
              scenario.queue.load().destinations().stream()
                  .anyMatch(view -> view.setAsideUntil() != null));
      var view = scenario.queue.load().destinations().getFirst();
      assertThat(view.limitedBy()).contains("too many connections");
      var second = scenario.accept("lan", "bert@" + NEXT);
      scenario.eventually("it waits", () -> !scenario.attempts(second).isEmpty());
      assertThat(scenario.attempts(second).getFirst().attempt()).isZero();
      assertThat(scenario.attempts(second).getFirst().text()).contains("too many connections");

      scenario.answer = (_, _) -> Scenario.OK;
      scenario.eventually("it went", () -> scenario.removed(second));
      assertThat(scenario.attempts(second).getLast().status()).isEqualTo("sent");
      scenario.eventually("the first, too", () -> scenario.removed(first));
    }
  }
}
