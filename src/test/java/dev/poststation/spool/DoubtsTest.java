package dev.poststation.spool;

import static dev.poststation.spool.Mails.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.message.QueueId;
import java.util.List;
import org.junit.jupiter.api.Test;

class DoubtsTest {
  private final SpoolException failed = new SpoolException("the disk fails", false);

  private final Doubts doubts = new Doubts();
  private final Ticket<Integer> ticket = new Ticket<>();
  private final Job.Settle bounce = bounce(ticket);

  private static Job.Settle bounce(Ticket<Integer> ticket) {
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
  void aSettlementThatWasRefusedAndIsThereIsNotWrittenAgain() {
    doubts.add(5, bounce);
    doubts.refuseTickets(failed);
    assertThatThrownBy(ticket::await).hasMessageContaining("the disk fails");
    assertThat(doubts.decide(5, 6)).isEmpty();
    assertThat(doubts.isThere(bounce(new Ticket<>()))).isTrue();
    assertThat(doubts.isThere(bounce(new Ticket<>()))).isFalse();
  }

  @Test
  void aSettlementThatWasRefusedAndIsNotThereIsLeftToItsOwner() {
    doubts.add(5, bounce);
    doubts.refuseTickets(failed);
    doubts.refuseTickets(failed);
    assertThat(doubts.decide(4, 6)).isEmpty();
    assertThat(doubts.isThere(bounce(new Ticket<>()))).isFalse();
  }

  @Test
  void aSettlementThatNobodyWasToldOfIsWrittenOrConfirmed() throws Exception {
    doubts.add(5, bounce);
    assertThat(doubts.decide(4, 6)).containsExactly(bounce);
    assertThat(doubts.decide(6, 7)).isEmpty();
    assertThat(ticket.await()).isZero();
  }
}
