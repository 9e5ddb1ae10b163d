package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;

import dev.poststation.config.Fallback;
import dev.poststation.config.Pool;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.RepeatedTest;

/// Several destinations of a connector see its last free connections at the same time, and some
/// have them. The clock stands still: nothing that was forgotten is found later.
class LastConnectionTest {
  private static final Pool FOUR = new Pool(1, List.of(), List.of(), 4, Pool.Per.CONNECTOR);
  private static final int DESTINATIONS = 8;

  @RepeatedTest(50)
  void whoHasNoneGoesToTheNextConnector() throws Exception {
    var gate = new Semaphore(0);
    try (var scenario = new Scenario()) {
      scenario.routes = _ -> List.of("first", "second");
      scenario.fallback = EnumSet.allOf(Fallback.class);
      scenario.connectors =
          name -> name.equals("first") ? Scenario.connector(name, FOUR) : Scenario.connector(name);
      scenario.destination = (by, domain) -> by.name() + ":" + domain;
      scenario.duringSend = gate::acquireUninterruptibly;
      var together = new CountDownLatch(1);
      List<Thread> clients = new ArrayList<>();
      for (int i = 0; i < DESTINATIONS; i++) {
        var mail = scenario.commit("lan", "anna@d" + i + ".example");
        clients.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      QueueTest.await(together);
                      scenario.handOver(mail);
                    }));
      }
      together.countDown();
      eventually("all are carried", () -> scenario.concurrent.get() == DESTINATIONS);
      gate.release(DESTINATIONS);
      for (var client : clients) {
        client.join();
      }
    }
  }
}
