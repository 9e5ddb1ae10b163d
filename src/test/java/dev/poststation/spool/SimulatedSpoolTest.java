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
import dev.poststation.sim.PassingTime;
import dev.poststation.sim.SimEngines;
import dev.poststation.sim.SimEngines.Fault;
import dev.poststation.sim.SimEngines.Operation;
import dev.poststation.sim.SimTime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
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

  private boolean isSynced() {
    try {
      spool.sync();
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

  /// It was settled in place before: its states must be deleted again, too.
  @Test
  void aRemovalThatAFailedSyncLostLeavesNothingWhenItIsWrittenAgain() throws IOException {
    for (int i = 0; i < 20; i++) { // Chance decides what a sync that fails has written.
      Mail mail = commit(spool, bytes("x"), 2);
      spool.settle(Mails.move(mail, Placement.INCOMING, Placement.INCOMING, Mails.delivered(0)));
      spool.sync();
      spool.settle(Mails.removal(mail, Placement.INCOMING));
      assertThat(spool.incoming(QueueId.FIRST, 10)).isEmpty(); // It is written.
      var failing = new AtomicBoolean(true);
      engines.faults(
          (operation, _) ->
              operation == Operation.SYNCED_WRITE && failing.getAndSet(false)
                  ? Fault.IO_ERROR
                  : Fault.NONE);
      assertThatThrownBy(() -> spool.sync()).hasMessageContaining("Input/output error");
      Eventually.eventually("it is opened anew", this::isSynced);
    }
    assertThat(spool.upkeep().check(_ -> {}).found()).isEmpty();
  }

  @Test
  void aDiskThatFillsUpRefusesNewMailAndWorksAgainWhenThereIsRoom() throws IOException {
    Mail mail = commit(spool, Mails.content(10_000, 1), 1);
    engines.capacity(12_000);
    assertThatThrownBy(() -> commit(spool, Mails.content(10_000, 2), 1))
        .isInstanceOfSatisfying(SpoolException.class, e -> assertThat(e.full()).isTrue());
    // Who asks while the engine is opened anew is refused, as the queue is, and asks again.
    spool.settle(Mails.removal(mail, Placement.INCOMING));
    Eventually.eventually("it is opened anew", this::isSynced);
    Mail next = commit(spool, Mails.content(10_000, 3), 1);
    assertThat(spool.incoming(QueueId.FIRST, 10)).containsExactly(next.id());
  }

  @Test
  void aSettlementIsSyncedASecondLaterAlsoWhenTheSecondHasPassedAsTheCommitterBeginsToWait()
      throws IOException {
    var time = new SimTime();
    var busy = new SimEngines(new SplittableRandom(1));
    var passed = new AtomicBoolean();
    Runnable beforeAWait =
        () -> {
          if (busy.unsynced() > 0 && !passed.getAndSet(true)) {
            time.advance(Duration.ofSeconds(1));
          }
        };
    var real = Os.real();
    var hindered = new HinderedTime(time, beforeAWait);
    var os = new Os(hindered, real.network(), real.tasks(), real.chance(), disk);
    try (var other =
        LocalSpool.open(os, Path.of("/other"), LocalSpoolTest.SETTINGS, busy, 1 << 20)) {
      Mail mail = commit(other, bytes("x"), 1);
      other.settle(Mails.removal(mail, Placement.INCOMING));
      Eventually.eventually("it is synced", () -> passed.get() && busy.unsynced() == 0);
    }
  }

  /// A thread that is about to wait is kept from it.
  private static final class HinderedTime extends PassingTime {
    private final Runnable before;

    HinderedTime(SimTime time, Runnable before) {
      super(time);
      this.before = before;
    }

    @Override
    public Signal signal() {
      Signal signal = super.signal();
      return new Signal() {
        @Override
        public void raise() {
          signal.raise();
        }

        @Override
        public void await() throws InterruptedException {
          before.run();
          signal.await();
        }

        @Override
        public boolean await(Duration atMost) throws InterruptedException {
          before.run();
          return signal.await(atMost);
        }

        @Override
        public boolean awaitUntil(long nanos) throws InterruptedException {
          before.run();
          return signal.awaitUntil(nanos);
        }
      };
    }
  }
}
