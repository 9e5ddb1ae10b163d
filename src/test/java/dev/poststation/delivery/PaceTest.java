package dev.poststation.delivery;

import static dev.poststation.delivery.Play.brief;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Hours;
import dev.poststation.config.Line;
import dev.poststation.sim.ManualTime;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// `bandwidth` of a connector.
class PaceTest {
  private static final List<Hours> ALWAYS = List.of();
  private static final String[] MAIL = {
    "C: MAIL FROM:<alice@example.com>",
    "S: 250 ok",
    "C: RCPT TO:<bob@example.net>",
    "S: 250 ok",
    "C: DATA",
    "S: 354 go",
    "C: <content>",
    "S: 250 ok"
  };

  private final Play play = new Play();

  private Duration sent(Line line, int octets) {
    play.via.line = line;
    var conversation = play.open("", MAIL);
    long before = play.time.nanos();
    String content = "Subject: plan\r\n\r\n" + "0123456789\r\n".repeat(octets / 12);
    var result = conversation.send(new Sample.Letter().content(content).order());
    assertThat(brief(result)).containsExactly("Delivered 2.0.0");
    return Duration.ofNanos(play.time.nanos() - before);
  }

  @Test
  void aMailTakesAsLongAsTheBandwidthSays() {
    // A second's worth goes at a stroke.
    assertThat(sent(new Line(125_000, ALWAYS, 0, 0), 1_250_000))
        .isBetween(Duration.ofSeconds(9), Duration.ofSeconds(10));
    assertThat(play.peer().writes()).allMatch(write -> write <= 16 * 1024);
  }

  /// The limit is for next hops that dawdle.
  @Test
  void theTimeThatAMailMayTakeIsNotUsedUpByWaiting() {
    var most = Sample.LIMITS.transactionTime();
    int octets = (int) (2 * most.toSeconds() * 125);
    assertThat(sent(new Line(125, ALWAYS, 0, 0), octets)).isGreaterThan(most);
  }

  @Test
  void whereOnlyLargeMailIsMeantOtherMailIsNotSlowedDown() {
    assertThat(sent(new Line(125, ALWAYS, 100_000, 0), 90_000)).isZero();
  }

  @Test
  void overAllConnectionsNoMoreGoesThanTheBandwidthAndASecondsWorth() throws Exception {
    var time = new ManualTime();
    var pace = new Pace(time, 100_000);
    long octets = 0;
    for (int i = 0; i < 1000; i++) {
      pace.take(pace.piece(), i % 3 == 0);
      octets += pace.piece();
      double seconds = time.nanos() / 1e9;
      assertThat(octets).isLessThanOrEqualTo((long) (100_000 * (seconds + 1)) + 1);
    }
    assertThat(time.nanos() / 1e9).isBetween(octets / 100_000.0 - 1.01, octets / 100_000.0);
  }

  @Test
  void aReloadThatLeavesTheBandwidthLeavesThePace() {
    var time = new ManualTime();
    var paces = new Pace.Book(time);
    play.via.line = new Line(1000, ALWAYS, 0, 0);
    var pace = paces.of(play.via.connector());
    assertThat(paces.of(play.via.connector())).isSameAs(pace);
    play.via.line = new Line(2000, ALWAYS, 0, 0);
    assertThat(paces.of(play.via.connector())).isNotSameAs(pace);
    play.via.line = Line.FREE;
    assertThat(paces.of(play.via.connector())).isNull();
  }
}
