package dev.poststation.spool;

import static dev.poststation.spool.Mails.delivered;
import static dev.poststation.spool.Mails.move;
import static dev.poststation.spool.Mails.removal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.QueueId;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchTest {
  @TempDir Path data;

  @Test
  void aRemovalThatFailedDeletesTheSameWhenItIsWrittenAgain() throws Exception {
    try (var engine = LocalSpoolTest.ENGINES.open(data.resolve("spool"), Engines.Care.STRICT);
        var batch = new Batch(Set.of(), engine)) {
      var mail = Mails.of(new QueueId(1), 1, 1, 2);
      batch.begin(engine, 1, 1);
      batch.add(settle(move(mail, Placement.INCOMING, Placement.INCOMING, delivered(0))));
      batch.finished(1);
      batch.synced();
      int first = removalOf(engine, batch, settle(removal(mail, Placement.INCOMING)));
      assertThat(removalOf(engine, batch, settle(removal(mail, Placement.INCOMING))))
          .isEqualTo(first);
      batch.synced();
      assertThat(removalOf(engine, batch, settle(removal(mail, Placement.INCOMING))))
          .isEqualTo(first - 2);
    }
  }

  private static int removalOf(Engine engine, Batch batch, Job removal) throws Exception {
    batch.begin(engine, 2, 1);
    batch.add(removal);
    return batch.finished(1).count();
  }

  private static Job settle(Settlement settlement) {
    return Job.Settle.of(settlement);
  }
}
