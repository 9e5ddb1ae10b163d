package dev.poststation.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class FairTurnsTest {
  private final FairTurns<String> turns = new FairTurns<>();

  private List<String> poll(int count) {
    List<String> polled = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      polled.add(Objects.requireNonNull(turns.poll()));
    }
    return polled;
  }

  @Test
  void aNewsletterDoesNotDelayTheSingleMailOfAnotherClient() {
    for (int i = 0; i < 100_000; i++) {
      turns.add("newsletter", 1, "n" + i);
    }
    poll(5000);
    turns.add("lan", 1, "urgent");

    assertThat(poll(21)).contains("urgent");
  }

  @Test
  void whatIsTakenOutTakesNobodysTurn() {
    for (String job : List.of("l1", "l2", "l3", "n1", "n2", "o1")) {
      turns.add(job.substring(0, 1), 20, job);
    }
    assertThat(turns.takeOut(job -> job.endsWith("1"))).containsExactly("l1", "n1", "o1");
    assertThat(turns.size()).isEqualTo(3);
    assertThat(turns.takeOut(job -> job.equals("none"))).isEmpty();
    turns.add("o", 20, "o2");
    assertThat(poll(4)).containsExactly("l2", "n2", "o2", "l3");
    assertThat(turns.poll()).isNull();
  }

  @Test
  void aJobCostsAsManyTurnsAsItHasRecipients() {
    for (int i = 0; i < 50; i++) {
      turns.add("lists", 100, "list");
    }
    for (int i = 0; i < 5000; i++) {
      turns.add("lan", 1, "single");
    }
    int lists = 0;
    int singles = 0;
    while (lists < 2000) {
      if ("list".equals(turns.poll())) {
        lists += 100;
      } else {
        singles++;
      }
    }

    assertThat(singles).isBetween(1800, 2200);
  }

  @Test
  void whatOneClientSendsStaysInItsOrderAndWhatIsPutBackComesFirst() {
    turns.add("lan", 1, "one");
    turns.add("lan", 1, "two");
    turns.add("lan", 1, "three");
    assertThat(poll(1)).containsExactly("one");
    turns.putBack("lan", 1, "one");

    assertThat(turns.size()).isEqualTo(3);
    assertThat(turns.drain()).containsExactly("one", "two", "three");
    assertThat(turns.size()).isZero();
    assertThat(turns.poll()).isNull();
  }

  @Test
  void nobodyIsForgottenAmongManyClients() {
    for (int i = 0; i < 1000; i++) {
      turns.add("client" + i % 37, 1 + i % 50, "job" + i);
    }

    assertThat(turns.drain()).hasSize(1000).doesNotHaveDuplicates();
  }
}
