package dev.poststation.spool;

import static dev.poststation.spool.Mails.bytes;
import static dev.poststation.spool.Mails.commit;
import static dev.poststation.spool.Mails.removal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.message.Mail;
import dev.poststation.os.Os;
import dev.poststation.sim.MemorySpool;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class MemorySpoolTest extends SpoolContract {
  @Override
  Spool create() {
    return new MemorySpool(Os.real().time());
  }

  @Override
  Spool reopen(Spool closed) {
    return ((MemorySpool) closed).restarted();
  }

  @Test
  void aPowerCutTakesOnlySettlementsThatNoCommitFollowed() throws IOException {
    Mail first = commit(spool, bytes("x"), 1);
    Mail second = commit(spool, bytes("x"), 1);
    spool.settle(removal(first, Placement.INCOMING));
    Mail third = commit(spool, bytes("x"), 1);
    spool.settle(removal(second, Placement.INCOMING));
    var after = ((MemorySpool) spool).afterPowerCut();
    assertThat(after.incoming(dev.poststation.message.QueueId.FIRST, 10))
        .containsExactly(second.id(), third.id());
  }

  @Test
  void aPowerCutTakesNothingThatWasSynced() throws IOException {
    Mail mail = commit(spool, bytes("x"), 1);
    spool.settle(removal(mail, Placement.INCOMING));
    spool.sync();
    assertThat(((MemorySpool) spool).afterPowerCut().load(mail.id())).isEmpty();
  }

  @Test
  void itFailsWhenTold() throws IOException {
    Mail mail = commit(spool, bytes("x"), 1);
    ((MemorySpool) spool).failWith(new SpoolException("full", true));
    assertThatThrownBy(() -> commit(spool, bytes("x"), 1))
        .isInstanceOfSatisfying(SpoolException.class, e -> assertThat(e.full()).isTrue());
    spool.settle(removal(mail, Placement.INCOMING));
    ((MemorySpool) spool).failWith(null);
    assertThat(spool.load(mail.id())).isEmpty();
  }

  @Test
  void aDamagedMailIsSetAside() throws IOException {
    Mail mail = commit(spool, bytes("x"), 1);
    ((MemorySpool) spool).damage(mail.id());
    assertThat(spool.load(mail.id())).isEmpty();
    assertThat(spool.usage().mails()).isZero();
    spool.settle(removal(mail, Placement.INCOMING));
    assertThat(((MemorySpool) spool).faults()).isEmpty();
  }

  @Test
  void whatTheRealOneWouldLeaveInDisorderIsAnError() throws IOException {
    Mail mail = commit(spool, bytes("x"), 1);
    assertThatThrownBy(() -> spool.settle(removal(mail, Placement.HELD)))
        .hasMessageContaining("is settled from Held[], and is in Incoming[]");
    spool.settle(removal(mail, Placement.INCOMING));
    assertThatThrownBy(() -> spool.settle(removal(mail, Placement.INCOMING)))
        .hasMessageContaining("is not there");
    assertThat(((MemorySpool) spool).faults()).hasSize(2);
  }
}
