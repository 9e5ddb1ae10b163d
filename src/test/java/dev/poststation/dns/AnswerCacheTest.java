package dev.poststation.dns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.sim.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

class AnswerCacheTest {
  private final AnswerCache cache = new AnswerCache(new ManualTime(), 100, 100_000);
  private final AtomicInteger asked = new AtomicInteger();

  private void find(int number) {
    find(number, new Resolver.Answer.NoName<>());
  }

  private void find(int number, Resolver.Answer<Record> answer) {
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
          return new Finding(answer, Duration.ofHours(1), false, question.name());
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

  /// Texts of so many octets.
  private static Resolver.Answer<Record> texts(int octets) {
    List<Record> records = new ArrayList<>();
    for (int left = octets; left > 0; left -= 200) {
      records.add(new TXTRecord(Name.root, DClass.IN, 3600, "x".repeat(200)));
    }
    return new Resolver.Answer.Found<>(records);
  }

  @Test
  void ofLargeAnswersAsManyAreKeptAsTheBudgetHasOctets() {
    for (int i = 0; i < 50; i++) {
      find(i, texts(4_000));
    }
    assertThat(asked).hasValue(50);
    for (int i = 49; i >= 45; i--) {
      find(i, texts(4_000)); // The last ones are known.
    }
    assertThat(asked).hasValue(50);
    find(40, texts(4_000)); // One of them takes 14 kB: ten would be more than there is room for.
    assertThat(asked).hasValue(51);
  }

  @Test
  void anAnswerThatIsLargerThanAnyoneNeedsIsNotKeptAndDrivesNoOtherOut() {
    find(1);
    find(2, texts(20_000));
    find(2, texts(20_000));
    assertThat(asked).hasValue(3);
    find(1);
    assertThat(asked).hasValue(3);
  }

  @Test
  void whatIsForgottenLeavesItsRoomToOthers() {
    for (int i = 0; i < 500; i++) {
      find(i, texts(4_000));
      find(i % 7, new Resolver.Answer.NoRecord<>());
    }
    int before = asked.get();
    find(499, texts(4_000));
    find(498, texts(4_000));
    assertThat(asked).hasValue(before);
  }
}
