package dev.poststation.spool;

import static dev.poststation.sim.Eventually.eventually;
import static dev.poststation.spool.Mails.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.TraceSettings;
import dev.poststation.message.QueueId;
import dev.poststation.os.Os;
import dev.poststation.sim.SimTime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `trace.keep`: a trace that is old enough goes, however few there are, and none goes before. The
/// clock of the relay is simulated; the age of a table is by the machine's.
class TraceAgeTest {
  @TempDir Path data;
  private final SimTime time = new SimTime();

  private LocalSpool open(Duration keep) throws IOException {
    var real = Os.real();
    var os = new Os(time, real.network(), real.tasks(), real.chance(), real.disk());
    var trace = new TraceSettings(keep, 1L << 30, true);
    return LocalSpool.open(os, data, LocalSpoolTest.SETTINGS, trace, 1 << 20);
  }

  private static QueueId deliver(Spool spool) throws IOException {
    var mail = Mails.commit(spool, bytes("x"), 1);
    spool.settle(Mails.removal(mail, Placement.INCOMING));
    return mail.id();
  }

  private static int entries(Spool spool, QueueId id) {
    try {
      return spool.trace(id).size();
    } catch (SpoolException e) {
      throw new AssertionError(e);
    }
  }

  private void awaitEnd(Spool spool, QueueId id) {
    eventually(
        "its trace is gone",
        () -> {
          time.advance(Duration.ofMinutes(1));
          return entries(spool, id) == 0;
        });
  }

  @Test
  void whereThereAreFewTracesEachGoesAllTheSame() throws IOException {
    QueueId last;
    try (var spool = open(Duration.ofSeconds(1))) {
      var first = deliver(spool);
      assertThat(entries(spool, first)).isEqualTo(2);
      awaitEnd(spool, first);
      awaitEnd(spool, deliver(spool));
      last = deliver(spool);
    }
    try (var spool = open(Duration.ofSeconds(1))) {
      awaitEnd(spool, last);
      assertThat(spool.usage().mails()).isZero();
    }
  }

  @Test
  void noneGoesBeforeItsTimeHoweverOftenOneLooks() throws IOException {
    List<QueueId> ids = new ArrayList<>();
    try (var spool = open(Duration.ofHours(1))) {
      for (int round = 0; round < 60; round++) {
        ids.add(deliver(spool));
        time.advance(Duration.ofMinutes(3));
        assertThat(entries(spool, ids.getLast())).isEqualTo(2);
      }
    }
    try (var spool = open(Duration.ofHours(1))) {
      assertThat(ids).allMatch(id -> entries(spool, id) == 2);
    }
  }
}
