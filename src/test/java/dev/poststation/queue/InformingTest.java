package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.bounce.NoticeRate;
import dev.poststation.bounce.NoticeRequest;
import dev.poststation.bounce.Notices;
import dev.poststation.config.BounceSettings;
import dev.poststation.sim.PickedChance;
import dev.poststation.sim.RecordingJournal;
import dev.poststation.spool.Placement;
import dev.poststation.spool.Settlement;
import dev.poststation.spool.SpoolException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Who is told what, and when.
class InformingTest {
  private static final int PER_HOUR = 2;

  private final Scenario scenario = new Scenario();
  private Informing informing = informing();

  InformingTest() {
    scenario.queue.drain(); // Only its mail is wanted.
  }

  private Informing informing() {
    try {
      var notices =
          new Notices(
              "relay.example.com", new BounceSettings(false, 1000, PER_HOUR), new PickedChance());
      var rate = new NoticeRate(PER_HOUR, scenario.spool.pace());
      return new Informing(notices, rate, new RecordingJournal(), scenario.spool::nextId);
    } catch (SpoolException e) {
      throw new AssertionError(e);
    }
  }

  /// Bounces a mail.
  ///
  /// @return when the notice may leave
  private Instant bounce() throws SpoolException {
    var id = scenario.accept("lan", "nobody@example.net");
    var mail = scenario.spool.load(id).orElseThrow().mail();
    var timing = new ActiveMail.Timing(0, scenario.time.nanos());
    var active = new ActiveMail(mail, scenario.spool.content(mail), Placement.INCOMING, timing);
    var why = new NoticeRequest.Told(mail.recipients().getFirst(), Scenario.REFUSED, "none");
    var now = scenario.time.now();
    var notices =
        informing.notices(
            active,
            List.of(new Settling.Told(NoticeRequest.Kind.FAILED, why)),
            now,
            now,
            new ArrayList<>());
    scenario.spool.settle(
        new Settlement(mail, Placement.INCOMING, null, List.of(), notices, List.of()));
    return notices.getFirst().mail().states().getFirst().due();
  }

  @Test
  void aNoticeThatWaitsForItsPlaceWaitsThroughAStartAndAReload() throws SpoolException {
    for (int i = 0; i < 4 * PER_HOUR; i++) {
      bounce();
    }
    scenario.restart();
    eventually("those that may leave", () -> scenario.sent.size() >= PER_HOUR);
    int before = scenario.spool.reads("deferred");
    scenario.queue.redirect(scenario.directions());
    eventually("looked", () -> scenario.spool.reads("deferred") > before);
    eventually("at rest", scenario::atRest);
    assertThat(scenario.sent).hasSize(PER_HOUR);
    scenario.time.advance(Duration.ofMinutes(61));
    eventually("the next", () -> scenario.sent.size() > PER_HOUR);
    eventually("at rest", scenario::atRest);
    assertThat(scenario.sent).hasSizeLessThan(4 * PER_HOUR);
    scenario.queue.drain();
  }

  @Test
  void aRestartDoesNotGiveAPlaceTwice() throws SpoolException {
    Instant last = Instant.EPOCH;
    for (int i = 0; i < 3 * PER_HOUR; i++) {
      last = bounce();
    }
    assertThat(last).isEqualTo(scenario.time.now().plus(Duration.ofHours(2)));
    scenario.spool = scenario.spool.restarted();
    informing = informing();
    assertThat(bounce()).isAfterOrEqualTo(last.plus(Duration.ofHours(1)));
  }
}
