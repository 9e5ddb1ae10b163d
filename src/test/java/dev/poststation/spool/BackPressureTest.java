package dev.poststation.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.os.Os;
import dev.poststation.sim.Eventually;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.sim.SimEngines;
import dev.poststation.sim.SimEngines.Fault;
import dev.poststation.sim.SimEngines.Operation;
import dev.poststation.sim.SimTime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// When the disk is the bottleneck, those who bring mail wait, and nothing gathers in memory; when
/// it is full they are refused for the time being; when it is well again they are served.
@Timeout(60)
class BackPressureTest {
  private static final Set<Operation> WRITES =
      Set.of(Operation.WRITE, Operation.SYNCED_WRITE, Operation.SYNC);
  private static final int CLIENTS = 20;
  private static final int PIECE = 16 * 1024;
  private static final int PIECES = 64;

  private final SimTime time = new SimTime();
  private final SimEngines engines = new SimEngines(new SplittableRandom(1));

  /// How many octets of each client the spool has taken so far.
  private final AtomicLongArray taken = new AtomicLongArray(CLIENTS);

  /// How each client fared: "acknowledged", or why not.
  private final AtomicReferenceArray<String> ends = new AtomicReferenceArray<>(CLIENTS);

  private LocalSpool open() throws IOException {
    var real = Os.real();
    var os = new Os(time, real.network(), real.tasks(), real.chance(), new MemoryDisk());
    return LocalSpool.open(os, Path.of("/data"), LocalSpoolTest.SETTINGS, engines, 0);
  }

  private void send(LocalSpool spool, int client) {
    var id = spool.nextId();
    try (var draft = spool.draft(id)) {
      for (int piece = 0; piece < PIECES; piece++) {
        draft.write(new byte[PIECE], 0, PIECE);
        taken.addAndGet(client, PIECE);
      }
      draft.commit(Mails.of(id, draft.size(), draft.chunks(), 1), List.of());
      ends.set(client, "acknowledged");
    } catch (SpoolException e) {
      ends.set(client, e.full() ? "452" : "451");
    }
  }

  private List<Thread> sendAll(LocalSpool spool) {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      int client = i;
      taken.set(client, 0);
      ends.set(client, "");
      threads.add(Thread.ofVirtual().start(() -> send(spool, client)));
    }
    return threads;
  }

  private static void join(List<Thread> threads) throws InterruptedException {
    for (Thread thread : threads) {
      assertThat(thread.join(Duration.ofSeconds(30))).isTrue();
    }
  }

  @Test
  void aDiskThatStandsStillMakesClientsWaitAndHoldsNextToNothingOfTheirMail() throws Exception {
    try (var spool = open()) {
      var moves = new CountDownLatch(1);
      engines.faults(
          (operation, _) -> {
            if (WRITES.contains(operation)) {
              await(moves);
            }
            return Fault.NONE;
          });
      var threads = sendAll(spool);
      Eventually.eventually(
          "all wait",
          () -> threads.stream().allMatch(each -> each.getState() == Thread.State.WAITING));
      for (int client = 0; client < CLIENTS; client++) {
        // One chunk on its way to the disk, one that fills.
        assertThat(taken.get(client)).isLessThanOrEqualTo(2 * 64 * 1024);
        assertThat(ends.get(client)).isEmpty();
      }
      moves.countDown();
      join(threads);
      for (int client = 0; client < CLIENTS; client++) {
        assertThat(ends.get(client)).isEqualTo("acknowledged");
      }
      assertThat(spool.usage().mails()).isEqualTo(CLIENTS);
    }
  }

  @Test
  void aDiskThatIsFullRefusesForTheTimeBeingAndWhenItHasRoomAllIsTaken() throws Exception {
    try (var spool = open()) {
      engines.faults((operation, _) -> WRITES.contains(operation) ? Fault.NO_SPACE : Fault.NONE);
      join(sendAll(spool));
      for (int client = 0; client < CLIENTS; client++) {
        assertThat(ends.get(client)).isIn("452", "451");
      }
      engines.faults(SimEngines.Faults.NONE);
      Eventually.eventually(
          "mail is taken again",
          () -> {
            time.advance(Duration.ofSeconds(1));
            send(spool, 0);
            return ends.get(0).equals("acknowledged");
          });
      long before = spool.usage().mails();
      join(sendAll(spool));
      assertThat(spool.usage().mails()).isEqualTo(before + CLIENTS);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
