package dev.poststation.spool;

import static dev.poststation.spool.Mails.bytes;
import static dev.poststation.spool.Mails.commit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.os.Os;
import dev.poststation.sim.Eventually;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.sim.SimEngines;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// The local spool over a simulated engine.
class SimulatedSpoolTest extends SpoolContract {
  private final SimEngines engines = new SimEngines(new SplittableRandom(1));
  private final MemoryDisk disk = new MemoryDisk();

  @Override
  Spool create() throws IOException {
    var real = Os.real();
    var os = new Os(real.time(), real.network(), real.tasks(), real.chance(), disk);
    return LocalSpool.open(os, Path.of("/data"), LocalSpoolTest.SETTINGS, engines, 16 << 20);
  }

  @Override
  Spool reopen(Spool closed) throws IOException {
    return create();
  }

  private boolean isAside(Mail mail) {
    try {
      return spool.load(mail.id()).isEmpty();
    } catch (SpoolException _) {
      return false; // Until the engine was examined.
    }
  }

  private boolean isRemoved(Mail mail) {
    try {
      spool.settleDurably(Mails.removal(mail, Placement.INCOMING));
      return true;
    } catch (SpoolException _) {
      return false;
    }
  }

  @Test
  void aMailWhoseContentIsDamagedIsSetAside() throws IOException {
    Mail damaged = commit(spool, bytes("x"), 1);
    Mail sound = commit(spool, bytes("y"), 1);
    engines.damageContent(damaged.id());
    assertThatThrownBy(() -> Mails.read(spool.content(damaged))).hasMessageContaining("is damaged");
    assertThat(spool.incoming(QueueId.FIRST, 10)).containsExactly(sound.id());
    assertThat(spool.usage().corrupt()).isEqualTo(1);
    assertThat(Mails.read(spool.content(sound))).isEqualTo(bytes("y"));
  }

  @Test
  void aMailWhoseEnvelopeIsDamagedIsSetAsideWhenTheSpoolWasCopiedAroundIt() throws IOException {
    Mail damaged = commit(spool, bytes("x"), 1);
    Mail sound = commit(spool, bytes("y"), 1);
    engines.damageMail(damaged.id());
    Eventually.eventually("it is set aside", () -> isAside(damaged));
    assertThat(spool.incoming(QueueId.FIRST, 10)).containsExactly(sound.id());
    assertThat(spool.usage().corrupt()).isEqualTo(1);
  }

  @Test
  void aDiskThatFillsUpRefusesNewMailAndWorksAgainWhenThereIsRoom() throws IOException {
    Mail mail = commit(spool, Mails.content(10_000, 1), 1);
    engines.capacity(12_000);
    assertThatThrownBy(() -> commit(spool, Mails.content(10_000, 2), 1))
        .isInstanceOfSatisfying(SpoolException.class, e -> assertThat(e.full()).isTrue());
    // Who asks while the engine is opened anew is refused, as the queue is, and asks again.
    Eventually.eventually("it is opened anew", () -> isRemoved(mail));
    Mail next = commit(spool, Mails.content(10_000, 3), 1);
    assertThat(spool.incoming(QueueId.FIRST, 10)).containsExactly(next.id());
  }
}
