package dev.poststation.spool;

import static dev.poststation.spool.Mails.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.message.QueueId;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DoubtsTest {
  private final SpoolException failed = new SpoolException("the disk fails", false);

  private final Doubts doubts = new Doubts();
  private final Ticket<Integer> ticket = new Ticket<>();
  private final Job.Settle bounce = bounce(ticket);

  private static Job.Settle bounce(@Nullable Ticket<Integer> ticket) {
    var mail = Mails.of(new QueueId(1), 1, 1, 1);
    var notice =
        new Settlement.Notice(
            Mails.of(new QueueId(2), 1, 1, 1), bytes("n"), List.of(), new byte[0]);
    var settlement =
        new Settlement(
            mail, Placement.INCOMING, Placement.INCOMING, List.of(), List.of(notice), List.of());
    return Job.Settle.of(settlement, ticket);
  }

  @Test
  void aSettlementThatWasRefusedAndIsThereIsNotWrittenAgain() throws Exception {
    doubts.add(5, bounce);
    doubts.refuseTickets(failed);
    assertThatThrownBy(ticket::await).hasMessageContaining("the disk fails");
    assertThat(doubts.decide(Evidence.upTo(5), 6)).isEmpty();
    assertThat(doubts.isThere(again(bounce))).isTrue();
    assertThat(doubts.isThere(again(bounce))).isFalse();
  }

  private static Job.Settle again(Job.Settle settle) {
    return Job.Settle.of(settle.settlement(), new Ticket<>());
  }

  @Test
  void aRemovalThatWasRefusedAndIsThereIsNotWrittenAgain() throws Exception {
    var mail = Mails.of(new QueueId(1), 1, 1, 1);
    var removal = Job.Settle.of(Mails.removal(mail, Placement.INCOMING), ticket);
    doubts.add(5, removal);
    doubts.refuseTickets(failed);
    assertThat(doubts.decide(Evidence.upTo(5), 6)).isEmpty();
    assertThat(doubts.isThere(again(removal))).isTrue();
    assertThat(doubts.isThere(again(removal))).isFalse();
  }

  @Test
  void aSettlementThatWasRefusedAndIsNotThereIsLeftToItsOwner() throws Exception {
    doubts.add(5, bounce);
    doubts.refuseTickets(failed);
    doubts.refuseTickets(failed);
    assertThat(doubts.decide(Evidence.upTo(4), 6)).isEmpty();
    assertThat(doubts.isThere(again(bounce))).isFalse();
  }

  @Test
  void aSettlementThatNobodyWasToldOfIsWrittenOrConfirmed() throws Exception {
    doubts.add(5, bounce);
    assertThat(doubts.decide(Evidence.upTo(4), 6)).containsExactly(bounce);
    assertThat(doubts.decide(Evidence.upTo(6), 7)).isEmpty();
    assertThat(ticket.await()).isZero();
  }

  /// What belongs together may be found in parts when the counters are lost, and the mails are
  /// asked instead.
  @Test
  void theEndOfANoticeIsWrittenAgainWithTheNotice() throws Exception {
    var untold = bounce(null);
    var end =
        Job.Settle.of(Mails.removal(Mails.of(new QueueId(2), 1, 1, 1), Placement.INCOMING), null);
    doubts.add(5, untold);
    doubts.add(5, end);
    assertThat(doubts.decide((_, job) -> job.equals(end), 6)).containsExactly(untold, end);
  }
}
