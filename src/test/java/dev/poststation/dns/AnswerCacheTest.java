package dev.poststation.dns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.sim.ManualTime;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Name;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

class AnswerCacheTest {
  private final AnswerCache cache = new AnswerCache(new ManualTime(), 100);
  private final AtomicInteger asked = new AtomicInteger();

  private void find(int number) {
    Question question;
    try {
      question = new Question(Name.fromString("d" + number + ".test."), Type.MX);
    } catch (TextParseException e) {
      throw new AssertionError(e);
    }
    cache.find(
        question,
        Duration.ofDays(1),
        _ -> {
          asked.incrementAndGet();
          return new Finding(
              new Resolver.Answer.NoName<>(), Duration.ofHours(1), false, question.name());
        });
  }

  @Test
  void ofAFloodOfQuestionsNoMoreAnswersAreKeptThanFit() {
    for (int i = 0; i < 10_000; i++) {
      find(i);
    }
    assertThat(asked).hasValue(10_000);
    for (int i = 9_999; i >= 9_900; i--) {
      find(i); // The last hundred are known.
    }
    assertThat(asked).hasValue(10_000);
    find(9_899); // The one before them is not.
    assertThat(asked).hasValue(10_001);
  }
}
