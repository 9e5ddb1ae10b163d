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
import dev.poststation.spool.Placement;
import dev.poststation.spool.SpoolException;
import java.io.ByteArrayOutputStream;
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
    public void held(QueueId id, Placement place) {
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

  private Mail stored(String content, int piece) throws IOException {
    byte[] octets = content.getBytes(StandardCharsets.US_ASCII);
    try (var arrival = intake.begin(TraceHeaderTest.anySubmission())) {
      var scanner = new ContentScanner(arrival);
      for (int at = 0; at < octets.length; at += piece) {
        scanner.accept(octets, at, Math.min(piece, octets.length - at));
      }
      var queued = (Admission.Queued) arrival.commit(scanner.traits());
      return spool.load(queued.id()).orElseThrow().mail();
    }
  }

  private String content(Mail mail) throws IOException {
    var octets = new ByteArrayOutputStream();
    var content = spool.content(mail);
    for (int i = 0; i < content.chunks(); i++) {
      octets.writeBytes(content.chunk(i));
    }
    return octets.toString(StandardCharsets.US_ASCII);
  }

  /// Behind our Received it would end the header.
  @Test
  void theLineOfAMailboxFileBecomesAField() throws IOException {
    String mail = "From a@b Tue Nov 24 04:11:00 2026\r\nSubject: x\r\n\r\ny\r\n";
    for (int piece : new int[] {1, 2, 5, 1000}) {
      var stored = stored(mail, piece);
      assertThat(content(stored)).isEqualTo("X-Mailbox-Line: " + mail);
      assertThat(stored.envelope().traits().size()).isEqualTo(mail.length() + 16);
      assertThat(new String(stored.trace(), StandardCharsets.US_ASCII)).doesNotEndWith("\r\n\r\n");
    }
  }

  @Test
  void whatOnlyLooksLikeTheLineOfAMailboxFileStays() throws IOException {
    for (String mail :
        List.of(
            "From: a@b\r\n\r\ny\r\n",
            "From : a@b\r\n\r\ny\r\n",
            "From \t : a@b\r\n\r\ny\r\n",
            "From" + " ".repeat(60) + ": a@b\r\n\r\ny\r\n",
            "From" + " ".repeat(500) + ": a@b\r\n\r\ny\r\n",
            "Fro",
            "From",
            "From ",
            "",
            ">From a\r\n",
            "Fromage: x\r\n\r\n")) {
      var stored = stored(mail, 1);
      assertThat(content(stored)).isEqualTo(mail);
      assertThat(stored.envelope().traits().size()).isEqualTo(mail.length());
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
