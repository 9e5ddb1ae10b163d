package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.bounce.NoticeRate;
import dev.poststation.bounce.NoticeRequest;
import dev.poststation.bounce.Notices;
import dev.poststation.config.BounceSettings;
import dev.poststation.message.Content;
import dev.poststation.message.Envelope;
import dev.poststation.message.Mail;
import dev.poststation.sim.PickedChance;
import dev.poststation.sim.RecordingJournal;
import dev.poststation.smtp.Address;
import dev.poststation.spool.Placement;
import dev.poststation.spool.Settlement;
import dev.poststation.spool.SpoolException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Who is told what, and when.
class InformingTest {
  private static final int PER_HOUR = 2;

  private final Scenario scenario = new Scenario();
  private final LostCopies lostCopies = new LostCopies(scenario.time);
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
      return new Informing(
          notices,
          rate,
          new RecordingJournal(),
          scenario.spool::nextId,
          _ -> Optional.empty(),
          lostCopies);
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

  @Test
  void aJournalReportThatIsNotTakenGoesToTheOtherMailboxOnceAndElseIsHeld() throws SpoolException {
    var first = new Address("journal", "archive.test");
    var other = new Address("other", "archive.test");
    var alternates =
        new Alternates(
            it -> Optional.of(it.isSameMailbox(first) ? other : first), // Each the other's.
            new RecordingJournal(),
            scenario.spool::nextId);
    var mail = report(first);
    assertThat(alternates.holds(mail, mail.recipients().getFirst())).isFalse();
    var content = scenario.spool.content(mail);
    var copy = copied(alternates, mail, content);
    assertThat(copy.mail().recipients().getFirst().address()).isEqualTo(other);
    assertThat(copy.mail().envelope().source()).isEqualTo(Envelope.Source.JOURNAL);
    assertThat(copy.content()).hasSize((int) mail.envelope().traits().size());
    assertThat(alternates.holds(copy.mail(), copy.mail().recipients().getFirst())).isTrue();
  }

  @Test
  void aJournalReportIsTriedAsLongAsOtherMailThoughItHasNoSender() throws SpoolException {
    var settings = Scenario.settings(Duration.ofDays(5), Duration.ofHours(6), Duration.ZERO, 10);
    var report = report(new Address("journal", "archive.test")).envelope();
    assertThat(Settling.lifetime(settings, report)).isEqualTo(Duration.ofDays(5));
  }

  @Test
  void aJournalReportIsNotEndedWhenTheOtherMailboxIsTakenAwayMeanwhile() throws SpoolException {
    var mail = report(new Address("journal", "archive.test"));
    var timing = new ActiveMail.Timing(0, scenario.time.nanos());
    var active = new ActiveMail(mail, scenario.spool.content(mail), Placement.INCOMING, timing);
    var why = new NoticeRequest.Told(mail.recipients().getFirst(), Scenario.REFUSED, "none");
    var told = List.of(new Settling.Told(NoticeRequest.Kind.FAILED, why));
    var now = scenario.time.now();
    List<byte[]> trace = new ArrayList<>();
    assertThatThrownBy(() -> informing.notices(active, told, now, now, trace))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage("there is no alternate mailbox any more");
    assertThat(trace).isEmpty();
  }

  @Test
  void nobodyButTheAdministratorIsToldOfACopyThatAFilterDoesNotTake() throws SpoolException {
    var filter = new Address("learn", "filter.test");
    var mail = own(Envelope.Source.MIRROR, filter);
    var timing = new ActiveMail.Timing(0, scenario.time.nanos());
    var active = new ActiveMail(mail, scenario.spool.content(mail), Placement.INCOMING, timing);
    var why = new NoticeRequest.Told(mail.recipients().getFirst(), Scenario.REFUSED, "none");
    var now = scenario.time.now();
    List<byte[]> trace = new ArrayList<>();
    assertThat(informing.holds(mail, mail.recipients().getFirst())).isFalse();
    for (var kind : NoticeRequest.Kind.values()) {
      var told = List.of(new Settling.Told(kind, why));
      assertThat(informing.notices(active, told, now, now, trace)).isEmpty();
    }
    assertThat(trace).as("refused, and expired").hasSize(2);
    assertThat(lostCopies.concerns()).hasSize(1);
    assertThat(lostCopies.concerns().getFirst())
        .startsWith("the filter at learn@filter.test (use = mirror) did not take 2 copies since")
        .endsWith(Scenario.REFUSED.text());
    scenario.time.advance(Duration.ofHours(25));
    assertThat(lostCopies.concerns()).as("mended, as it seems").isEmpty();
  }

  private Settlement.Notice copied(Alternates alternates, Mail mail, Content content) {
    try {
      return alternates
          .copy(mail, content, mail.recipients().getFirst(), scenario.time.now())
          .orElseThrow();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Mail report(Address to) throws SpoolException {
    return own(Envelope.Source.JOURNAL, to);
  }

  private Mail own(Envelope.Source source, Address to) throws SpoolException {
    var mail = scenario.spool.load(scenario.accept("lan", to.toString())).orElseThrow().mail();
    var was = mail.envelope();
    var envelope =
        new Envelope(
            was.id(),
            was.arrived(),
            Address.NULL,
            was.body(),
            false,
            null,
            null,
            source,
            was.traits());
    return new Mail(envelope, mail.trace(), mail.chunks(), mail.recipients(), mail.states());
  }
}
