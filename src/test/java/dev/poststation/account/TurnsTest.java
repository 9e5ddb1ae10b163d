package dev.poststation.account;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.os.Os;
import dev.poststation.sim.SimTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TurnsTest {
  private static final long LATER = Duration.ofSeconds(4).toNanos();

  private final SimTime time = new SimTime();
  private final Turns turns = new Turns(time);
  private final ConcurrentLinkedQueue<Turns.Turn> all = new ConcurrentLinkedQueue<>();

  private Turns.Turn enter(String address, String user) {
    var turn = turns.enter(List.of("from " + address, "as " + user), 2, LATER);
    all.add(turn);
    return turn;
  }

  @AfterEach
  void nothingIsLeft() {
    all.forEach(Turns.Turn::over);
    assertThat(turns.size()).isZero();
  }

  @Test
  void soManyHaveOneOfAUserAndOfAnAddress() {
    assertThat(enter("here", "anna").had()).isTrue();
    assertThat(enter("there", "anna").had()).isTrue();
    assertThat(enter("elsewhere", "anna").had()).as("a third one of anna").isFalse();
    assertThat(enter("here", "berta").had()).isTrue();
    assertThat(enter("here", "carla").had()).as("a third one from here").isFalse();
    assertThat(enter("elsewhere", "carla").had()).isTrue();
  }

  /// Who waits for one thing keeps nobody from another.
  @Test
  void whoHasWaitedLongestOfThoseWhoCanHaveOneIsNext() {
    var first = enter("here", "anna");
    var second = enter("there", "anna");
    var third = enter("here", "anna");
    var fourth = enter("elsewhere", "anna");
    var fifth = enter("elsewhere", "anna");
    assertThat(enter("here", "berta").had()).as("one was left").isTrue();
    time.advance(Duration.ofSeconds(1));
    second.over();
    assertThat(third.had()).as("all of its address are taken").isFalse();
    assertThat(fourth.had()).isTrue();
    assertThat(fourth.await()).isEqualTo(Duration.ofSeconds(1).toNanos());
    first.over();
    assertThat(third.had()).isTrue();
    assertThat(fifth.had()).isFalse();
  }

  @Test
  void whoLeavesTheLineHasNoTurn() {
    var first = enter("here", "anna");
    enter("here", "anna");
    var third = enter("here", "anna");
    var fourth = enter("here", "anna");
    third.over();
    first.over();
    first.over();
    assertThat(third.had()).isFalse();
    assertThat(fourth.had()).isTrue();
    assertThat(enter("here", "anna").had()).as("one was given back").isFalse();
  }

  @Test
  void nobodyWaitsForEver() {
    var first = enter("here", "anna");
    enter("here", "berta");
    var third = enter("here", "carla");
    var waited = new ConcurrentLinkedQueue<Boolean>();
    Os.real().tasks().virtual("waits", () -> waited.add(third.await() != null));
    eventually("it waits", () -> time.sleepers() == 1);
    time.advance(Duration.ofSeconds(4));
    eventually("it has waited enough", () -> waited.contains(false));
    first.over();
    assertThat(third.had()).isFalse();
  }

  /// He has not noticed yet that his time is over: nobody else waits for one whom nobody asks.
  @Test
  void noTurnComesTooLate() {
    var first = enter("here", "anna");
    enter("here", "berta");
    var third = enter("here", "carla");
    time.advance(Duration.ofSeconds(5));
    first.over();
    assertThat(third.had()).isFalse();
    assertThat(third.await()).isNull();
    var fourth = turns.enter(List.of("from here"), 2, 2 * LATER);
    all.add(fourth);
    assertThat(fourth.had()).as("it is left").isTrue();
  }

  @Test
  void whoNeedsNoneWaitsNoLonger() {
    var first = enter("here", "anna");
    enter("here", "berta");
    var third = enter("here", "carla");
    third.needless();
    assertThat(third.await()).isNull();
    first.over();
    assertThat(third.had()).as("he has left the line").isFalse();
  }
}
