package dev.poststation.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.log.Event;
import dev.poststation.log.Journal;
import dev.poststation.message.Content;
import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.sim.ManualTime;
import dev.poststation.sim.MemorySpool;
import dev.poststation.smtp.ContentScanner;
import dev.poststation.spool.SpoolException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The order in which things happen at the end of a content.
class ArrivalTest {
  private final MemorySpool spool = new MemorySpool(new ManualTime());
  private final List<String> steps = new ArrayList<>();
  private final Intake intake =
      new Intake(spool, new Journaling(), new Handing(), new ManualTime());

  private void step(String what, QueueId id) {
    try {
      steps.add(what + (spool.load(id).isPresent() ? " durable" : ""));
    } catch (SpoolException _) {
      steps.add(what);
    }
  }

  private final class Journaling implements Journal {
    @Override
    public void tell(Event event) {
      step("told", ((Event.Queued) event).id());
    }

    @Override
    public byte[] entry(Event event) {
      return "entry".getBytes(StandardCharsets.UTF_8);
    }
  }

  private final class Handing implements Handover {
    @Override
    public void announced(QueueId id) {
      step("announced", id);
    }

    @Override
    public void abandoned(QueueId id) {
      step("abandoned", id);
    }

    @Override
    public void held(QueueId id) {
      step("held", id);
    }

    @Override
    public void accepted(Mail mail, Content content, long intakeNanos) {
      step("accepted", mail.id());
    }
  }

  private Admission commit(SpoolException failure) throws IOException {
    byte[] octets = "Subject: x\r\n\r\ny\r\n".getBytes(StandardCharsets.US_ASCII);
    try (var arrival = intake.begin(TraceHeaderTest.anySubmission())) {
      var scanner = new ContentScanner(arrival);
      scanner.accept(octets, 0, octets.length);
      spool.failWith(failure);
      return arrival.commit(scanner.traits());
    } finally {
      spool.failWith(null);
    }
  }

  /// What the queue does with the mail must not stand in the log before the mail came.
  @Test
  void aMailIsSaidToBeQueuedWhenItIsDurableAndBeforeTheQueueHasIt() throws IOException {
    assertThat(commit(null)).isInstanceOf(Admission.Queued.class);
    assertThat(steps).containsExactly("announced", "told durable", "accepted durable");
  }

  @Test
  void theTraceEntryIsInTheBatchThatMakesItDurable() throws IOException {
    var queued = (Admission.Queued) commit(null);
    assertThat(spool.trace(queued.id())).containsExactly("entry".getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aMailThatTheDiskDoesNotTakeIsNotSaidToBeQueued() throws IOException {
    assertThat(commit(new SpoolException("no space", true))).isInstanceOf(Admission.Refused.class);
    assertThat(steps).containsExactly("announced", "abandoned");
  }
}
