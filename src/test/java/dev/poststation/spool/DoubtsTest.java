package dev.poststation.spool;

import static dev.poststation.spool.Mails.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.QueueId;
import java.util.List;
import org.junit.jupiter.api.Test;

class DoubtsTest {
  private final Doubts doubts = new Doubts();
  private final Job.Settle bounce = bounce();

  private static Job.Settle bounce() {
    var mail = Mails.of(new QueueId(1), 1, 1, 1);
    var notice =
        new Settlement.Notice(
            Mails.of(new QueueId(2), 1, 1, 1), bytes("n"), List.of(), new byte[0]);
    return Job.Settle.of(
        new Settlement(
            mail, Placement.INCOMING, Placement.INCOMING, List.of(), List.of(notice), List.of()));
  }

  @Test
  void aSettlementIsWrittenAgainUntilItIsThereAndNotAfterwards() throws Exception {
    doubts.add(5, bounce);
    assertThat(doubts.decide(Evidence.upTo(4), 6)).containsExactly(bounce);
    assertThat(doubts.decide(Evidence.upTo(5), 7)).containsExactly(bounce);
    assertThat(doubts.decide(Evidence.upTo(7), 8)).isEmpty();
    assertThat(doubts.decide(Evidence.upTo(8), 9)).isEmpty();
  }

  /// What belongs together may be found in parts when the counters are lost, and the mails are
  /// asked instead.
  @Test
  void theEndOfANoticeIsWrittenAgainWithTheNotice() throws Exception {
    var end = Job.Settle.of(Mails.removal(Mails.of(new QueueId(2), 1, 1, 1), Placement.INCOMING));
    doubts.add(5, bounce);
    doubts.add(5, end);
    assertThat(doubts.decide((_, job) -> job.equals(end), 6)).containsExactly(bounce, end);
  }
}
