package dev.poststation.spool;

import static dev.poststation.spool.Mails.bytes;
import static dev.poststation.spool.Mails.content;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.os.Os;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What was being written when the disk failed, and lost the counters at that.
class EvidenceTest extends DamagedSpool {
  private static final long BATCHES = 1000;
  private static final QueueId NEVER_WRITTEN = new QueueId(7);

  private final Doubts doubts = new Doubts();

  /// Loses the counters, as a damaged block does; decides what is in doubt by what is found.
  private List<Job> decide() throws Exception {
    Path young;
    try (var engine = engine()) {
      young = engine.tables(Engine.Family.RECORDS).getLast();
    }
    flip(young, 20.0 / Files.size(young)); // They are the first that a table has.
    var opening = new Opening(Os.real(), data, LocalSpoolTest.SETTINGS, LocalSpoolTest.ENGINES);
    var opened = opening.open(true);
    try (var engine = opened.engine()) {
      assertThat(opened.tally().batch()).isGreaterThan(BATCHES);
      return doubts.decide(Evidence.in(engine, opened.tally().batch(), BATCHES), BATCHES + 1);
    }
  }

  private static Job.Commit commit(Mail mail) {
    var chunks = List.of(content(8_000, 1));
    return new Job.Commit(
        List.of(NewMail.of(mail, Placement.INCOMING, 0, chunks, List.of())), 1, new Ticket<>());
  }

  private static Job.Settle bounce(Mail mail, QueueId notice) {
    var written =
        new Settlement.Notice(Mails.of(notice, 1, 1, 1), bytes("n"), List.of(), new byte[0]);
    var settlement =
        new Settlement(mail, Placement.INCOMING, null, List.of(), List.of(written), List.of());
    return Job.Settle.of(settlement);
  }

  @Test
  void aMailThatWasRefusedAndIsThereIsUndone() throws Exception {
    fillTables();
    var there = commit(mails.getLast());
    doubts.add(900, there);
    doubts.add(900, commit(Mails.of(NEVER_WRITTEN, 8_000, 1, 1)));
    assertThat(decide()).containsExactly(new Job.Undo(there.mails()));
  }

  @Test
  void aNoticeThatIsThereIsNotWrittenTwice() throws Exception {
    fillTables();
    doubts.add(900, bounce(mails.get(1), mails.getLast().id()));
    var absent = bounce(mails.get(2), NEVER_WRITTEN);
    doubts.add(900, absent);
    assertThat(decide()).containsExactly(absent);
  }

  @Test
  void aMailThatIsGoneIsNotRemovedTwice() throws Exception {
    fillTables();
    Mail gone = Mails.of(NEVER_WRITTEN, 8_000, 1, 1);
    doubts.add(900, Job.Settle.of(Mails.removal(gone, Placement.INCOMING)));
    var still = Job.Settle.of(Mails.removal(mails.get(1), Placement.INCOMING));
    doubts.add(900, still);
    assertThat(decide()).containsExactly(still);
  }

  @Test
  void whatWasSetAsideIsNotSetAsideTwice() throws Exception {
    fillTables();
    flip(largest(".blob"), 0.5);
    try (var spool = open()) {
      for (Mail mail : mails) {
        try {
          Mails.read(spool.content(mail));
        } catch (SpoolException _) {
          doubts.add(900, new Job.SetAside(mail.id().value(), null, 0, "there"));
        }
      }
    }
    open().close(); // Now a table older than the youngest tells of it.
    var absent = new Job.SetAside(mails.get(1).id().value(), null, 0, "not there");
    doubts.add(900, absent);
    assertThat(decide()).containsExactly(absent);
  }
}
